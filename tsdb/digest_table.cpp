#include "tsdb/digest_table.h"

#include <utility>

namespace tsdb {
namespace {

constexpr std::size_t capacity_min = 64;

}  // namespace

void DigestTable::put(std::uint64_t key, Series* series) {
  const std::size_t capacity = slots_ ? mask_ + 1 : 0;
  if ((size_ + 1) * 3 > capacity * 2) resize(capacity == 0 ? capacity_min : capacity * 2);
  std::size_t at = home(key);
  while (slots_[at].series != nullptr && slots_[at].key != key) at = (at + 1) & mask_;
  if (slots_[at].series == nullptr) ++size_;
  slots_[at] = {key, series};
}

void DigestTable::erase(std::uint64_t key) {
  if (size_ == 0) return;
  std::size_t hole = home(key);
  while (slots_[hole].key != key || slots_[hole].series == nullptr) {
    if (slots_[hole].series == nullptr) return;
    hole = (hole + 1) & mask_;
  }
  // What follows moves up, unless it would leave its home behind.
  for (std::size_t at = (hole + 1) & mask_; slots_[at].series != nullptr; at = (at + 1) & mask_) {
    const std::size_t way = (at - home(slots_[at].key)) & mask_;
    if (way < ((at - hole) & mask_)) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  --size_;
  const std::size_t capacity = mask_ + 1;
  if (capacity > capacity_min && size_ * 8 < capacity) resize(capacity / 2);
}

void DigestTable::resize(std::size_t capacity) {
  const std::size_t old_capacity = slots_ ? mask_ + 1 : 0;
  const auto old = std::exchange(slots_, std::make_unique<Slot[]>(capacity));
  mask_ = capacity - 1;
  size_ = 0;
  for (std::size_t i = 0; i < old_capacity; ++i) {
    if (old[i].series != nullptr) put(old[i].key, old[i].series);
  }
}

}  // namespace tsdb
