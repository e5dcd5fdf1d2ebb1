#pragma once

// One trigger's signal as time passes: which reading is in force. Confined to one simulation.

#include <optional>

#include "scale/types.h"
#include "simulation/signal.h"

namespace simulation {

class Feed {
 public:
  // signal outlives this. stale_after > 0: a value or not-a-number that is older is stale.
  Feed(const Signal& signal, Duration stale_after) : signal_(signal), stale_after_(stale_after) {}

  // Takes what has come by `now`, which ascends.
  void advance(Timestamp now);

  const scale::Reading& reading() const { return reading_; }
  // When the reading changes next by itself: a sample comes, or this one grows stale.
  std::optional<Timestamp> next() const;

 private:
  std::optional<Timestamp> stale_at() const;

  const Signal& signal_;
  Duration stale_after_;
  std::size_t taken_ = 0;
  scale::Reading reading_;
};

}  // namespace simulation
