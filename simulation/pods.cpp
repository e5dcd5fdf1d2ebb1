#include "simulation/pods.h"

#include <algorithm>

namespace simulation {

void Pods::scale_to(scale::Replicas wanted_now, Timestamp now) {
  scale::Replicas change = wanted_now - wanted();
  if (change > 0) starting_.push_back({now + start_, change});
  while (change < 0 && !starting_.empty()) {
    Batch& youngest = starting_.back();
    const scale::Replicas ended = std::min(youngest.count, -change);
    youngest.count -= ended;
    change += ended;
    if (youngest.count == 0) starting_.pop_back();
  }
  if (change < 0) ready_ += change;
  advance(now);
}

void Pods::advance(Timestamp now) {
  while (!starting_.empty() && starting_.front().ready_at <= now) {
    ready_ += starting_.front().count;
    starting_.pop_front();
  }
}

std::optional<Timestamp> Pods::next() const {
  if (starting_.empty()) return std::nullopt;
  return starting_.front().ready_at;
}

scale::Replicas Pods::wanted() const {
  scale::Replicas all = ready_;
  for (const Batch& batch : starting_) all += batch.count;
  return all;
}

}  // namespace simulation
