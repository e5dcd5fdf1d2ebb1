#include "tsdb/limits.h"

#include <algorithm>
#include <array>
#include <utility>

#include "tsdb/wrong_clocks.h"

namespace tsdb {
namespace {

// How long a resource over its limit is not named again.
constexpr Duration silent_for = std::chrono::minutes(10);

bool fits(std::span<const LabelView> labels, std::size_t bytes_max) {
  return std::ranges::all_of(labels, [bytes_max](const LabelView& label) {
    return label.name.size() + label.value.size() <= bytes_max;
  });
}

// Far enough from a limit that reaching it again is news.
bool is_far_from(std::size_t value, std::size_t limit) {
  return value < limit - limit / 10;
}

std::size_t new_series_bytes_max(const Limits& limits) {
  return limits.bytes_max - limits.bytes_max / 8;
}

}  // namespace

bool within(const LabelLimits& limits, const SeriesView& view) {
  const std::array texts{LabelView{"", view.metric}, LabelView{"", view.scope_name},
                         LabelView{"", view.scope_version}};
  return view.resource.size() + view.attributes.size() <= limits.labels_max &&
         view.scope.size() <= limits.labels_max && fits(texts, limits.bytes_max) &&
         fits(view.resource, limits.bytes_max) && fits(view.scope, limits.bytes_max) &&
         fits(view.attributes, limits.bytes_max);
}

std::optional<Appended> Admission::refused(const SeriesView& view, LabelSet& resource,
                                           std::size_t series, const Footprint& footprint,
                                           Timestamp now) {
  const auto limit = over(view, resource, series, footprint);
  if (!limit) return std::nullopt;
  say(*limit, resource, now);
  resource.refused = now;
  return limit;
}

std::optional<Appended> Admission::over(const SeriesView& view, const LabelSet& resource,
                                        std::size_t series, const Footprint& footprint) const {
  if (!within(limits_.labels, view)) return Appended::label_limit;
  if (series >= limits_.series_max) return Appended::series_limit;
  if (resource.series >= limits_.series_per_resource_max) return Appended::resource_limit;
  if (footprint.total() >= new_series_bytes_max(limits_)) return Appended::memory_limit;
  return std::nullopt;
}

void Admission::say(Appended limit, const LabelSet& resource, Timestamp now) {
  switch (limit) {
    case Appended::series_limit:
      if (!std::exchange(said_series_, true))
        log_.warn("series limit reached, new series are dropped", {{"limit", limits_.series_max}});
      return;
    case Appended::memory_limit:
      if (!std::exchange(said_memory_, true))
        log_.warn("memory for series is used up, new series are dropped",
                  {{"bytes", limits_.bytes_max}});
      return;
    case Appended::resource_limit:
      if (resource.refused < now - silent_for)
        log_.warn("a sender has too many series, its new ones are dropped",
                  {{"sender", sender_name(unpacked(resource.labels.bytes()))},
                   {"limit", limits_.series_per_resource_max}});
      return;
    default:
      return;
  }
}

void Admission::shrunk(std::size_t series, const Footprint& footprint) {
  if (is_far_from(series, limits_.series_max)) said_series_ = false;
  if (is_far_from(footprint.total(), new_series_bytes_max(limits_))) said_memory_ = false;
}

}  // namespace tsdb
