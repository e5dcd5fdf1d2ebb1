#include "net/message.h"

#include <algorithm>
#include <array>

namespace net::http {
namespace {

struct ReasonRow {
  int status;
  std::string_view text;
};

constexpr std::array reasons = {
    ReasonRow{100, "Continue"},
    ReasonRow{200, "OK"},
    ReasonRow{201, "Created"},
    ReasonRow{202, "Accepted"},
    ReasonRow{204, "No Content"},
    ReasonRow{301, "Moved Permanently"},
    ReasonRow{302, "Found"},
    ReasonRow{304, "Not Modified"},
    ReasonRow{307, "Temporary Redirect"},
    ReasonRow{308, "Permanent Redirect"},
    ReasonRow{400, "Bad Request"},
    ReasonRow{401, "Unauthorized"},
    ReasonRow{403, "Forbidden"},
    ReasonRow{404, "Not Found"},
    ReasonRow{405, "Method Not Allowed"},
    ReasonRow{406, "Not Acceptable"},
    ReasonRow{408, "Request Timeout"},
    ReasonRow{409, "Conflict"},
    ReasonRow{410, "Gone"},
    ReasonRow{413, "Content Too Large"},
    ReasonRow{415, "Unsupported Media Type"},
    ReasonRow{417, "Expectation Failed"},
    ReasonRow{422, "Unprocessable Content"},
    ReasonRow{429, "Too Many Requests"},
    ReasonRow{431, "Request Header Fields Too Large"},
    ReasonRow{499, "Client Closed Request"},
    ReasonRow{500, "Internal Server Error"},
    ReasonRow{501, "Not Implemented"},
    ReasonRow{502, "Bad Gateway"},
    ReasonRow{503, "Service Unavailable"},
    ReasonRow{504, "Gateway Timeout"},
    ReasonRow{505, "HTTP Version Not Supported"},
};
static_assert(std::ranges::is_sorted(reasons, {}, &ReasonRow::status));

constexpr char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

constexpr bool is_unreserved(char c) {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

// -1 for what is no hexadecimal digit.
constexpr int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
  const auto field =
      std::ranges::find_if(fields_, [name](const auto& f) { return same_word(f.first, name); });
  if (field == fields_.end()) return std::nullopt;
  return field->second;
}

std::optional<std::string> Request::parameter(std::string_view name) const {
  std::string_view rest = query;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto key = percent_decode(pair.substr(0, equals), true);
    if (!key || *key != name) continue;
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    return value ? std::optional(std::move(*value)) : std::nullopt;
  }
  return std::nullopt;
}

std::string_view reason(int status) {
  const auto row = std::ranges::lower_bound(reasons, status, {}, &ReasonRow::status);
  return row != reasons.end() && row->status == status ? row->text : std::string_view{};
}

Result<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
      const int low = high < 0 ? -1 : hex_value(text[i + 2]);
      if (low < 0) return fail(Code::invalid, "bad percent-encoding");
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string percent_encode(std::string_view text, std::string_view keep) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (is_unreserved(c) || keep.contains(c)) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

}  // namespace net::http
