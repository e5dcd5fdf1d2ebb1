#include "cli/exporter_variables.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <utility>

namespace cli {
namespace {

constexpr std::string_view of_metrics = "OTEL_EXPORTER_OTLP_METRICS_";
constexpr std::string_view of_all = "OTEL_EXPORTER_OTLP_";

// Said by the protocol itself.
constexpr std::array<std::string_view, 7> own_names = {
    "connection", "content-encoding", "content-length", "content-type", "host",
    "te",         "transfer-encoding"};

OptionText read(const Environment& environment, std::string_view name) {
  for (const std::string_view prefix : {of_metrics, of_all}) {
    std::string variable = fmt::format("{}{}", prefix, name);
    auto text = environment(variable);
    if (text && !text->empty()) return {*std::move(text), std::move(variable)};
  }
  return {};
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white = " \t";
  const auto begin = std::min(text.find_first_not_of(white), text.size());
  return text.substr(begin, text.find_last_not_of(white) - begin + 1);
}

// RFC 9110 section 5.6.2.
bool is_name_char(char c) {
  constexpr std::string_view others = "!#$%&'*+-.^_`|~";
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || others.contains(c);
}

bool is_value_char(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte >= ' ' && byte != 0x7f) || c == '\t';
}

Result<std::string> read_name(std::string_view text) {
  std::string name(trimmed(text));
  if (name.empty() || !std::ranges::all_of(name, is_name_char))
    return fail(Code::invalid, "its name is no header's");
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (std::ranges::find(own_names, name) != own_names.end() || name.starts_with("grpc-"))
    return fail(Code::invalid, name + " is set by the protocol");
  return name;
}

Result<void> add(net::http::Headers& headers, std::string_view item) {
  const auto equals = item.find('=');
  if (equals == item.npos) return fail(Code::invalid, "want key=value");
  TRY(std::string name, read_name(item.substr(0, equals)));
  auto value = net::http::percent_decode(trimmed(item.substr(equals + 1)), false);
  if (!value || !std::ranges::all_of(*value, is_value_char))
    return fail(Code::invalid, "its value is no header's");
  headers.add(std::move(name), *std::move(value));
  return {};
}

}  // namespace

ExporterVariables read_exporter_variables(const Environment& environment) {
  return {.certificate = read(environment, "CERTIFICATE"),
          .client_certificate = read(environment, "CLIENT_CERTIFICATE"),
          .client_key = read(environment, "CLIENT_KEY"),
          .headers = read(environment, "HEADERS")};
}

DestinationOptions completed(DestinationOptions options, const ExporterVariables& variables) {
  if (!is_secure(options)) return options;
  if (options.ca_file.empty() && !options.insecure_skip_verify)
    options.ca_file = variables.certificate;
  if (options.cert_file.empty() && options.key_file.empty()) {
    options.cert_file = variables.client_certificate;
    options.key_file = variables.client_key;
  }
  return options;
}

Result<net::http::Headers> parse_headers(const OptionText& headers) {
  net::http::Headers out;
  std::string_view rest = headers.text;
  for (int number = 1; !rest.empty(); ++number) {
    const auto comma = std::min(rest.find(','), rest.size());
    const std::string_view item = trimmed(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    if (item.empty()) continue;
    const auto added = add(out, item);
    if (!added) return fail(fmt::format("{}: item {}", headers.by, number), added.error());
  }
  return out;
}

}  // namespace cli
