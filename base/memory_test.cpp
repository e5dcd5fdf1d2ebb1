#include "base/memory.h"

#include <gtest/gtest.h>

namespace base {
namespace {

TEST(Memory, ABlockTakesWhatWasAskedForAndNotMuchMore) {
  EXPECT_EQ(block_bytes(0), 0u);
  for (std::size_t size = 1; size < 100'000; size += 7) {
    EXPECT_GE(block_bytes(size), size);
    EXPECT_LE(block_bytes(size), size + size / 4 + 16);
    EXPECT_LE(block_bytes(size), block_bytes(size + 7));
  }
}

}  // namespace
}  // namespace base
