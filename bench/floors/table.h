#pragma once

// The least that can be called a store: a flat table of series with a ring of samples each. It
// never compares labels, never forgets and never answers.

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace floors {

struct Key {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  Key& operator+=(const Key& other) {
    low += other.low;
    high += other.high;
    return *this;
  }
  friend Key operator+(Key a, const Key& b) { return a += b; }
  // For a part that must not be taken for another one.
  Key rotated() const { return {high, low}; }
  bool operator==(const Key&) const = default;
};

inline Key hash(std::string_view bytes) {
  const XXH128_hash_t hashed = XXH3_128bits(bytes.data(), bytes.size());
  return {hashed.low64, hashed.high64};
}

struct Row {
  Key key;
  std::uint64_t time = 0;
  std::uint64_t value = 0;
};

// Open addressing, linear probing, at most half full. As many series as it was made for.
class Table {
 public:
  explicit Table(std::size_t series) : slots_(std::bit_ceil(2 * series)), series_(series) {}

  // Fetches what all rows need, then stores them.
  void store(std::span<const Row> rows) {
    constexpr std::size_t ahead = 16;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + ahead < rows.size()) __builtin_prefetch(&slots_[home(rows[i + ahead].key)]);
      found_.push_back(find(rows[i].key));
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + ahead < rows.size()) __builtin_prefetch(found_[i + ahead], 1);
      found_[i]->add(rows[i]);
    }
    found_.clear();
  }

  std::size_t series() const { return used_; }

 private:
  // 12 samples, as the figures ask for.
  struct Series {
    std::uint32_t next = 0;
    std::array<std::uint64_t, 12> times{}, values{};

    void add(const Row& row) {
      times[next] = row.time;
      values[next] = row.value;
      next = next + 1 == times.size() ? 0 : next + 1;
    }
  };
  struct Slot {
    Key key;
    Series* series = nullptr;
  };

  std::size_t home(const Key& key) const { return key.low & (slots_.size() - 1); }
  Series* find(const Key& key) {
    std::size_t at = home(key);
    while (slots_[at].series != nullptr && slots_[at].key != key)
      at = (at + 1) & (slots_.size() - 1);
    if (slots_[at].series == nullptr) slots_[at] = {key, &series_[used_++]};
    return slots_[at].series;
  }

  std::vector<Slot> slots_;
  std::vector<Series> series_;
  std::size_t used_ = 0;
  std::vector<Series*> found_;
};

}  // namespace floors
