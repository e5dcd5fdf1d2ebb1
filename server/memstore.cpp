// otel-add-on's REST API: the same paths, shapes and indentation.

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "server/handlers.h"
#include "server/info.h"
#include "server/samples.h"

namespace server {
namespace {

// Listed at most; the rest of a larger metric is left out of /memstore/data.
constexpr std::size_t series_per_metric_max = 10'000;
constexpr std::string_view query_operation = "query";
constexpr double no_value = -1;

json::Object query_answer(std::string_view operation, json::Value value, std::string_view error) {
  return {{"ok", true}, {"operation", operation}, {"error", error}, {"value", std::move(value)}};
}

Result<tsdb::Question> read_question(const std::string& body) {
  TRY(const auto document, json::parse(body));
  const auto query = json::text_at(document, "query");
  const auto operation = json::text_at(document, "operationOverTime");
  if (!query) return fail(Code::invalid, "query: missing");
  if (!operation) return fail(Code::invalid, "operationOverTime: missing");
  tsdb::Question question;
  TRY(question.query, tsdb::parse_metric_query(*query));
  TRY(question.operation, tsdb::parse_operation(*operation));
  return question;
}

json::Object to_query_answer(const tsdb::Answer& answer) {
  switch (answer.state) {
    case tsdb::Answer::State::value:
      return query_answer(query_operation, answer.value, "");
    case tsdb::Answer::State::not_a_number:
      return query_answer(query_operation, nullptr, "the result is not a number");
    case tsdb::Answer::State::stale:
      return query_answer(query_operation, no_value, "Metric is stale");
    case tsdb::Answer::State::absent:
      break;
  }
  return query_answer(query_operation, no_value, "Metric not found");
}

std::vector<tsdb::SeriesRow> rows_of(const tsdb::Store& store, const std::string& name,
                                     Timestamp now) {
  tsdb::Question question;
  question.query.metric = name;
  const std::size_t series = store.evaluate(question, now).matched;
  return store.rows(name, std::min(series, series_per_metric_max));
}

// One metric's member of the answer, indented as in the whole.
std::string data_member(const std::string& name, const std::vector<tsdb::SeriesRow>& rows) {
  json::Array list;
  for (const auto& row : rows) list.push_back(to_json(row));
  const std::string whole = json::print_pretty(json::Object{{name, std::move(list)}}, 4);
  return whole.substr(2, whole.size() - 4);  // without "{\n" and "\n}"
}

Task<Result<std::string>> fetch_member(std::shared_ptr<RestState> rest, std::string name) {
  auto ask = [name, now = rest->with.clock.now()](const tsdb::Store& store) {
    return rows_of(store, name, now);
  };
  CO_TRY(const auto rows, co_await ask_store(std::move(rest), std::move(ask)));
  co_return rows.empty() ? std::string() : data_member(name, rows);
}

// One metric after the other, so that neither thread holds more than one of them.
Task<void> write_data(std::shared_ptr<RestState> rest, std::vector<std::string> names,
                      net::http::BodyWriter& out) {
  std::string before = "{\n";
  for (const auto& name : names) {
    auto member = co_await fetch_member(rest, name);
    if (!member) {
      rest->with.log.warn("listing of series cut short", {{"error", member.error().what}});
      break;
    }
    if (member->empty()) continue;
    auto written = co_await out.write(std::exchange(before, ",\n") + *member);
    if (!written) co_return;
  }
  auto ended = co_await out.write(before == "{\n" ? "{}" : "\n}");
  if (!ended) rest->with.log.debug("client left a listing", {{"error", ended.error().what}});
}

}  // namespace

Result<Response> show_info(const Call& call) {
  json::Object info;
  for (const auto& [name, value] : runtime_info(call.rest->with.info)) info[name] = value;
  return json_response_indented(info);
}

Task<Result<Response>> list_names(Call call) {
  auto ask = [](const tsdb::Store& store) { return store.names(); };
  CO_TRY(const auto names, co_await ask_store(call.rest, std::move(ask)));
  if (names.empty()) co_return json_response_indented(nullptr);
  co_return json_response_indented(json::Array(names.begin(), names.end()));
}

Task<Result<Response>> list_data(Call call) {
  auto ask = [](const tsdb::Store& store) { return store.names(); };
  CO_TRY(auto names, co_await ask_store(call.rest, std::move(ask)));
  Response response{
      .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}};
  response.stream = [rest = call.rest, names = std::move(names)](net::http::BodyWriter& out) {
    return write_data(rest, names, out);
  };
  co_return response;
}

Task<Result<Response>> query_memstore(Call call) {
  CO_TRY(const auto question, read_question(call.request.body));
  auto ask = [question, now = call.now()](const tsdb::Store& store) {
    return store.evaluate(question, now);
  };
  CO_TRY(const auto answer, co_await ask_store(call.rest, std::move(ask)));
  co_return json_response_indented(to_query_answer(answer));
}

Task<Result<Response>> reset_memstore(Call call) {
  auto ask = [](tsdb::Store& store) {
    store.reset();
    return true;
  };
  CO_TRY_VOID(co_await ask_store(call.rest, std::move(ask)));
  call.rest->with.log.info("series forgotten on request", {{"peer", call.request.peer}});
  co_return json_response_indented(query_answer("reset", 0, ""));
}

}  // namespace server
