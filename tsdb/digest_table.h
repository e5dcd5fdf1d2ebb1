#pragma once

// From digests to series: the first thing that every point needs, so it is one cache line that can
// be fetched ahead.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tsdb/digest.h"

namespace tsdb {

struct Series;

// Open addressing, linear probing; two thirds full at most. A series may be known by several
// digests. Confined to its store.
//
//   slot:  low 64 bits of the digest | high 64 bits | series, nullptr when free
//
// A slot's home is given by the digest's low bits, which are random to everybody outside.
class DigestTable {
 public:
  // nullptr when the digest is not known.
  Series* find(const Digest& digest) const {
    if (size_ == 0) return nullptr;
    for (std::size_t at = home(digest);; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.series == nullptr || slot.digest == digest) return slot.series;
    }
  }

  // Starts to fetch what find() will look at.
  void prefetch(const Digest& digest) const {
    if (size_ > 0) __builtin_prefetch(&slots_[home(digest)]);
  }

  // One that is known already gets the new series.
  void put(const Digest& digest, Series* series);
  // Nothing when it is not known.
  void erase(const Digest& digest);

  std::size_t size() const { return size_; }

 private:
  struct Slot {
    Digest digest;
    Series* series;
  };

  std::size_t home(const Digest& digest) const { return digest.low & mask_; }
  void resize(std::size_t capacity);

  std::unique_ptr<Slot[]> slots_;
  std::size_t mask_ = 0;  // capacity - 1; the capacity is a power of two, or nothing yet
  std::size_t size_ = 0;
};

}  // namespace tsdb
