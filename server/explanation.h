#pragma once

// Why an object has the replicas it has, as text for people. Pure.

#include <span>
#include <string>
#include <vector>

#include "control/board.h"

namespace server {

// The outcome and its reason in the first line; then its state, each trigger's reading, the last
// decision with every step between signal and outcome, and those before it. records: newest first.
std::string explain(const control::ObjectView& object,
                    std::span<const control::DecisionRecord> records, Timestamp now);

// A moment of the past.
struct Past {
  kube::Key key;
  Timestamp at;
  control::Moment moment;
  std::vector<control::DecisionRecord> before;  // what led to moment.record, newest first
};

// The same of a moment of the past: what was in force and until when, and what came next; or since
// when records are kept.
std::string explain(const Past& past, Timestamp now);

}  // namespace server
