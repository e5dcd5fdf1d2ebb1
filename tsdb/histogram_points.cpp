#include "tsdb/histogram_points.h"

#include <algorithm>

namespace tsdb {
namespace {

// Grows by a quarter: most series are at their full length soon, and stay there.
template <class T>
void make_room(std::vector<T>& array, std::size_t more) {
  const std::size_t need = array.size() + more;
  if (need > array.capacity()) array.reserve(need + need / 4);
}

template <class T>
void give_back(std::vector<T>& array) {
  if (array.size() < array.capacity() / 4) array.shrink_to_fit();
}

}  // namespace

bool BoundsPool::Less::operator()(const auto& a, const auto& b) const {
  return std::ranges::lexicographical_compare(key(a), key(b));
}

const BoundsPool::Set* BoundsPool::hold(std::span<const double> bounds) {
  auto found = sets_.find(bounds);
  if (found == sets_.end()) found = sets_.insert(Set{{bounds.begin(), bounds.end()}}).first;
  ++found->holders;
  return &*found;
}

void BoundsPool::release(const Set& set) {
  if (--set.holders == 0) sets_.erase(sets_.find(set));
}

void HistogramPoints::insert(Timestamp time, const HistogramView& view, BoundsPool& pool) {
  std::string& bytes = pool.scratch();
  bytes.clear();
  pack(view, bytes);
  PackedHistogram packed{.bounds = {}, .bytes = bytes};
  if (const auto* buckets = std::get_if<ExplicitView>(&view.buckets))
    packed.bounds = buckets->bounds;
  insert(time, packed, pool);
}

void HistogramPoints::insert(Timestamp time, const PackedHistogram& packed, BoundsPool& pool) {
  std::size_t at = entries_.size();
  while (at > 0 && entries_[at - 1].time > time) --at;  // newest first: late ones are few
  const BoundsPool::Set* bounds = packed.bounds ? hold(*packed.bounds, pool) : nullptr;
  if (at > 0 && entries_[at - 1].time == time) {
    --at;
    erase(at, at + 1, pool);
  }
  const auto begin = static_cast<std::uint32_t>(at > 0 ? end_of(at - 1) : 0);
  make_room(bytes_, packed.bytes.size());
  bytes_.insert(bytes_.begin() + begin, packed.bytes.begin(), packed.bytes.end());
  make_room(entries_, 1);
  entries_.insert(entries_.begin() + static_cast<std::ptrdiff_t>(at), {time, bounds, begin});
  for (std::size_t i = at + 1; i < entries_.size(); ++i)
    entries_[i].begin += static_cast<std::uint32_t>(packed.bytes.size());
  while (bytes_.size() > bytes_max) erase(0, 1, pool);
}

void HistogramPoints::drop_before(Timestamp from, BoundsPool& pool) {
  if (entries_.empty() || entries_.front().time >= from) return;
  erase(0, first_since(from), pool);
  give_back(entries_);
  give_back(bytes_);
}

void HistogramPoints::clear(BoundsPool& pool) {
  erase(0, entries_.size(), pool);
}

std::size_t HistogramPoints::bytes() const {
  return entries_.capacity() * sizeof(Entry) + bytes_.capacity();
}

Histogram HistogramPoints::at(std::size_t i) const {
  const PackedHistogram one = packed(i);
  return unpack(one.bytes, one.bounds.value_or(std::span<const double>()));
}

PackedHistogram HistogramPoints::packed(std::size_t i) const {
  const Entry& entry = entries_[i];
  PackedHistogram one{.bounds = {},
                      .bytes = {bytes_.data() + entry.begin, end_of(i) - entry.begin}};
  if (entry.bounds) one.bounds = entry.bounds->bounds;
  return one;
}

std::size_t HistogramPoints::first_since(Timestamp from) const {
  const auto first = std::ranges::lower_bound(entries_, from, {}, &Entry::time);
  return static_cast<std::size_t>(first - entries_.begin());
}

std::size_t HistogramPoints::end_of(std::size_t i) const {
  return i + 1 < entries_.size() ? entries_[i + 1].begin : bytes_.size();
}

// Nearly always those of the newest point.
const BoundsPool::Set* HistogramPoints::hold(std::span<const double> bounds,
                                             BoundsPool& pool) const {
  const BoundsPool::Set* last = entries_.empty() ? nullptr : entries_.back().bounds;
  if (!last || !std::ranges::equal(last->bounds, bounds)) return pool.hold(bounds);
  BoundsPool::hold(*last);
  return last;
}

void HistogramPoints::erase(std::size_t first, std::size_t last, BoundsPool& pool) {
  if (first == last) return;
  const std::uint32_t begin = entries_[first].begin;
  const auto bytes = static_cast<std::uint32_t>(end_of(last - 1) - begin);
  for (std::size_t i = first; i < last; ++i) {
    if (entries_[i].bounds) pool.release(*entries_[i].bounds);
  }
  bytes_.erase(bytes_.begin() + begin, bytes_.begin() + begin + bytes);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(first),
                 entries_.begin() + static_cast<std::ptrdiff_t>(last));
  for (std::size_t i = first; i < entries_.size(); ++i) entries_[i].begin -= bytes;
}

}  // namespace tsdb
