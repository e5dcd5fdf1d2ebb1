// What senders say of their metrics, in the shape of Prometheus' API.

#include <algorithm>
#include <map>
#include <utility>

#include "server/handlers.h"
#include "tsdb/metadata.h"

namespace server {
namespace {

constexpr std::int64_t metrics_max = 100'000;
constexpr std::int64_t metrics_default = 10'000;
// The ingest thread looks at so many metrics before it goes on with its own work.
constexpr std::size_t metrics_per_ask = 1'000;

using Rows = std::map<std::string, json::Array>;  // by name

json::Object shown(const tsdb::Metadata& row) {
  return {{"type", tsdb::to_string(row.type)}, {"help", row.help}, {"unit", row.unit}};
}

// Until there are `limit` names.
void add(Rows& rows, const std::vector<tsdb::Metadata>& found, std::size_t limit) {
  for (const auto& row : found) {
    if (rows.size() >= limit && !rows.contains(row.name)) return;
    json::Array& list = rows[row.name];  // a slice may repeat what one before it had
    if (std::ranges::find(list, json::Value(shown(row))) == list.end())
      list.emplace_back(shown(row));
  }
}

Task<Result<Rows>> all_metrics(std::shared_ptr<RestState> rest, std::size_t limit) {
  Rows rows;
  for (std::optional<std::string> from = ""; from && rows.size() < limit;) {
    auto ask = [at = std::move(*from)](const tsdb::Shards& store) {
      return store.metadata(at, metrics_per_ask);
    };
    CO_TRY(auto slice, co_await ask_store(rest, std::move(ask)));
    add(rows, slice.rows, limit);
    from = std::move(slice.next);
  }
  co_return rows;
}

Task<Result<Rows>> one_metric(std::shared_ptr<RestState> rest, std::string name,
                              std::size_t limit) {
  Rows rows;
  auto ask = [name = std::move(name)](const tsdb::Shards& store) {
    return store.metadata_of(name);
  };
  CO_TRY(const auto found, co_await ask_store(rest, std::move(ask)));
  add(rows, found, limit);
  co_return rows;
}

}  // namespace

Task<Result<Response>> list_metadata(Call call) {
  CO_TRY(const auto limit, int_parameter(call.request, "limit", metrics_default, {1, metrics_max}));
  const auto most = static_cast<std::size_t>(limit);
  const auto name = call.request.parameter("metric");
  auto asked =
      name && !name->empty() ? one_metric(call.rest, *name, most) : all_metrics(call.rest, most);
  CO_TRY(auto rows, co_await std::move(asked));
  json::Object data;
  for (auto& [metric, list] : rows) data[metric] = std::move(list);
  co_return json_response(json::Object{{"status", "success"}, {"data", std::move(data)}});
}

}  // namespace server
