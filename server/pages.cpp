#include "server/assets.h"
#include "server/handlers.h"
#include "server/openapi.h"

namespace server {
namespace {

constexpr const char* content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
constexpr std::string_view index_page = "index.html";
constexpr const char* api_page = "/#/api";

// The browser asks again each time and mostly hears that nothing changed.
Result<Response> serve(const net::http::Request& request, std::string_view name) {
  const Asset* asset = find_asset(name);
  if (asset == nullptr) return fail(Code::not_found, "no file " + std::string(name));
  const std::string etag = "\"" + std::string(asset->hash) + "\"";
  Response response{.headers = {{"etag", etag},
                                {"cache-control", "no-cache"},
                                {"content-security-policy", content_security_policy}}};
  const auto known = request.headers.find("if-none-match");
  if (known && known->find(etag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.headers.add("content-type", std::string(content_type(name)));
  response.body = asset->bytes;
  return response;
}

}  // namespace

Result<Response> show_page(const Call& call) {
  return serve(call.request, index_page);
}

Result<Response> show_asset(const Call& call) {
  return serve(call.request, call.captures[0]);
}

Result<Response> redirect_to_api_page(const Call&) {
  return Response{.status = 308, .headers = {{"location", api_page}}};
}

Result<Response> show_openapi(const Call&) {
  return json_response(openapi_document());
}

Result<Response> show_health(const Call&) {
  return text_response("ok\n");
}

Result<Response> show_readiness(const Call& call) {
  const auto& missing = call.rest->with.missing;
  const auto parts = missing ? missing() : std::vector<std::string>{};
  if (parts.empty()) return text_response("ready\n");
  std::string text = "not ready:\n";
  for (const auto& part : parts) text += "- " + part + "\n";
  Response response = text_response(std::move(text));
  response.status = 503;
  return response;
}

}  // namespace server
