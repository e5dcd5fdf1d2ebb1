#include "tsdb/snapshot.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <unordered_map>

#include "tsdb/codec.h"
#include "tsdb/packed_labels.h"
#include "tsdb/series_index.h"
#include "tsdb/walk.h"

namespace tsdb {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers lie in a file as in memory");

constexpr std::string_view magic = "TIDEWHEEL SERIES";
constexpr std::uint32_t version = 1;
constexpr std::uint32_t block_bytes_max = 1u << 30;

// What an entry of a block is.
enum class Entry : char { labels = 'L', metric = 'M', series = 'S' };

// As they lie in the file.
struct Head {
  std::array<char, magic.size()> magic;
  std::uint32_t version;
  std::uint32_t unused;
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

// One block under way: label sets and names are written where they are first needed.
class BlockWriter {
 public:
  explicit BlockWriter(std::string& bytes) : bytes_(bytes) {}

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
    const auto samples = std::as_bytes(series.samples.all());
    put_text(bytes_, {reinterpret_cast<const char*>(samples.data()), samples.size()});
  }

 private:
  void tag(Entry entry) { bytes_.push_back(static_cast<char>(entry)); }

  std::size_t metric_of(const Spelling& spelling) {
    const auto [found, is_new] = metrics_.try_emplace(&spelling, metrics_.size());
    if (is_new) {
      tag(Entry::metric);
      put_text(bytes_, spelling.name);
      put_varint(bytes_, static_cast<std::uint64_t>(spelling.metric->retention.count()));
    }
    return found->second;
  }

  std::size_t labels_of(const LabelSet& set) {
    const auto [found, is_new] = sets_.try_emplace(&set, sets_.size());
    if (is_new) {
      tag(Entry::labels);
      put_text(bytes_, set.labels.bytes());
    }
    return found->second;
  }

  std::string& bytes_;
  std::unordered_map<const Spelling*, std::size_t> metrics_;
  std::unordered_map<const LabelSet*, std::size_t> sets_;
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
      case Entry::labels:
        return read_labels();
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
    visitor_.series(std::move(series));
    return true;
  }

  Bytes bytes_;
  SnapshotVisitor& visitor_;
  std::size_t metrics_ = 0;
  std::size_t sets_ = 0;
};

class Counter : public SnapshotVisitor {
 public:
  std::size_t count = 0;

 private:
  void block() override {}
  void metric(std::string_view, Duration) override {}
  void labels(std::string_view) override {}
  void series(SnapshotSeries) override { ++count; }
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

std::optional<Place> write_block(const SeriesIndex& index, const Place& from, std::size_t bytes_max,
                                 std::string& block) {
  BlockWriter writer(block);
  return walk(index, from, bytes_max, [&](const Series& series) {
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

Result<void> SnapshotWriter::begin(Timestamp created) {
  Head head{.version = version, .unused = 0, .created_ns = created.ns};
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
  if (rest.size() < sizeof(Frame) + sizeof(Tail)) return fail(Code::invalid, "cut off");
  const std::string_view hashed = bytes.substr(0, bytes.size() - sizeof(Tail));
  std::string_view tail = bytes.substr(hashed.size());
  if (take<Tail>(tail)->hash != XXH3_64bits(hashed.data(), hashed.size()))
    return fail(Code::invalid, "cut off or damaged");
  rest.remove_suffix(sizeof(Tail));
  const std::string_view blocks = rest;
  Counter series;
  while (true) {
    const auto payload = take_block(rest);
    if (!payload) return fail(Code::invalid, "a block is cut off");
    if (payload->empty()) break;
    if (!BlockReader(*payload, series).read()) return fail(Code::invalid, "a block makes no sense");
  }
  if (!rest.empty()) return fail(Code::invalid, "something follows its end");
  return Snapshot(blocks, Timestamp{head->created_ns}, series.count);
}

void Snapshot::visit(SnapshotVisitor& visitor) const {
  std::string_view rest = blocks_;
  for (auto payload = take_block(rest); payload && !payload->empty(); payload = take_block(rest))
    BlockReader(*payload, visitor).read();
}

}  // namespace tsdb
