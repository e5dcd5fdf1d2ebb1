#pragma once

// 128 bits that stand for what identifies a series, so that a known one is found without reading
// its labels.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace tsdb {

// Digests of parts add up to the digest of the whole, whatever the order of the parts.
struct Digest {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  Digest& operator+=(const Digest& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  friend Digest operator+(Digest a, const Digest& b) { return a += b; }
  bool operator==(const Digest&) const = default;
};

// What a digest is of. Equal bytes in different parts have unrelated digests.
enum class Part : std::uint8_t { resource, scope, scope_name, scope_version, metric };

// A keyed hash: who does not know the key cannot choose bytes that meet in one digest. Digests of
// different keys have nothing to do with one another. Immutable.
// Source: XXH3's 128 bits with a secret.
class Hasher {
 public:
  Hasher();                             // a key that nobody can guess
  explicit Hasher(std::uint64_t seed);  // for tests

  // Of one label, as its bytes were sent; labels of one set add up.
  Digest of(std::string_view bytes) const {
    const XXH128_hash_t hash =
        XXH3_128bits_withSecret(bytes.data(), bytes.size(), secret_.data(), secret_.size());
    return {hash.low64, hash.high64};
  }

  // Closes a sum, so that it can be added to those of the other parts.
  static Digest sealed(const Digest& sum, Part part);

 private:
  std::array<char, 192> secret_;  // XXH3's default size
};

}  // namespace tsdb
