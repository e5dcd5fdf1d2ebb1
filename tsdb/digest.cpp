#include "tsdb/digest.h"

#include <cstring>

#include "base/random.h"

namespace tsdb {
namespace {

// A bijection in which every bit of the result depends on every bit of `x`.
std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
  x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93;
  return x ^ (x >> 32);
}

}  // namespace

Hasher::Hasher() {
  base::fill_secure(secret_);
}

Hasher::Hasher(std::uint64_t seed) {
  base::Random random(seed);
  for (std::size_t i = 0; i < secret_.size(); i += sizeof(std::uint64_t)) {
    const std::uint64_t word = random.next();
    std::memcpy(secret_.data() + i, &word, sizeof word);
  }
}

Digest Hasher::sealed(const Digest& sum, Part part) {
  const std::uint64_t salt = (static_cast<std::uint64_t>(part) + 1) * 0x9E3779B97F4A7C15;
  return {mixed(sum.low ^ salt), mixed(sum.high + salt)};
}

}  // namespace tsdb
