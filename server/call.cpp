#include "server/call.h"

#include <fmt/format.h>

#include <charconv>

namespace server {
namespace {

constexpr int otel_add_on_indent = 4;

Response with_body(std::string_view type, std::string body) {
  return {.headers = {{"content-type", std::string(type)}, {"cache-control", "no-store"}},
          .body = std::move(body)};
}

}  // namespace

Response json_response(const json::Value& value) {
  return with_body("application/json", json::print(value) + "\n");
}

Response json_response_indented(const json::Value& value) {
  return with_body("application/json", json::print_pretty(value, otel_add_on_indent));
}

Response text_response(std::string text) {
  return with_body("text/plain; charset=utf-8", std::move(text));
}

Response error_response(const Error& error) {
  Response response = json_response_indented(json::Object{{"error", error.what}});
  response.status = base::code_row(error.code).http_status;
  return response;
}

Result<std::int64_t> int_parameter(const net::http::Request& request, std::string_view name,
                                   std::int64_t fallback,
                                   std::pair<std::int64_t, std::int64_t> bounds) {
  const auto text = request.parameter(name);
  if (!text) return fallback;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  const bool number = error == std::errc{} && end == text->data() + text->size();
  if (!number || value < bounds.first || value > bounds.second) {
    return fail(Code::invalid, fmt::format("{}: \"{}\" is not a whole number from {} to {}", name,
                                           *text, bounds.first, bounds.second));
  }
  return value;
}

}  // namespace server
