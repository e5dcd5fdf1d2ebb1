#include "net/http1_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace net::http1 {
namespace {

constexpr std::array<std::string_view, 3> framing_fields = {"connection", "content-length",
                                                            "transfer-encoding"};

bool is_framing(std::string_view name) {
  return std::ranges::any_of(framing_fields,
                             [name](auto field) { return http::same_word(field, name); });
}

void append_clean(std::string& out, std::string_view text) {
  std::ranges::copy_if(text, std::back_inserter(out),
                       [](char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\t'; });
}

void append_fields(std::string& out, const http::Headers& headers) {
  for (const auto& [name, value] : headers.all()) {
    if (is_framing(name)) continue;
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += "\r\n";
  }
}

// These have no body, whatever the handler says.
bool is_bodyless(int status) {
  return status / 100 == 1 || status == 204 || status == 304;
}

}  // namespace

std::string response_head(int status, const http::Headers& headers, Framing framing) {
  std::string out;
  out.reserve(256);
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", status, http::reason(status));
  append_fields(out, headers);
  if (framing.kind == Framing::Kind::length && !is_bodyless(status)) {
    fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", framing.length);
  }
  if (framing.kind == Framing::Kind::chunked) out += "transfer-encoding: chunked\r\n";
  if (framing.close) out += "connection: close\r\n";
  out += "\r\n";
  return out;
}

std::string request_text(const http::Request& request, std::string_view host) {
  std::string out;
  out.reserve(256 + request.body.size());
  append_clean(out, request.method);
  out += ' ';
  append_clean(out, request.path);
  if (!request.query.empty()) {
    out += '?';
    append_clean(out, request.query);
  }
  out += " HTTP/1.1\r\nhost: ";
  append_clean(out, host);
  out += "\r\n";
  append_fields(out, request.headers);
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT") {
    fmt::format_to(std::back_inserter(out), "content-length: {}\r\n", request.body.size());
  }
  out += "\r\n";
  out += request.body;
  return out;
}

std::string chunk(std::string_view bytes) {
  return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

}  // namespace net::http1
