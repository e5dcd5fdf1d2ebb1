// Runs a fuzz target over its seeds, and over deterministic mutations of them, as an ordinary test.
// Usage: PROGRAM SEED_FOLDER. Fails when the folder has no seed: a fuzzer without one tests
// nothing.

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr int mutations_per_seed = 2000;
constexpr std::size_t seed_bytes_max = 1 << 16;

void mutate(Bytes& bytes, std::mt19937_64& random) {
  if (bytes.empty()) return;
  const std::size_t at = random() % bytes.size();
  switch (random() % 4) {
    case 0:
      bytes[at] = static_cast<std::uint8_t>(random());
      break;
    case 1:
      bytes[at] ^= static_cast<std::uint8_t>(1u << (random() % 8));
      break;
    case 2:
      bytes.resize(at);
      break;
    default:
      bytes.insert(bytes.begin() + static_cast<long>(at), static_cast<std::uint8_t>(random()));
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  int seeds = 0;
  std::mt19937_64 random{42};
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(argv[1], error)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const Bytes seed{std::istreambuf_iterator<char>(file), {}};
    LLVMFuzzerTestOneInput(seed.data(), seed.size());
    ++seeds;
    if (seed.size() > seed_bytes_max) continue;
    for (int i = 0; i < mutations_per_seed; ++i) {
      Bytes bytes = seed;
      for (std::uint64_t n = 1 + random() % 4; n > 0; --n) mutate(bytes, random);
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    }
  }
  std::printf("%d seeds, %d mutations each\n", seeds, mutations_per_seed);
  return seeds > 0 ? 0 : 1;
}
