#include <algorithm>
#include <tuple>
#include <utility>

#include "server/handlers.h"
#include "server/histogram_view.h"
#include "server/views.h"

namespace server {
namespace {

constexpr std::int64_t top_max = 1'000;
constexpr std::int64_t top_default = 20;
// An ingest thread counts so many metrics before it goes on with its own work, and so many for one
// answer.
constexpr std::size_t names_per_ask = 1'000;
constexpr std::size_t metrics_per_ask = 64;
constexpr std::size_t metrics_counted_max = 10'000;
constexpr std::int64_t histograms_max = 100;
constexpr std::int64_t histograms_default = 20;

struct MetricLoad {
  std::string name;
  std::uint32_t series = 0;
  double samples = 0;
};

Result<tsdb::Question> read_question(const net::http::Request& request) {
  const auto query = request.parameter("query");
  if (!query) return fail(Code::invalid, "query: missing");
  tsdb::Question question;
  TRY(question.query, tsdb::parse_metric_query(*query));
  if (const auto operation = request.parameter("operationOverTime");
      operation && !operation->empty()) {
    TRY(question.operation, tsdb::parse_operation(*operation));
  }
  if (const auto window = request.parameter("window"); window && !window->empty()) {
    TRY(question.window, base::parse_duration(*window));
    if (*question.window <= Duration{0}) return fail(Code::invalid, "window: not above 0");
  }
  return question;
}

std::size_t count_series(const tsdb::Shards& store) {
  return store.series_count();
}

// All names, a slice at a time.
struct Names {
  std::size_t count = 0;
  std::vector<std::string> first;  // metrics_counted_max at most
};

Task<Result<Names>> list_metrics(std::shared_ptr<RestState> rest) {
  Names names;
  for (std::optional<std::string> from = ""; from;) {
    auto ask = [at = std::move(*from)](const tsdb::Shards& store) {
      return store.names(at, names_per_ask);
    };
    CO_TRY(auto slice, co_await ask_store(rest, std::move(ask)));
    names.count += slice.names.size();
    for (auto& name : slice.names) {
      if (names.first.size() < metrics_counted_max) names.first.push_back(std::move(name));
    }
    from = std::move(slice.next);
  }
  co_return names;
}

// One evaluation gives both: how many series match, and how many samples they hold.
MetricLoad load_of_metric(const tsdb::Shards& store, const std::string& name, Timestamp now) {
  tsdb::Question question;
  question.query.metric = name;
  question.operation = tsdb::Operation::count;
  const tsdb::Answer answer = store.peek(question, now);
  return {.name = name, .series = answer.matched, .samples = answer.value};
}

std::vector<MetricLoad> loads_of_metrics(const tsdb::Shards& store,
                                         const std::vector<std::string>& names, Timestamp now) {
  std::vector<MetricLoad> loads;
  for (const auto& name : names) loads.push_back(load_of_metric(store, name, now));
  return loads;
}

Task<Result<std::vector<MetricLoad>>> count_metrics(std::shared_ptr<RestState> rest,
                                                    std::vector<std::string> names) {
  std::vector<MetricLoad> loads;
  for (std::size_t i = 0; i < names.size(); i += metrics_per_ask) {
    const auto first = names.begin() + static_cast<std::ptrdiff_t>(i);
    std::vector<std::string> slice(
        first, first + static_cast<std::ptrdiff_t>(std::min(metrics_per_ask, names.size() - i)));
    auto ask = [slice = std::move(slice), now = rest->with.clock.now()](const tsdb::Shards& store) {
      return loads_of_metrics(store, slice, now);
    };
    CO_TRY(const auto some, co_await ask_store(rest, std::move(ask)));
    loads.insert(loads.end(), some.begin(), some.end());
  }
  co_return loads;
}

json::Array top_metrics(std::vector<MetricLoad> loads, std::size_t limit) {
  std::ranges::sort(loads, {}, [](const MetricLoad& m) { return std::tuple(-m.samples, m.name); });
  loads.resize(std::min(loads.size(), limit));
  json::Array rows;
  for (const auto& load : loads) {
    rows.push_back(
        json::Object{{"name", load.name}, {"series", load.series}, {"samples", load.samples}});
  }
  return rows;
}

json::Array top_objects(std::vector<control::ObjectView> objects, std::size_t limit) {
  std::ranges::sort(objects, {}, [](const control::ObjectView& o) {
    return std::tuple(-std::ssize(o.problems), -load_of(o), o.key);
  });
  objects.resize(std::min(objects.size(), limit));
  json::Array rows;
  for (const auto& object : objects) {
    rows.push_back(json::Object{
        {"namespace", object.key.ns},
        {"name", object.key.name},
        {"problems", object.problems.size()},
        {"load", load_of(object)},
        {"replicas", object.replicas ? json::Value(*object.replicas) : json::Value(nullptr)},
        {"desiredReplicas", object.desired},
        {"maxReplicas", object.max},
    });
  }
  return rows;
}

}  // namespace

Task<Result<Response>> query_series(Call call) {
  CO_TRY(const auto question, read_question(call.request));
  auto ask = [question, now = call.now()](const tsdb::Shards& store) {
    return store.evaluate(question, now);
  };
  CO_TRY(const auto answer, co_await ask_store(call.rest, std::move(ask)));
  co_return json_response(to_json(question, answer, call.now()));
}

Task<Result<Response>> list_histograms(Call call) {
  CO_TRY(const auto question, read_question(call.request));
  CO_TRY(const auto limit,
         int_parameter(call.request, "limit", histograms_default, {1, histograms_max}));
  auto ask = [question, now = call.now(),
              rows = static_cast<std::size_t>(limit)](const tsdb::Shards& store) {
    return std::pair(store.histograms(question.query, question.window, now, rows),
                     store.histogram_increase(question.query, question.window, now));
  };
  CO_TRY(const auto found, co_await ask_store(call.rest, std::move(ask)));
  json::Array items;
  for (const auto& row : found.first) items.push_back(to_json(row));
  co_return json_response(
      json::Object{{"items", std::move(items)}, {"increase", to_json(found.second)}});
}

Task<Result<Response>> top(Call call) {
  CO_TRY(const auto limit, int_parameter(call.request, "limit", top_default, {1, top_max}));
  const auto rows = static_cast<std::size_t>(limit);
  CO_TRY(const std::size_t series, co_await ask_store(call.rest, count_series));
  CO_TRY(auto names, co_await list_metrics(call.rest));
  CO_TRY(auto loads, co_await count_metrics(call.rest, std::move(names.first)));
  co_return json_response(json::Object{
      {"objects", top_objects(call.board().objects(), rows)},
      {"metrics", top_metrics(std::move(loads), rows)},
      {"store", json::Object{{"metrics", names.count}, {"series", series}}},
  });
}

}  // namespace server
