#pragma once

// When the pods of a count of replicas are ready. Plain value.

#include <deque>
#include <optional>

#include "base/time.h"
#include "scale/types.h"

namespace simulation {

// Pods that were asked for become ready `start` later. When fewer are wanted, those that are not
// ready go first, youngest first, as a ReplicaSet ends them.
class Pods {
 public:
  // `ready` pods are there from the beginning.
  Pods(scale::Replicas ready, Duration start) : start_(start), ready_(ready) {}

  void scale_to(scale::Replicas wanted, Timestamp now);
  // Time has come to `now`.
  void advance(Timestamp now);

  scale::Replicas ready() const { return ready_; }
  // When the next pod becomes ready.
  std::optional<Timestamp> next() const;

 private:
  struct Batch {
    Timestamp ready_at;
    scale::Replicas count = 0;
  };

  scale::Replicas wanted() const;

  Duration start_;
  scale::Replicas ready_ = 0;
  std::deque<Batch> starting_;  // oldest first
};

}  // namespace simulation
