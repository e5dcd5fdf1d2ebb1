#include "base/random.h"

#include <fmt/format.h>
#include <sys/random.h>

#include <bit>
#include <cerrno>

#include "base/check.h"

namespace base {
namespace {

std::uint64_t system_seed() {
  std::uint64_t seed = 0;
  CHECK(getrandom(&seed, sizeof seed, 0) == sizeof seed);
  return seed;
}

std::uint64_t split_mix(std::uint64_t& state) {
  std::uint64_t z = (state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random() : Random(system_seed()) {}

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) word = split_mix(seed);
}

// xoshiro256**
std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

double Random::unit() {
  return static_cast<double>(next() >> 11) * 0x1.0p-53;
}

std::string Random::name_suffix(int length) {
  constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (int i = 0; i < length; ++i) text += alphabet[next() % alphabet.size()];
  return text;
}

std::string Random::uid() {
  const std::uint64_t high = next();
  const std::uint64_t low = next();
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                     high & 0xfff, 0x8000 | ((low >> 48) & 0x3fff), low & 0xffffffffffff);
}

void fill_secure(std::span<char> into) {
  while (!into.empty()) {
    const ssize_t n = getrandom(into.data(), into.size(), 0);
    CHECK(n > 0 || errno == EINTR);
    if (n > 0) into = into.subspan(static_cast<std::size_t>(n));
  }
}

std::string secure_token(int bytes) {
  std::string raw(static_cast<std::size_t>(bytes), '\0');
  fill_secure(raw);
  std::string text;
  for (const char byte : raw) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

}  // namespace base
