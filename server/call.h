#pragma once

// One request on its way through a route: what every handler of the REST port gets.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/json.h"
#include "net/http.h"
#include "server/rest.h"

namespace server {

// What the handlers share. Confined to the control loop.
struct RestState {
  RestDependencies with;
  std::size_t event_clients = 0;
};

// One request, by value: it lives in the handler's frame.
struct Call {
  std::shared_ptr<RestState> rest;
  net::http::Request request;
  std::vector<std::string> captures;  // what the pattern's {names} matched, in order

  control::Board& board() const { return rest->with.board; }
  Timestamp now() const { return rest->with.clock.now(); }
};

using net::http::Response;

// The thread that owns the series may be busy, or gone while we stop.
inline constexpr Duration store_deadline = std::chrono::seconds(5);

namespace call_detail {

template <class T>
Task<Result<T>> as_result(Task<T> task) {
  co_return co_await std::move(task);
}

}  // namespace call_detail

// Runs `ask(store)` on the first ingest thread. Errors: timeout.
template <class Ask>
Task<Result<std::invoke_result_t<Ask&, tsdb::Shards&>>> ask_store(std::shared_ptr<RestState> rest,
                                                                  Ask ask) {
  using T = std::invoke_result_t<Ask&, tsdb::Shards&>;
  Task<T> asked = rest->with.store.ask(std::move(ask));
  co_return co_await base::with_deadline(call_detail::as_result<T>(std::move(asked)),
                                         store_deadline);
}

// Compact JSON of our own API; indented by 4 as otel-add-on writes it.
Response json_response(const json::Value& value);
Response json_response_indented(const json::Value& value);
Response text_response(std::string text);

// {"error": what} with the status of its code.
Response error_response(const Error& error);

// A query parameter as a whole number within bounds; `fallback` when it is not given. Errors:
// invalid, naming it.
Result<std::int64_t> int_parameter(const net::http::Request& request, std::string_view name,
                                   std::int64_t fallback,
                                   std::pair<std::int64_t, std::int64_t> bounds);

}  // namespace server
