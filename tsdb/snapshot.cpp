#include "tsdb/snapshot.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
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

constexpr std::string_view magic = "TIDEWHEEL SERIES";
constexpr std::uint32_t version = 2;
constexpr std::uint32_t block_bytes_max = 1u << 30;

// What an entry of a block is.
enum class Entry : char {
  bounds = 'B',
  histogram = 'H',
  labels = 'L',
  metadata = 'D',
  metric = 'M',
  series = 'S',
};

// As they lie in the file.
struct Head {
  std::array<char, magic.size()> magic;
  std::uint32_t version;
  Coverage coverage;
  std::int64_t created_ns;
};
struct Frame {
  std::uint32_t bytes;  // of the payload that follows; 0: the tail follows
  std::uint32_t unused;
};
struct Tail {
  std::uint64_t hash;  // of all bytes before it
};

template <class T>
std::string_view bytes_of(const T& value) {
  static_assert(std::has_unique_object_representations_v<T>);
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

template <class T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

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

// Takes a value that lies at the front of `bytes`; nullopt when it is not there.
template <class T>
std::optional<T> take(std::string_view& bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return value;
}

// Whether these are samples in order of time.
bool are_samples(std::string_view bytes) {
  if (bytes.size() % sizeof(Sample) != 0) return false;
  std::optional<Timestamp> last;
  while (const auto sample = take<Sample>(bytes)) {
    if (last && sample->time() <= *last) return false;
    last = sample->time();
  }
  return true;
}

// The bounds that these bytes are; nullopt: they are none.
std::optional<std::vector<double>> bounds_in(std::string_view bytes) {
  if (bytes.size() % sizeof(double) != 0) return std::nullopt;
  std::vector<double> bounds;
  while (const auto bound = take<double>(bytes)) {
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
    one.time = take<Sample>(samples_)->time();
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

class Counter : public SnapshotVisitor {
 public:
  std::size_t count = 0;

 private:
  void block() override {}
  void metric(std::string_view, Duration) override {}
  void metadata(const MetadataView&) override {}
  void labels(std::string_view) override {}
  void bounds(std::span<const double>) override {}
  void series(SnapshotSeries) override { ++count; }
  void histogram(const SnapshotHistogram&) override {}
};

// The payload of the next block, off the front of `bytes`; empty at the end; nullopt where there is
// neither.
std::optional<std::string_view> take_block(std::string_view& bytes) {
  const auto frame = take<Frame>(bytes);
  if (!frame || frame->bytes > bytes.size()) return std::nullopt;
  const auto payload = bytes.substr(0, frame->bytes);
  bytes.remove_prefix(frame->bytes);
  return payload;
}

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

struct SnapshotWriter::Hash {
  Hash() { XXH3_64bits_reset(&state); }
  XXH3_state_t state;
};

SnapshotWriter::SnapshotWriter(Sink sink)
    : sink_(std::move(sink)), hash_(std::make_unique<Hash>()) {}

SnapshotWriter::~SnapshotWriter() = default;

Result<void> SnapshotWriter::begin(Timestamp created, Coverage coverage) {
  Head head{.version = version, .coverage = coverage, .created_ns = created.ns};
  std::memcpy(head.magic.data(), magic.data(), magic.size());
  return write(bytes_of(head));
}

Result<void> SnapshotWriter::block(std::string_view payload) {
  if (payload.empty()) return {};
  if (payload.size() > block_bytes_max) return fail(Code::exhausted, "a block is too large");
  TRY_VOID(write(bytes_of(Frame{static_cast<std::uint32_t>(payload.size()), 0})));
  return write(payload);
}

Result<void> SnapshotWriter::end() {
  TRY_VOID(write(bytes_of(Frame{})));
  return sink_(bytes_of(Tail{XXH3_64bits_digest(&hash_->state)}));
}

Result<void> SnapshotWriter::write(std::string_view bytes) {
  XXH3_64bits_update(&hash_->state, bytes.data(), bytes.size());
  return sink_(bytes);
}

Result<Snapshot> Snapshot::check(std::string_view bytes) {
  std::string_view rest = bytes;
  const auto head = take<Head>(rest);
  if (!head || std::string_view(head->magic.data(), head->magic.size()) != magic)
    return fail(Code::invalid, "not a snapshot of series");
  if (head->version != version)
    return fail(Code::invalid, fmt::format("written by another version: layout {}, not {}",
                                           head->version, version));
  if (head->coverage > Coverage::complete) return fail(Code::invalid, "its head makes no sense");
  if (rest.size() < sizeof(Frame) + sizeof(Tail)) return fail(Code::invalid, "cut off");
  const std::string_view hashed = bytes.substr(0, bytes.size() - sizeof(Tail));
  std::string_view tail = bytes.substr(hashed.size());
  if (take<Tail>(tail)->hash != XXH3_64bits(hashed.data(), hashed.size()))
    return fail(Code::invalid, "cut off or damaged");
  rest.remove_suffix(sizeof(Tail));
  Snapshot whole;
  whole.blocks_ = rest;
  whole.created_ = {head->created_ns};
  whole.coverage_ = head->coverage;
  Counter series;
  while (true) {
    const auto payload = take_block(rest);
    if (!payload) return fail(Code::invalid, "a block is cut off");
    if (payload->empty()) break;
    if (!BlockReader(*payload, series).read()) return fail(Code::invalid, "a block makes no sense");
  }
  if (!rest.empty()) return fail(Code::invalid, "something follows its end");
  whole.series_ = series.count;
  return whole;
}

void Snapshot::visit(SnapshotVisitor& visitor) const {
  std::string_view rest = blocks_;
  for (auto payload = take_block(rest); payload && !payload->empty(); payload = take_block(rest))
    BlockReader(*payload, visitor).read();
}

}  // namespace tsdb
