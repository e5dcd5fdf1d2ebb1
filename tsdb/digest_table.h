#pragma once

// From digests to series: the first thing that every point needs, so it is one cache line that can
// be fetched ahead.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tsdb/footprint.h"

namespace tsdb {

struct Series;

// Open addressing, linear probing; two thirds full at most. Its keys are the low halves of digests:
// the series that is found knows the whole. Confined to its store.
//
//   slot:  key, 64 bits | series, nullptr when free
//
// A slot's home is given by the key's low bits, which are random to everybody outside.
class DigestTable {
 public:
  // nullptr when the key is not known.
  Series* find(std::uint64_t key) const {
    if (size_ == 0) return nullptr;
    for (std::size_t at = home(key);; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.series == nullptr || slot.key == key) return slot.series;
    }
  }

  // Starts to fetch what find() will look at.
  void prefetch(std::uint64_t key) const {
    if (size_ > 0) __builtin_prefetch(&slots_[home(key)]);
  }

  // One that is known already gets the new series.
  void put(std::uint64_t key, Series* series);
  // Nothing when it is not known.
  void erase(std::uint64_t key);

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return slots_ ? block_bytes((mask_ + 1) * sizeof(Slot)) : 0; }

 private:
  struct Slot {
    std::uint64_t key;
    Series* series;
  };

  std::size_t home(std::uint64_t key) const { return key & mask_; }
  void resize(std::size_t capacity);

  std::unique_ptr<Slot[]> slots_;
  std::size_t mask_ = 0;  // capacity - 1; the capacity is a power of two, or nothing yet
  std::size_t size_ = 0;
};

}  // namespace tsdb
