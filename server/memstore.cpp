// otel-add-on's REST API: the same paths, shapes and indentation. Its listings are in
// memstore_listing.cpp.

#include <optional>
#include <utility>

#include "server/handlers.h"
#include "server/info.h"

namespace server {
namespace {

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

// On the first ingest thread.
tsdb::Answer read_store(const tsdb::Shards& store, const tsdb::Question& question, Timestamp now,
                        ReadMetrics* reads) {
  const tsdb::Answer answer = store.evaluate(question, now);
  const bool value = answer.state == tsdb::Answer::State::value;
  if (reads != nullptr)
    reads->read(question, answer, value ? std::optional(answer.value) : std::nullopt);
  return answer;
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

}  // namespace

Result<Response> show_info(const Call& call) {
  json::Object info;
  for (const auto& [name, value] : runtime_info(call.rest->with.info)) info[name] = value;
  return json_response_indented(info);
}

Task<Result<Response>> query_memstore(Call call) {
  CO_TRY(const auto question, read_question(call.request.body));
  auto ask = [question, now = call.now(), reads = call.rest->with.reads](
                 const tsdb::Shards& store) { return read_store(store, question, now, reads); };
  CO_TRY(const auto answer, co_await ask_store(call.rest, std::move(ask)));
  co_return json_response_indented(to_query_answer(answer));
}

Task<Result<Response>> reset_memstore(Call call) {
  auto ask = [](tsdb::Shards& store) {
    store.reset();
    return true;
  };
  CO_TRY_VOID(co_await ask_store(call.rest, std::move(ask)));
  call.rest->with.log.info("series forgotten on request", {{"peer", call.request.peer}});
  co_return json_response_indented(query_answer("reset", 0, ""));
}

}  // namespace server
