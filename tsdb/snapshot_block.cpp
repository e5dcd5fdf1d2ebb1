#include "tsdb/snapshot_block.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <unordered_map>
#include <vector>

#include "tsdb/codec.h"
#include "tsdb/histograms.h"
#include "tsdb/packed_histogram.h"
#include "tsdb/packed_labels.h"
#include "tsdb/series_index.h"
#include "tsdb/walk.h"

namespace tsdb {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers lie in a file as in memory");

// What an entry of a block is.
enum class Entry : char {
  bounds = 'B',
  histogram = 'H',
  labels = 'L',
  metadata = 'D',
  metric = 'M',
  series = 'S',
};

// One block under way: what series share is written where it is first needed.
class BlockWriter {
 public:
  BlockWriter(const Histograms& histograms, std::string& bytes)
      : histograms_(histograms), bytes_(bytes) {}

  void add(const Series& series) {
    const std::size_t metric = metric_of(*series.spelling);
    const std::size_t resource = labels_of(*series.resource);
    const std::size_t scope = labels_of(*series.scope);
    const std::size_t attributes = labels_of(*series.attributes);
    tag(Entry::series);
    for (const std::size_t number : {metric, resource, scope, attributes})
      put_varint(bytes_, number);
    put_varint(bytes_, static_cast<std::uint64_t>(series.shape));
    put_varint(bytes_, static_cast<std::uint64_t>(series.ended().ns));
    (series.starts() ? *series.starts() : Starts(series.start)).write(bytes_);
    put_text(bytes_, bytes_of(series.samples.all()));
    if (series.histograms != 0) add(histograms_.of(series), series.samples.all());
  }

 private:
  // Each lies beside a sample, and so needs no time of its own.
  void add(const HistogramPoints& points, std::span<const Sample> samples) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      const auto at = std::ranges::find_if(
          samples, [&](const Sample& sample) { return sample.time() >= points.time(i); });
      if (at == samples.end() || at->time() != points.time(i)) continue;
      const PackedHistogram one = points.packed(i);
      const std::size_t bounds = one.bounds ? bounds_of(*one.bounds) + 1 : 0;
      tag(Entry::histogram);
      put_varint(bytes_, static_cast<std::uint64_t>(at - samples.begin()));
      put_varint(bytes_, bounds);
      put_text(bytes_, one.bytes);
      samples = {at + 1, samples.end()};
    }
  }

  void tag(Entry entry) { bytes_.push_back(static_cast<char>(entry)); }

  std::size_t metric_of(const Spelling& spelling) {
    const auto [found, is_new] = metrics_.try_emplace(&spelling, metrics_.size());
    if (is_new) {
      tag(Entry::metric);
      put_text(bytes_, spelling.name);
      put_varint(bytes_, static_cast<std::uint64_t>(spelling.metric->retention.count()));
      if (spelling.metric->metadata) add(*spelling.metric->metadata);
    }
    return found->second;
  }

  void add(const Metadata& said) {
    tag(Entry::metadata);
    put_varint(bytes_, static_cast<std::uint64_t>(said.type));
    for (const std::string_view text : {said.name, said.unit, said.help}) put_text(bytes_, text);
  }

  std::size_t labels_of(const LabelSet& set) {
    const auto [found, is_new] = sets_.try_emplace(&set, sets_.size());
    if (is_new) {
      tag(Entry::labels);
      put_text(bytes_, set.labels.bytes());
    }
    return found->second;
  }

  // The store keeps equal ones once.
  std::size_t bounds_of(std::span<const double> bounds) {
    const auto [found, is_new] = bounds_.try_emplace(bounds.data(), bounds_.size());
    if (is_new) {
      tag(Entry::bounds);
      put_text(bytes_, bytes_of(bounds));
    }
    return found->second;
  }

  const Histograms& histograms_;
  std::string& bytes_;
  std::unordered_map<const Spelling*, std::size_t> metrics_;
  std::unordered_map<const LabelSet*, std::size_t> sets_;
  std::unordered_map<const double*, std::size_t> bounds_;
};

// Whether these are samples in order of time.
bool are_samples(std::string_view bytes) {
  if (bytes.size() % sizeof(Sample) != 0) return false;
  std::optional<Timestamp> last;
  while (const auto sample = take_value<Sample>(bytes)) {
    if (last && sample->time() <= *last) return false;
    last = sample->time();
  }
  return true;
}

// The bounds that these bytes are; nullopt: they are none.
std::optional<std::vector<double>> bounds_in(std::string_view bytes) {
  if (bytes.size() % sizeof(double) != 0) return std::nullopt;
  std::vector<double> bounds;
  while (const auto bound = take_value<double>(bytes)) {
    if (std::isnan(*bound) || (!bounds.empty() && *bound <= bounds.back())) return std::nullopt;
    bounds.push_back(*bound);
  }
  return bounds;
}

