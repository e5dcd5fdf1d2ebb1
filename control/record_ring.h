#pragma once

// Records of many owners in one ring of bytes: what was added first goes first, in constant time,
// however many owners there are. Confined to its owner.
//
//   segments   | #7  r r r r | #8  r r r  | #9  r r ....... |   front goes as a whole
//                  ^──────────────^──────────^ previous       each record knows its owner's one
//
// A record lies in one segment; a segment is as large as any other, unless one record needs more.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/time.h"

namespace control {

// Where a record lies; 0: nowhere. Later ones are larger.
using RecordPlace = std::uint64_t;

template <class Owner>
class RecordRing {
 public:
  struct Record {
    std::uint64_t id = 0;
    Timestamp at;
    Owner* owner = nullptr;    // nullptr: forgotten
    RecordPlace previous = 0;  // the owner's one before
    std::string_view bytes;    // of the ring; good until the next add() or shrink()
  };

  // bytes_max: what the ring is made for; it sets the size of a segment, a sixty-fourth of it
  // between 1 KiB and 1 MiB.
  explicit RecordRing(std::size_t bytes_max)
      : segment_bytes_(std::clamp<std::size_t>(bytes_max / 64, 1 << 10, 1 << 20)) {}

  // Copies the record to the end. It may grow the ring by one segment: shrink() afterwards.
  RecordPlace add(const Record& record);

  // The record there; nullopt when it has gone.
  std::optional<Record> find(RecordPlace place) const;

  // Its owner is gone; the bytes stay until their segment goes.
  void forget(RecordPlace place);

  // Drops whole segments from the front until at most `bytes_max` are left; `gone(record)` hears of
  // each record that was not forgotten, oldest first.
  template <class Gone>
  void shrink(std::size_t bytes_max, Gone gone);

  // Everything it holds of the heap for records, used or not.
  std::size_t bytes() const { return bytes_; }
  // Without the forgotten ones.
  std::size_t records() const { return records_; }

 private:
  struct Header {
    std::uint64_t id = 0;
    Timestamp at;
    Owner* owner = nullptr;
    RecordPlace previous = 0;
    std::uint64_t size = 0;  // of the bytes that follow, before padding
  };
  struct Segment {
    std::unique_ptr<std::byte[]> memory;
    std::size_t size = 0;
    std::size_t used = 0;
  };

  static std::size_t room_for(std::size_t bytes) {
    return sizeof(Header) + (bytes + alignof(Header) - 1) / alignof(Header) * alignof(Header);
  }
  static Header read(const std::byte* at) {
    Header header;
    std::memcpy(&header, at, sizeof(header));
    return header;
  }
  static Record record_of(const Header& header, const std::byte* at) {
    const auto* text = reinterpret_cast<const char*>(at + sizeof(Header));
    return {header.id, header.at, header.owner, header.previous, {text, header.size}};
  }
  static std::size_t cost(const Segment& segment) { return segment.size + sizeof(Segment); }

  // A place is the segment's number and the offset within it.
  static constexpr int offset_bits = 32;
  const std::byte* locate(RecordPlace place) const {
    const std::uint64_t number = place >> offset_bits;
    if (number < first_ || number - first_ >= segments_.size()) return nullptr;
    return segments_[number - first_].memory.get() + (place & ((1ull << offset_bits) - 1));
  }

  void begin_segment(std::size_t size);
  template <class Gone>
  void drop_front(Gone& gone);

  const std::size_t segment_bytes_;
  std::deque<Segment> segments_;
  std::uint64_t first_ = 1;  // the number of the front segment
  std::size_t bytes_ = 0;
  std::size_t records_ = 0;
};

template <class Owner>
RecordPlace RecordRing<Owner>::add(const Record& record) {
  const std::size_t room = room_for(record.bytes.size());
  if (segments_.empty() || segments_.back().size - segments_.back().used < room)
    begin_segment(std::max(room, segment_bytes_));
  Segment& segment = segments_.back();
  const RecordPlace place = (first_ + segments_.size() - 1) << offset_bits | segment.used;
  const Header header{record.id, record.at, record.owner, record.previous, record.bytes.size()};
  std::byte* at = segment.memory.get() + segment.used;
  std::memcpy(at, &header, sizeof(header));
  std::memcpy(at + sizeof(header), record.bytes.data(), record.bytes.size());
  segment.used += room;
  ++records_;
  return place;
}

template <class Owner>
std::optional<typename RecordRing<Owner>::Record> RecordRing<Owner>::find(RecordPlace place) const {
  const std::byte* at = locate(place);
  if (at == nullptr) return std::nullopt;
  return record_of(read(at), at);
}

template <class Owner>
void RecordRing<Owner>::forget(RecordPlace place) {
  auto* at = const_cast<std::byte*>(locate(place));
  if (at == nullptr) return;
  Header header = read(at);
  if (std::exchange(header.owner, nullptr) != nullptr) --records_;
  std::memcpy(at, &header, sizeof(header));
}

template <class Owner>
template <class Gone>
void RecordRing<Owner>::shrink(std::size_t bytes_max, Gone gone) {
  while (bytes_ > bytes_max) drop_front(gone);
}

template <class Owner>
void RecordRing<Owner>::begin_segment(std::size_t size) {
  segments_.push_back({std::make_unique_for_overwrite<std::byte[]>(size), size, 0});
  bytes_ += cost(segments_.back());
}

template <class Owner>
template <class Gone>
void RecordRing<Owner>::drop_front(Gone& gone) {
  const Segment& segment = segments_.front();
  for (std::size_t at = 0; at < segment.used;) {
    const Header header = read(segment.memory.get() + at);
    if (header.owner != nullptr) {
      gone(record_of(header, segment.memory.get() + at));
      --records_;
    }
    at += room_for(header.size);
  }
  bytes_ -= cost(segment);
  segments_.pop_front();
  ++first_;
}

}  // namespace control
