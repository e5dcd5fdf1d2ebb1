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
                                           std::size_t bytes, Timestamp now) {
  if (within(limits_.labels, view)) return refused(resource, bytes, now);
  resource.refused = now;
  return Appended::label_limit;
}

std::optional<Appended> Admission::refused(LabelSet& resource, std::size_t bytes, Timestamp now) {
  const auto limit = [&]() -> std::optional<Appended> {
    if (resource.series >= limits_.series_per_resource_max) return Appended::resource_limit;
    if (bytes >= new_series_bytes_max(limits_)) return Appended::memory_limit;
    if (shared_.series.fetch_add(1) < limits_.series_max) return std::nullopt;
    --shared_.series;
    return Appended::series_limit;
  }();
  if (!limit) return std::nullopt;
  note(*limit, resource, now);
  resource.refused = now;
  return limit;
}

void Admission::note(Appended limit, const LabelSet& resource, Timestamp now) {
  if (limit == Appended::series_limit) news_.series = true;
  if (limit == Appended::memory_limit) news_.bytes = true;
  if (limit == Appended::resource_limit && resource.refused < now - silent_for)
    news_.resources.push_back(unpacked(resource.labels.bytes()));
}

void Admission::shrunk(std::size_t bytes) {
  if (is_far_from(shared_.series, limits_.series_max)) shared_.series_told = false;
  if (is_far_from(bytes, new_series_bytes_max(limits_))) shared_.bytes_told = false;
}

LimitNews Admission::news() {
  if (news_.empty()) return {};
  LimitNews fresh = std::exchange(news_, {});
  fresh.series = fresh.series && !shared_.series_told.exchange(true);
  fresh.bytes = fresh.bytes && !shared_.bytes_told.exchange(true);
  return fresh;
}

void say(const LimitNews& news, const Limits& limits, const Log& log) {
  if (news.series)
    log.warn("series limit reached, new series are dropped", {{"limit", limits.series_max}});
  if (news.bytes)
    log.warn("memory for series is used up, new series are dropped", {{"bytes", limits.bytes_max}});
  for (const Labels& resource : news.resources)
    log.warn("a sender has too many series, its new ones are dropped",
             {{"sender", sender_name(resource)}, {"limit", limits.series_per_resource_max}});
}

}  // namespace tsdb
