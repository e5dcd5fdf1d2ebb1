#include "tsdb/overlaps.h"

#include <fmt/format.h>

#include <algorithm>

#include "tsdb/series.h"
#include "tsdb/wrong_clocks.h"

namespace tsdb {
namespace {

// Of a metric's name that ends up in logs and answers.
constexpr std::size_t name_bytes_max = 200;

}  // namespace

std::optional<Overlap> Overlaps::note(const Series& series, Timestamp now) {
  const LabelSet& resource = *series.resource;
  const auto found = resources_.find(resource.hash);
  const bool is_new = found == resources_.end();
  if (is_new && resources_.size() >= resources_max) return std::nullopt;
  Seen& seen = is_new ? resources_[resource.hash] : found->second;
  if (is_new)
    seen = {.resource = PackedLabels(resource.labels.bytes()),
            .metric = series.spelling->name.substr(0, name_bytes_max),
            .first = now,
            .last = now};
  seen.last = now;
  ++seen.points;
  return is_new ? std::optional(shown(seen)) : std::nullopt;
}

std::vector<Overlap> Overlaps::list() const {
  std::vector<Overlap> list;
  for (const auto& [hash, seen] : resources_) list.push_back(shown(seen));
  return list;
}

void Overlaps::forget(Timestamp now) {
  std::erase_if(resources_,
                [before = now - kept](const auto& entry) { return entry.second.last < before; });
}

Overlap Overlaps::shown(const Seen& seen) {
  return {.resource = unpacked(seen.resource.bytes()),
          .metric = seen.metric,
          .points = seen.points,
          .first = seen.first,
          .last = seen.last};
}

std::string describe(const Overlap& overlap) {
  return fmt::format(
      "points of {} overlap in time: two senders, or two instances of {} without a label that "
      "tells them apart",
      overlap.metric, sender_name(overlap.resource));
}

}  // namespace tsdb
