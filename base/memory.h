#pragma once

// The allocator behind operator new, as far as somebody has to know of it. It is mimalloc, except
// under the sanitizers, which bring their own.

#include <cstddef>

namespace base {

// Blocks of many MiB, such as hostile requests make, go back to the system as soon as they are
// freed. Call it once, first of all.
void return_large_blocks();

// What a block of `size` bytes takes of memory; 0 takes none.
std::size_t block_bytes(std::size_t size);

// What the blocks take that the calling thread has in use.
std::size_t heap_bytes();

// Gives what the allocator keeps of the calling thread's memory for later back to the system. Takes
// some milliseconds for each hundred MiB.
void give_back_memory();

}  // namespace base
