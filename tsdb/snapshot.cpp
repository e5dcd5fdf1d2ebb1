#include "tsdb/snapshot.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <cstring>
#include <utility>

#include "tsdb/codec.h"

namespace tsdb {
namespace {

constexpr std::string_view magic = "TIDEWHEEL SERIES";
constexpr std::uint32_t version = 2;
constexpr std::uint32_t block_bytes_max = 1u << 30;

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
  const auto frame = take_value<Frame>(bytes);
  if (!frame || frame->bytes > bytes.size()) return std::nullopt;
  const auto payload = bytes.substr(0, frame->bytes);
  bytes.remove_prefix(frame->bytes);
  return payload;
}

}  // namespace

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
  const auto head = take_value<Head>(rest);
  if (!head || std::string_view(head->magic.data(), head->magic.size()) != magic)
    return fail(Code::invalid, "not a snapshot of series");
  if (head->version != version)
    return fail(Code::invalid, fmt::format("written by another version: layout {}, not {}",
                                           head->version, version));
  if (head->coverage > Coverage::complete) return fail(Code::invalid, "its head makes no sense");
  if (rest.size() < sizeof(Frame) + sizeof(Tail)) return fail(Code::invalid, "cut off");
  const std::string_view hashed = bytes.substr(0, bytes.size() - sizeof(Tail));
  std::string_view tail = bytes.substr(hashed.size());
  if (take_value<Tail>(tail)->hash != XXH3_64bits(hashed.data(), hashed.size()))
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
    if (!read_block(*payload, series)) return fail(Code::invalid, "a block makes no sense");
  }
  if (!rest.empty()) return fail(Code::invalid, "something follows its end");
  whole.series_ = series.count;
  return whole;
}

void Snapshot::visit(SnapshotVisitor& visitor) const {
  std::string_view rest = blocks_;
  for (auto payload = take_block(rest); payload && !payload->empty(); payload = take_block(rest))
    read_block(*payload, visitor);
}

}  // namespace tsdb
