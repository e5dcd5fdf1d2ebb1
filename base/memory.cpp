#include "base/memory.h"

#ifdef TIDEWHEEL_MIMALLOC
#include <mimalloc.h>
#else
#include <malloc.h>
#endif

namespace base {

#ifdef TIDEWHEEL_MIMALLOC

void return_large_blocks() {
  mi_option_set(mi_option_segment_decommit_delay, 0);
}

std::size_t block_bytes(std::size_t size) {
  return size == 0 ? 0 : mi_good_size(size);
}

std::size_t heap_bytes() {
  const auto add = [](const mi_heap_t*, const mi_heap_area_t* area, void*, std::size_t, void* sum) {
    *static_cast<std::size_t*>(sum) += area->used * area->block_size;
    return true;
  };
  std::size_t sum = 0;
  mi_heap_visit_blocks(mi_heap_get_default(), false, add, &sum);
  return sum;
}

// While there is a delay, collecting only begins it.
void give_back_memory() {
  const long delay = mi_option_get(mi_option_decommit_delay);
  mi_option_set(mi_option_decommit_delay, 0);
  mi_collect(true);
  mi_option_set(mi_option_decommit_delay, delay);
}

#else

void return_large_blocks() {}

std::size_t block_bytes(std::size_t size) {
  constexpr std::size_t step = 16;
  return (size + step - 1) / step * step;
}

std::size_t heap_bytes() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

void give_back_memory() {
  malloc_trim(0);
}

#endif

}  // namespace base
