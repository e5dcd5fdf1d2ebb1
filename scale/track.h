#pragma once

// The number on its way from the winner's wish to the outcome, with every step that changed it, and
// when to look again.

#include <algorithm>
#include <optional>

#include "scale/types.h"

namespace scale {

// Writes into the clamps and again_at of a decision, which outlives it.
class Track {
 public:
  explicit Track(Decision& decision) : decision_(decision) {}

  void start(Replicas number) { number_ = number; }

  // `step` says the kind and what its words need.
  void move(Replicas after, Clamp step) {
    if (after == number_) return;
    step.before = number_;
    step.after = after;
    decision_.clamps.push_back(step);
    number_ = after;
  }

  // Only the future counts: what is over was looked at already.
  void look_again(std::optional<Timestamp> at) {
    auto& again = decision_.again_at;
    if (at && *at > decision_.at) again = std::min(again.value_or(*at), *at);
  }

  Replicas number() const { return number_; }

 private:
  Decision& decision_;
  Replicas number_ = 0;
};

}  // namespace scale
