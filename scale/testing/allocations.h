#pragma once

// Counts allocations, for benches: including this replaces operator new in the program. The
// replacements are weak, so that several files of one program may include this.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace scale::testing {

inline std::atomic<std::uint64_t> allocations{0};

}  // namespace scale::testing

[[gnu::weak]] void* operator new(std::size_t size) {
  scale::testing::allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::weak]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::weak]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
