#include "base/memory.h"

#include <malloc.h>

namespace base {
namespace {

constexpr int mapped_alone_bytes = 4 << 20;  // larger pieces go back at once
constexpr int kept_bytes = 8 << 20;          // free at the end of a heap

}  // namespace

void keep_large_buffers() {
  // Other allocators, those of the sanitizers among them, refuse; nothing depends on it.
  mallopt(M_MMAP_THRESHOLD, mapped_alone_bytes);
  mallopt(M_TRIM_THRESHOLD, kept_bytes);
}

void give_back_memory() {
  malloc_trim(0);
}

}  // namespace base
