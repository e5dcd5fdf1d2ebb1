#include "simulation/tally.h"

#include <algorithm>
#include <utility>

namespace simulation {
namespace {

constexpr double seconds_per_hour = 3600;

void pass_load(Load& load, const scale::Reading& reading, double capacity, Duration span) {
  if (reading.state != scale::Reading::State::value) {
    load.unknown_time += span;
    return;
  }
  const double excess = reading.value - capacity;
  if (!(excess > 0)) return;
  load.unmet += excess * base::seconds(span);
  load.worst = std::max(load.worst, excess);
  load.unmet_time += span;
}

}  // namespace

Tally::Tally(const scale::Spec& spec, scale::Replicas replicas, Timestamp start)
    : spec_(spec), now_(start) {
  summary_.start = start;
  summary_.end = start;
  summary_.min = replicas;
  summary_.max = replicas;
  summary_.loads.resize(spec.triggers.size());
}

void Tally::pass(Timestamp now, scale::Replicas replicas, scale::Replicas ready,
                 std::span<const Feed> feeds) {
  const Duration span = now - std::exchange(now_, now);
  if (span == Duration{0}) return;
  replica_seconds_ += static_cast<double>(replicas) * base::seconds(span);
  for (std::size_t i = 0; i < feeds.size(); ++i) {
    const double capacity = static_cast<double>(ready) * spec_.triggers[i].target;
    pass_load(summary_.loads[i], feeds[i].reading(), capacity, span);
  }
}

bool Tally::change(Timestamp at, scale::Replicas from, scale::Replicas to, Duration window) {
  const bool up = to > from;
  const auto before = std::exchange(last_change_, at);
  const bool turned = std::exchange(last_was_up_, up) != up;
  const bool flap = before && turned && at - *before <= window;
  ++(up ? summary_.ups : summary_.downs);
  if (flap) ++summary_.flaps;
  summary_.min = std::min(summary_.min, to);
  summary_.max = std::max(summary_.max, to);
  return flap;
}

Summary Tally::finish(scale::Replicas replicas) const {
  Summary summary = summary_;
  summary.end = now_;
  summary.replica_hours = replica_seconds_ / seconds_per_hour;
  const double span = base::seconds(summary.end - summary.start);
  summary.mean = span > 0 ? replica_seconds_ / span : static_cast<double>(replicas);
  return summary;
}

}  // namespace simulation
