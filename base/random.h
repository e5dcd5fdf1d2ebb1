#pragma once

// The only place that draws random numbers.

#include <cstdint>
#include <span>
#include <string>

namespace base {

// Not for secrets. Confined to its owner.
class Random {
 public:
  Random();                             // seeded by the system
  explicit Random(std::uint64_t seed);  // for tests

  std::uint64_t next();
  double unit();  // in [0, 1)
  // `length` characters of Kubernetes' generated names: lower-case consonants and digits.
  std::string name_suffix(int length);
  std::string uid();  // a version 4 UUID

 private:
  std::uint64_t state_[4];
};

// Fills `into` from the system's secure source.
void fill_secure(std::span<char> into);

// `bytes` random bytes of the system's secure source, as hexadecimal text.
std::string secure_token(int bytes);

}  // namespace base