// Tells the visitor what a block holds; false where it does not make sense.
class BlockReader {
 public:
  BlockReader(std::string_view payload, SnapshotVisitor& visitor)
      : bytes_(payload), visitor_(visitor) {}

  bool read() {
    visitor_.block();
    while (!bytes_.empty()) {
      if (!read_entry()) return false;
    }
    return !bytes_.failed();
  }

 private:
  bool read_entry() {
    const std::string_view tag = bytes_.raw(1);
    switch (static_cast<Entry>(tag.front())) {
      case Entry::bounds:
        return read_bounds();
      case Entry::histogram:
        return read_histogram();
      case Entry::labels:
        return read_labels();
      case Entry::metadata:
        return read_metadata();
      case Entry::metric:
        return read_metric();
      case Entry::series:
        return read_series();
    }
    return false;
  }

  bool read_labels() {
    const std::string_view packed = bytes_.text();
    if (bytes_.failed() || !is_packed(packed)) return false;
    ++sets_;
    visitor_.labels(packed);
    return true;
  }

  bool read_metric() {
    const std::string_view name = bytes_.text();
    const std::uint64_t retention = bytes_.varint();
    if (bytes_.failed() || retention > std::numeric_limits<std::int64_t>::max()) return false;
    ++metrics_;
    visitor_.metric(name, Duration{static_cast<std::int64_t>(retention)});
    return true;
  }

  bool read_metadata() {
    const std::uint64_t type = bytes_.varint();
    MetadataView said;
    said.name = bytes_.text();
    said.unit = bytes_.text();
    said.help = bytes_.text();
    if (bytes_.failed() || metrics_ == 0) return false;
    if (type > static_cast<std::uint64_t>(MetricType::summary)) return false;
    said.type = static_cast<MetricType>(type);
    visitor_.metadata(said);
    return true;
  }

  bool read_bounds() {
    const auto bounds = bounds_in(bytes_.text());
    if (bytes_.failed() || !bounds) return false;
    bounds_.push_back(bounds->size());
    visitor_.bounds(*bounds);
    return true;
  }

  bool read_series() {
    SnapshotSeries series;
    series.metric = bytes_.varint();
    series.resource = bytes_.varint();
    series.scope = bytes_.varint();
    series.attributes = bytes_.varint();
    const std::uint64_t shape = bytes_.varint();
    const std::uint64_t ended = bytes_.varint();
    auto starts = Starts::read(bytes_);
    series.samples = bytes_.text();
    if (bytes_.failed() || !starts || !are_samples(series.samples)) return false;
    if (series.metric >= metrics_ || series.resource >= sets_ || series.scope >= sets_ ||
        series.attributes >= sets_)
      return false;
    if (shape > static_cast<std::uint64_t>(Shape::delta)) return false;
    if (ended > std::numeric_limits<std::int64_t>::max()) return false;
    series.shape = static_cast<Shape>(shape);
    series.ended = Timestamp{static_cast<std::int64_t>(ended)};
    series.starts = std::move(*starts);
    samples_ = series.samples;
    visitor_.series(std::move(series));
    return true;
  }

  bool read_histogram() {
    const std::uint64_t passed_by = bytes_.varint();
    const std::uint64_t bounds = bytes_.varint();
    SnapshotHistogram one;
    one.packed = bytes_.text();
    if (bytes_.failed() || passed_by >= samples_.size() / sizeof(Sample)) return false;
    samples_.remove_prefix(passed_by * sizeof(Sample));
    one.time = take_value<Sample>(samples_)->time();
    if (bounds > bounds_.size()) return false;
    std::optional<std::size_t> size;
    if (bounds > 0) {
      one.bounds = bounds - 1;
      size = bounds_[bounds - 1];
    }
    if (!is_packed_histogram(one.packed, size)) return false;
    visitor_.histogram(one);
    return true;
  }

  Bytes bytes_;
  SnapshotVisitor& visitor_;
  std::size_t metrics_ = 0;
  std::size_t sets_ = 0;
  std::vector<std::size_t> bounds_;  // how many each set has
  std::string_view samples_;         // of the last series, those without a histogram so far
};

}  // namespace

std::optional<Place> write_block(const SnapshotSource& source, const Place& from,
                                 std::size_t bytes_max, std::string& block) {
  BlockWriter writer(source.histograms, block);
  return walk(source.index, from, bytes_max, [&](const Series& series) {
    const std::size_t before = block.size();
    writer.add(series);
    return block.size() - before;
  });
}

bool read_block(std::string_view payload, SnapshotVisitor& visitor) {
  return BlockReader(payload, visitor).read();
}

}  // namespace tsdb
