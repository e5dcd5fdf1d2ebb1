#include "server/warnings.h"

#include <algorithm>
#include <functional>

#include "server/handlers.h"
#include "tsdb/overlaps.h"
#include "tsdb/wrong_clocks.h"

namespace server {

std::vector<std::string> MetadataWarnings::add(const std::string& ns, const std::string& name,
                                               const std::vector<std::string>& keys,
                                               Timestamp now) {
  if (keys.empty()) return {};
  const base::Lock lock(mutex_);
  auto found = objects_.find({ns, name});
  if (found == objects_.end()) {
    if (objects_.size() >= objects_max) return {};
    found = objects_.try_emplace({ns, name}, MetadataWarning{ns, name, {}, now}).first;
  }
  std::vector<std::string>& known = found->second.unknown_keys;
  std::vector<std::string> added;
  for (const std::string& key : keys) {
    const auto at = std::ranges::lower_bound(known, key);
    if (known.size() >= keys_max || (at != known.end() && *at == key)) continue;
    known.insert(at, key);
    added.push_back(key);
  }
  return added;
}

std::vector<MetadataWarning> MetadataWarnings::list() const {
  const base::Lock lock(mutex_);
  std::vector<MetadataWarning> list;
  for (const auto& [key, warning] : objects_) list.push_back(warning);
  return list;
}

namespace {

json::Array objects_of(const MetadataWarnings* warnings) {
  json::Array items;
  for (const auto& warning : warnings ? warnings->list() : std::vector<MetadataWarning>{}) {
    items.push_back(
        {{"namespace", warning.ns},
         {"name", warning.name},
         {"unknownKeys", json::Array(warning.unknown_keys.begin(), warning.unknown_keys.end())},
         {"firstSeen", base::format_time_ns(warning.first_seen)}});
  }
  return items;
}

json::Object labels_of(const tsdb::Labels& labels) {
  json::Object shown;
  for (const auto& [name, value] : labels) shown[name] = value;
  return shown;
}

json::Object clock_of(const tsdb::WrongClock& clock) {
  return {{"resource", labels_of(clock.resource)},
          {"offsetSeconds", base::seconds(clock.offset)},
          {"points", clock.points},
          {"firstSeen", base::format_time_ns(clock.first)},
          {"lastSeen", base::format_time_ns(clock.last)},
          {"message", tsdb::describe(clock)}};
}

// Those that were seen last come first.
json::Array clocks_of(std::vector<tsdb::WrongClock> clocks) {
  std::ranges::sort(clocks, std::greater{}, &tsdb::WrongClock::last);
  json::Array shown;
  for (const auto& clock : clocks) shown.emplace_back(clock_of(clock));
  return shown;
}

json::Object overlap_of(const tsdb::Overlap& overlap) {
  return {{"resource", labels_of(overlap.resource)},
          {"metric", overlap.metric},
          {"points", overlap.points},
          {"firstSeen", base::format_time_ns(overlap.first)},
          {"lastSeen", base::format_time_ns(overlap.last)},
          {"message", tsdb::describe(overlap)}};
}

json::Array overlaps_of(std::vector<tsdb::Overlap> overlaps) {
  std::ranges::sort(overlaps, std::greater{}, &tsdb::Overlap::last);
  json::Array shown;
  for (const auto& overlap : overlaps) shown.emplace_back(overlap_of(overlap));
  return shown;
}

}  // namespace

Task<Result<Response>> list_warnings(Call call) {
  CO_TRY(auto found, co_await ask_store(call.rest, [](const tsdb::Shards& store) {
           return std::pair(store.wrong_clocks(), store.overlaps());
         }));
  co_return json_response(json::Object{{"items", objects_of(call.rest->with.warnings)},
                                       {"clocks", clocks_of(std::move(found.first))},
                                       {"overlaps", overlaps_of(std::move(found.second))}});
}

}  // namespace server
