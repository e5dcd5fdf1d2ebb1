#include "server/rest.h"

#include <utility>

#include "server/call.h"
#include "server/origin.h"
#include "server/routes.h"

namespace server {
namespace {

struct Found {
  const Route* route = nullptr;
  std::vector<std::string> captures;
  std::string allowed;  // methods of routes that fit the path but not the method
};

Found find_route(const net::http::Request& request) {
  Found found;
  for (const Route& route : routes()) {
    auto captures = match(route.pattern, request.path);
    if (!captures) continue;
    if (route.method == request.method)
      return {.route = &route, .captures = std::move(*captures), .allowed = {}};
    found.allowed += (found.allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  return found;
}

Response no_route(const net::http::Request& request, const std::string& allowed) {
  if (allowed.empty())
    return error_response(
        {Code::not_found, "nothing is at " + request.path + "; see /openapi.json"});
  Response response = error_response({Code::invalid, "use " + allowed});
  response.status = 405;
  response.headers.add("allow", allowed);
  return response;
}

// What to say to a request that may not go on; nullopt: it may.
std::optional<Response> refusal(const RestDependencies& with, const net::http::Request& request) {
  const auto origin = check_origin(request, with.bind);
  if (!origin) return error_response(origin.error());
  if (with.token == nullptr || !changes_something(request.method)) return std::nullopt;
  const auto token = with.token->check(request.headers);
  if (token) return std::nullopt;
  Response response = error_response(token.error());
  response.headers.add("www-authenticate", "Bearer");
  return response;
}

Task<Response> answer(std::shared_ptr<RestState> state, net::http::Request request) {
  auto refused = refusal(state->with, request);
  if (refused) co_return std::move(*refused);
  Found found = find_route(request);
  if (found.route == nullptr) co_return no_route(request, found.allowed);
  Call call{.rest = std::move(state),
            .request = std::move(request),
            .captures = std::move(found.captures)};
  Result<Response> response;
  if (const Now* now = std::get_if<Now>(&found.route->handler)) {
    response = (*now)(call);
  } else {
    response = co_await std::get<Later>(found.route->handler)(std::move(call));
  }
  co_return response ? std::move(*response) : error_response(response.error());
}

Task<Response> answer_safely(std::shared_ptr<RestState> state, net::http::Request request) {
  Response response = co_await answer(std::move(state), std::move(request));
  response.headers.add("x-content-type-options", "nosniff");
  response.headers.add("referrer-policy", "no-referrer");
  co_return response;
}

}  // namespace

net::http::Handler make_rest(RestDependencies dependencies) {
  auto state = std::make_shared<RestState>(std::move(dependencies));
  return [state](net::http::Request request) { return answer_safely(state, std::move(request)); };
}

}  // namespace server
