#include "server/warnings.h"

#include <algorithm>

#include "server/handlers.h"

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

Result<Response> list_warnings(const Call& call) {
  json::Array items;
  const MetadataWarnings* warnings = call.rest->with.warnings;
  for (const auto& warning : warnings ? warnings->list() : std::vector<MetadataWarning>{}) {
    items.push_back(
        {{"namespace", warning.ns},
         {"name", warning.name},
         {"unknownKeys", json::Array(warning.unknown_keys.begin(), warning.unknown_keys.end())},
         {"firstSeen", base::format_time_ns(warning.first_seen)}});
  }
  return json_response(json::Object{{"items", std::move(items)}});
}

}  // namespace server
