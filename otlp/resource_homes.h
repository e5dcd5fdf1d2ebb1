#pragma once

// In which shard the series of a resource live, known from its bytes alone.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tsdb/digest.h"

namespace otlp {

// Remembers by digests, which are keyed, so that nobody outside can choose what they meet in. A
// later one takes the place of another. Confined to its owner.
class ResourceHomes {
 public:
  static constexpr std::size_t places = 8'192;

  std::optional<std::size_t> find(const tsdb::Digest& digest) const {
    if (entries_.empty()) return std::nullopt;
    const Entry& entry = entries_[digest.low % places];
    if (!entry.used || entry.digest != digest) return std::nullopt;
    return entry.shard;
  }

  void remember(const tsdb::Digest& digest, std::size_t shard) {
    if (entries_.empty()) entries_.resize(places);
    entries_[digest.low % places] = {digest, static_cast<std::uint32_t>(shard), true};
  }

 private:
  struct Entry {
    tsdb::Digest digest;
    std::uint32_t shard = 0;
    bool used = false;
  };

  std::vector<Entry> entries_;  // none until something is remembered
};

}  // namespace otlp
