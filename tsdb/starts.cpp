#include "tsdb/starts.h"

#include <algorithm>

namespace tsdb {

Timestamp Starts::at(Timestamp time) const {
  const auto after = std::ranges::upper_bound(later_, time, {}, &Run::from);
  return after == later_.begin() ? first_ : std::prev(after)->start;
}

bool Starts::overlap(Timestamp since) const {
  Timestamp latest = at(since);
  for (const Run& run : later_) {
    if (run.from <= since) continue;
    if (run.start.ns != 0 && run.start < latest) return true;
    latest = std::max(latest, run.start);
  }
  return false;
}

void Starts::note(Timestamp time, Timestamp start, Timestamp next) {
  const Timestamp before = at(time);
  if (before == start) return;
  auto run = std::ranges::lower_bound(later_, time, {}, &Run::from);
  if (run != later_.end() && run->from == time) {
    run->start = start;
  } else {
    run = later_.insert(run, {time, start});
  }
  // The samples after this one keep the start they had.
  ++run;
  const bool covered = run != later_.end() && run->from <= next;
  if (next > time && !covered) later_.insert(run, {next, before});
}

void Starts::write(std::string& bytes) const {
  put_varint(bytes, static_cast<std::uint64_t>(first_.ns));
  put_varint(bytes, later_.size());
  for (const Run& run : later_) {
    put_varint(bytes, static_cast<std::uint64_t>(run.from.ns));
    put_varint(bytes, static_cast<std::uint64_t>(run.start.ns));
  }
}

std::optional<Starts> Starts::read(Bytes& bytes) {
  const auto time = [&bytes] { return Timestamp{static_cast<std::int64_t>(bytes.varint())}; };
  Starts starts(time());
  const std::uint64_t runs = bytes.varint();
  for (std::uint64_t i = 0; i < runs && !bytes.failed(); ++i) {
    const Timestamp from = time();
    if (!starts.later_.empty() && from <= starts.later_.back().from) return std::nullopt;
    starts.later_.push_back({from, time()});
  }
  if (bytes.failed()) return std::nullopt;
  return starts;
}

void Starts::drop_before(Timestamp oldest) {
  const auto keep = std::ranges::upper_bound(later_, oldest, {}, &Run::from);
  if (keep == later_.begin()) return;
  first_ = std::prev(keep)->start;
  later_.erase(later_.begin(), keep);
}

}  // namespace tsdb
