#pragma once

// How the process deals with memory that it does not need at the moment.

namespace base {

// Buffers of some hundred KiB, such as the bodies of requests, come and go all the time: from now
// on up to some MiB that were given back are kept for the next ones instead of being returned to
// the system each time, which costs more than filling them. Call it once, first of all.
void keep_large_buffers();

// Gives what the allocator keeps for later back to the system, wherever it lies. Takes some
// milliseconds for each hundred MiB, while which others wait for memory.
void give_back_memory();

}  // namespace base
