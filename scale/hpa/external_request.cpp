#include "scale/hpa/external_request.h"

#include <fmt/format.h>

#include <algorithm>

namespace scale::hpa {
namespace {

constexpr std::string_view path_extra = "-_.~$&+,:;=@";  // a segment holds these as they are
constexpr std::string_view form_extra = "-_.~";

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string percent_encoded(std::string_view text, std::string_view extra) {
  std::string out;
  for (const char c : text) {
    if (is_alphanumeric(c) || extra.contains(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

std::string form_encoded(std::string_view text) {
  std::string out = percent_encoded(text, form_extra);
  for (std::size_t at = out.find("%20"); at != out.npos; at = out.find("%20", at)) {
    out.replace(at, 3, "+");
  }
  return out;
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

}  // namespace

Result<ExternalRequest> external_request(std::string_view name_space, std::string_view metric,
                                         const std::optional<Selector>& selector) {
  ExternalRequest request{
      .path = fmt::format("/apis/external.metrics.k8s.io/v1beta1/namespaces/{}/{}",
                          percent_encoded(name_space, path_extra),
                          percent_encoded(lower(metric), path_extra)),
      .query = {}};
  if (!selector) return request;
  TRY(const std::string text, selector_text(*selector));
  if (!text.empty()) request.query = "labelSelector=" + form_encoded(text);
  return request;
}

}  // namespace scale::hpa
