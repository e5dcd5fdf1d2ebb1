#include "tsdb/wrong_clocks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "tsdb/selector.h"
#include "tsdb/series.h"

namespace tsdb {
namespace {

// What tells people who a sender is, from the whole to the part.
constexpr std::array<std::string_view, 6> naming{
    "service.name", "service.instance.id", "k8s.namespace.name", "k8s.pod.name", "pod",
    "host.name"};
constexpr std::size_t name_bytes_max = 300;  // of a text that ends up in events and trailers

}  // namespace

std::optional<WrongClock> WrongClocks::note(const SeriesIndex::Identity& series, Timestamp time,
                                            Timestamp now) {
  const LabelSet& resource = *series.resource;
  const auto found = senders_.find(resource.hash);
  const bool is_new = found == senders_.end();
  if (is_new && senders_.size() >= senders_max) return std::nullopt;
  Sender& sender = is_new ? senders_[resource.hash] : found->second;
  if (is_new) sender = {.resource = PackedLabels(resource.labels.bytes()), .first = now};
  sender.offset = std::max(time, Timestamp{0}) - now;
  sender.last = now;
  ++sender.points;
  note_series(series, now);
  return is_new ? std::optional(shown(sender)) : std::nullopt;
}

void WrongClocks::note_series(const SeriesIndex::Identity& series, Timestamp now) {
  const std::string folded = fold_name(series.metric);
  const auto metric = metrics_.find(folded);
  if (metric != metrics_.end()) {
    if (const auto known = metric->second.find(series.hash); known != metric->second.end()) {
      known->second.last = now;
      return;
    }
  }
  if (series_ >= series_max) return;
  metrics_[folded].emplace(series.hash, Refused{PackedLabels(series.attributes->labels.bytes()),
                                                series.resource->hash, now});
  ++series_;
}

std::optional<WrongClock> WrongClocks::of(const Question& question, Timestamp since) const {
  if (metrics_.empty()) return std::nullopt;
  const auto metric = metrics_.find(fold_name(question.query.metric));
  if (metric == metrics_.end()) return std::nullopt;
  const Selector selector(question.query.matchers);
  const Refused* latest = nullptr;
  for (const auto& [hash, refused] : metric->second) {
    if (refused.last < std::max(since, latest ? latest->last : since)) continue;
    const PackedLabels& resource = senders_.at(refused.sender).resource;
    if (selector.matches(
            [&](std::string_view name) { return label_of(resource, refused.attributes, name); }))
      latest = &refused;
  }
  if (!latest) return std::nullopt;
  return shown(senders_.at(latest->sender));
}

std::vector<WrongClock> WrongClocks::list() const {
  std::vector<WrongClock> list;
  for (const auto& [hash, sender] : senders_) list.push_back(shown(sender));
  return list;
}

// A series was never refused later than its sender, so no series outlives it.
void WrongClocks::forget(Timestamp now) {
  if (senders_.empty()) return;
  const auto is_old = [before = now - kept](const auto& entry) {
    return entry.second.last < before;
  };
  for (auto& [name, series] : metrics_) series_ -= std::erase_if(series, is_old);
  std::erase_if(metrics_, [](const auto& metric) { return metric.second.empty(); });
  std::erase_if(senders_, is_old);
}

WrongClock WrongClocks::shown(const Sender& sender) {
  return {.resource = unpacked(sender.resource.bytes()),
          .offset = sender.offset,
          .points = sender.points,
          .first = sender.first,
          .last = sender.last};
}

std::string describe(const WrongClock& clock) {
  const auto off = std::chrono::round<std::chrono::seconds>(clock.offset);
  const std::string_view side = off < Duration{0} ? "behind" : "ahead of";
  return fmt::format("points are refused, their time is {} {} ours: check the clock of {}",
                     base::format_duration(std::chrono::abs(off)), side,
                     sender_name(clock.resource));
}

std::string sender_name(const Labels& resource) {
  std::string name;
  for (const std::string_view key : naming) {
    const auto found = std::ranges::find(resource, key, &Label::name);
    if (found == resource.end()) continue;
    const std::string part = fmt::format("{}{}={}", name.empty() ? "" : " ", key, found->value);
    if (name.size() + part.size() <= name_bytes_max) name += part;
  }
  return name.empty() ? "a sender whose resource does not name it" : name;
}

}  // namespace tsdb
