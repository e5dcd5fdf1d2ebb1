#pragma once

// What a simulation adds up as time passes. Confined to one simulation.

#include <optional>
#include <span>

#include "scale/types.h"
#include "simulation/feed.h"
#include "simulation/simulate.h"

namespace simulation {

class Tally {
 public:
  // `replicas` at `start`.
  Tally(const scale::Spec& spec, scale::Replicas replicas, Timestamp start);

  // What was in force until `now`, which ascends.
  void pass(Timestamp now, scale::Replicas replicas, scale::Replicas ready,
            std::span<const Feed> feeds);
  // A change of direction within `window` of the change before is a flap; whether this one is.
  bool change(Timestamp at, scale::Replicas from, scale::Replicas to, Duration window);

  Summary finish(scale::Replicas replicas) const;

 private:
  const scale::Spec& spec_;
  Summary summary_;
  Timestamp now_;
  double replica_seconds_ = 0;
  std::optional<Timestamp> last_change_;
  bool last_was_up_ = false;
};

}  // namespace simulation
