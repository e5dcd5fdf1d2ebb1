#include "tsdb/streams.h"

#include <algorithm>
#include <span>
#include <utility>

namespace tsdb {

Streams::Streams(const Starts& starts, Timestamp begin)
    : starts_(starts), begin_(begin), overlapping_(starts.overlap()) {}

Streams::Step Streams::next(Timestamp time, std::size_t number) {
  const Timestamp start = starts_.at(time);
  return overlapping_ ? of_its_own(start, number) : after_last(start, number);
}

// One stream after the other.
Streams::Step Streams::after_last(Timestamp start, std::size_t number) {
  const Timestamp last = std::exchange(last_, start);
  if (number == 0) return {};
  if (last.ns != 0 && start > last) return {.kind = Step::Kind::anew};
  return {Step::Kind::continues, number - 1};
}

// Several at once: a stream that began before the window has counted nobody knows how much of it.
Streams::Step Streams::of_its_own(Timestamp start, std::size_t number) {
  const auto known = std::span(streams_).first(size_);
  const auto found = std::ranges::find(known, start, &Stream::start);
  if (found != known.end()) return {Step::Kind::continues, std::exchange(found->newest, number)};
  Stream& added = size_ < streams_max ? streams_[size_++] : oldest();
  added = {start, number};
  return {.kind = number > 0 && start >= begin_ ? Step::Kind::anew : Step::Kind::first};
}

Streams::Stream& Streams::oldest() {
  return *std::ranges::min_element(streams_, {}, &Stream::newest);
}

}  // namespace tsdb
