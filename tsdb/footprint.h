#pragma once

// What series take of memory, by what for.

#include <cstddef>

#include "base/memory.h"

namespace tsdb {

// Bytes of the heap, as far as they are counted: all that grows with the number of series or
// samples. Standing queries are beside it, bounded by their own limits.
struct Footprint {
  std::size_t identity = 0;  // series and the label sets that they share
  std::size_t index = 0;     // the tables and lists by which they are found
  std::size_t samples = 0;

  Footprint& operator+=(const Footprint& other) {
    identity += other.identity;
    index += other.index;
    samples += other.samples;
    return *this;
  }
  std::size_t total() const { return identity + index + samples; }
  bool operator==(const Footprint&) const = default;
};

using base::block_bytes;

// What a boost::unordered_flat_set takes: a byte beside each slot, a fifteenth of them kept free.
template <class Table>
std::size_t table_bytes(const Table& table) {
  return table.bucket_count() * (sizeof(typename Table::value_type) + 1);
}

// Gives back most of a table that has become far too large; they do not by themselves.
template <class Table>
void shrink_table(Table& table) {
  constexpr std::size_t worth_it = 1024;
  if (table.bucket_count() > worth_it && table.size() < table.bucket_count() / 8) table.rehash(0);
}

}  // namespace tsdb
