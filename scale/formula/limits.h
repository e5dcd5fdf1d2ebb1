#pragma once

// What a formula may cost. Each limit is an error that names it, never a crash.

#include <cstddef>
#include <cstdint>

namespace scale::formula {

// At compile time (code invalid).
inline constexpr std::size_t text_bytes_max = 16 * 1024;
inline constexpr std::size_t nodes_max = 4000;      // of the syntax tree
inline constexpr std::uint32_t height_max = 1000;   // of the syntax tree: a sum of 1000 terms
inline constexpr std::uint32_t nesting_max = 100;   // parentheses, arguments, branches, lets
inline constexpr std::uint32_t stack_max = 256;     // values waiting at one time
inline constexpr std::uint32_t variables_max = 64;  // `let` and chained comparisons in scope
inline constexpr std::uint32_t loops_max = 16;      // predicates inside predicates

// At evaluation (code exhausted).
inline constexpr std::size_t elements_max = 20'000;     // of all arrays and maps made
inline constexpr std::uint64_t steps_max = 1'000'000;   // instructions in loops, elements visited
inline constexpr std::uint32_t array_nesting_max = 32;  // arrays inside arrays

// Elements that need no allocation.
inline constexpr std::size_t elements_inline = 64;

}  // namespace scale::formula
