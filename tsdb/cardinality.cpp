#include "tsdb/cardinality.h"

#include <algorithm>

#include "tsdb/packed_labels.h"
#include "tsdb/series.h"
#include "tsdb/wrong_clocks.h"

namespace tsdb {
namespace {

template <class Counts>
std::uint64_t& count_of(Counts& counts, std::string_view name) {
  const auto found = counts.find(name);
  return found != counts.end() ? found->second : counts[std::string(name)];
}

// The `limit` largest of a list that is gathered one by one; memory for twice as many.
class Top {
 public:
  explicit Top(std::size_t limit) : limit_(limit) {}

  void add(std::string name, std::uint64_t value) {
    rows_.push_back({std::move(name), value});
    if (rows_.size() >= 2 * limit_ + 1) cut();
  }
  std::vector<Ranked> take() {
    cut();
    return std::move(rows_);
  }

 private:
  void cut() {
    std::ranges::sort(rows_, [&](const Ranked& a, const Ranked& b) {
      return a.value != b.value ? a.value > b.value : a.name < b.name;
    });
    rows_.resize(std::min(rows_.size(), limit_));
  }

  std::size_t limit_;
  std::vector<Ranked> rows_;
};

}  // namespace

std::size_t Cardinality::add(const Series& series) {
  ++series_;
  ++count_of(metrics_, series.spelling->name);
  ++count_of(resources_, series.resource->labels.bytes());
  const auto samples = series.samples.all();
  samples_ += samples.size();
  if (!samples.empty()) {
    const Timestamp first = samples.front().time();
    oldest_ = oldest_ == Timestamp{} ? first : std::min(oldest_, first);
    newest_ = std::max(newest_, samples.back().time());
  }
  return add_labels(series.resource->labels.bytes()) +
         add_labels(series.attributes->labels.bytes()) + 2;
}

std::size_t Cardinality::add_labels(std::string_view packed) {
  std::size_t count = 0;
  PackedCursor cursor(packed);
  for (; const auto label = cursor.next(); ++count) add_label(label->name, label->value);
  return count;
}

void Cardinality::add_label(std::string_view name, std::string_view value) {
  auto label = labels_.find(name);
  if (label != labels_.end()) {
    if (const auto known = label->second.find(value); known != label->second.end()) {
      ++known->second;
      return;
    }
  }
  if (pairs_ >= pairs_max_) {
    truncated_ = true;
    return;
  }
  ++pairs_;
  if (label == labels_.end()) label = labels_.emplace(name, Counts{}).first;
  label->second.emplace(value, 1);
}

CardinalityReport Cardinality::report(std::size_t limit) const {
  CardinalityReport report{.series = series_,
                           .samples = samples_,
                           .label_pairs = pairs_,
                           .oldest = oldest_,
                           .newest = newest_,
                           .truncated = truncated_};
  Top metrics(limit);
  for (const auto& [name, count] : metrics_) metrics.add(name, count);
  report.series_by_metric = metrics.take();
  Top resources(limit);
  for (const auto& [packed, count] : resources_)
    resources.add(sender_name(unpacked(packed)), count);
  report.series_by_resource = resources.take();
  Top values(limit);
  Top bytes(limit);
  Top pairs(limit);
  for (const auto& [name, counts] : labels_) {
    std::uint64_t size = 0;
    for (const auto& [value, count] : counts) {
      size += name.size() + value.size();
      pairs.add(name + "=" + value, count);
    }
    values.add(name, counts.size());
    bytes.add(name, size);
  }
  report.values_by_label = values.take();
  report.bytes_by_label = bytes.take();
  report.series_by_pair = pairs.take();
  return report;
}

}  // namespace tsdb
