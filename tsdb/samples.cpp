#include "tsdb/samples.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tsdb {
namespace {

// Few enough to move on every append without anybody noticing.
constexpr std::uint32_t cheap_to_move = 64;

// How many fit after `size` did not: the next of the sizes that the allocator has, four to each
// power of two.
std::uint32_t next_capacity(std::uint32_t size) {
  constexpr std::uint32_t least_step = 4;
  if (size == 0) return 1;
  const std::uint32_t step = std::max(least_step, std::bit_floor(size) / 4);
  return (size / step + 1) * step;
}

}  // namespace

std::span<const Sample> Samples::since(Timestamp from) const {
  const auto samples = all();
  const auto first = std::ranges::lower_bound(samples, from, {}, &Sample::time);
  return samples.subspan(static_cast<std::size_t>(first - samples.begin()));
}

Samples Samples::copy_of(std::string_view bytes, Timestamp from, Timestamp to) {
  const auto at = [bytes](std::size_t i) {
    Sample sample;
    std::memcpy(&sample, bytes.data() + i * sizeof sample, sizeof sample);
    return sample;
  };
  std::size_t begin = 0;
  std::size_t end = bytes.size() / sizeof(Sample);
  while (begin < end && at(begin).time() < from) ++begin;
  while (begin < end && at(end - 1).time() > to) --end;
  Samples samples;
  if (begin == end) return samples;
  samples.move_to(static_cast<std::uint32_t>(end - begin));
  std::memcpy(samples.data_.get(), bytes.data() + begin * sizeof(Sample),
              (end - begin) * sizeof(Sample));
  samples.size_ = samples.capacity_;
  return samples;
}

bool Samples::insert_anywhere(Sample sample) {
  std::uint32_t at = size_;
  while (at > 0 && begin()[at - 1].time() > sample.time()) --at;  // newest first: late ones are few
  if (at > 0 && begin()[at - 1].time() == sample.time()) {
    begin()[at - 1] = sample;
    return false;
  }
  if (head_ + size_ == capacity_) make_room();
  std::copy_backward(begin() + at, begin() + size_, begin() + size_ + 1);
  begin()[at] = sample;
  ++size_;
  return true;
}

std::size_t Samples::drop_before(Timestamp from) {
  std::uint32_t dropped = 0;
  while (dropped < size_ && begin()[dropped].time() < from) ++dropped;
  head_ += dropped;
  size_ -= dropped;
  if (size_ == 0) head_ = 0;
  return dropped;
}

void Samples::drop_oldest() {
  ++head_;
  --size_;
}

void Samples::shrink() {
  if (capacity_ > 4 && size_ < capacity_ / 4) move_to(size_ + 1);
}

bool Samples::front_is_worth_it() const {
  return head_ > 0 && (size_ < cheap_to_move || head_ >= size_ / 4);
}

void Samples::make_room() {
  if (!front_is_worth_it()) return move_to(next_capacity(size_));
  std::copy(begin(), begin() + size_, data_.get());
  head_ = 0;
}

void Samples::move_to(std::uint32_t capacity) {
  auto data = std::make_unique_for_overwrite<Sample[]>(capacity);
  std::copy(begin(), begin() + size_, data.get());
  data_ = std::move(data);
  head_ = 0;
  capacity_ = capacity;
}

}  // namespace tsdb
