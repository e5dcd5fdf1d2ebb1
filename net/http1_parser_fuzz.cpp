// HTTP/1.1 parsing: cutting the bytes anywhere changes neither what is read nor what is refused,
// and limits hold.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "net/http1_parser.h"

namespace {

using net::http1::ParseLimits;
using net::http1::RequestParser;
using net::http1::ResponseParser;

constexpr ParseLimits limits{.header_bytes_max = 512, .body_bytes_max = 256};

struct Outcome {
  int status = 0;  // of the refusal; 0: none
  bool done = false;
  std::string text;

  bool operator==(const Outcome&) const = default;
};

Outcome parse(std::string_view bytes, std::size_t step) {
  RequestParser parser(limits);
  std::string buffer;
  for (std::size_t i = 0; i < bytes.size() && !parser.done(); i += step) {
    buffer += bytes.substr(i, step);
    const auto used = parser.feed(buffer);
    if (!used) return {used.error().status, false, {}};
    CHECK(*used <= buffer.size());
    buffer.erase(0, *used);
  }
  CHECK(parser.body_bytes() <= limits.body_bytes_max);
  if (!parser.done()) return {};
  const auto request = parser.take();
  std::string text =
      request.method + " " + request.path + "?" + request.query + "\n" + request.body;
  for (const auto& [name, value] : request.headers.all()) text += "\n" + name + ":" + value;
  return {0, true, text};
}

void parse_response(std::string_view bytes, std::size_t step) {
  ResponseParser parser(limits, ResponseParser::Body::expected);
  std::string buffer;
  for (std::size_t i = 0; i < bytes.size() && !parser.done(); i += step) {
    buffer += bytes.substr(i, step);
    const auto used = parser.feed(buffer);
    if (!used) return;
    CHECK(*used <= buffer.size());
    buffer.erase(0, *used);
  }
  if (!parser.done()) static_cast<void>(parser.end());
  CHECK(parser.take().body.size() <= limits.body_bytes_max);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = parse(bytes, size + 1);
  for (const std::size_t step : {1, 3, 64}) {
    const Outcome cut = parse(bytes, step);
    // What is refused as a whole may still be incomplete, or refused for another reason, in pieces.
    CHECK(whole.done == cut.done || whole.status != 0 || cut.status != 0);
    if (whole.done && cut.done) CHECK(whole == cut);
  }
  parse_response(bytes, size + 1);
  parse_response(bytes, 1);
  return 0;
}
