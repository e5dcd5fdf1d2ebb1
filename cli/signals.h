#pragma once

// Which signal is which trigger's: from files, or from what a running Tidewheel recorded. Blocking.

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/destination.h"
#include "control/plan.h"
#include "simulation/range_signal.h"
#include "simulation/signal.h"

namespace cli {

struct Signals {
  std::vector<simulation::Signal> of;       // one per trigger of the plan, in order
  std::optional<scale::Replicas> replicas;  // what was running at the beginning, where recorded
};

// stated: "TRIGGER=FILE", TRIGGER the trigger's name, "TYPE-INDEX" where it has none, or its index;
// one for each trigger. A file that begins with '{' is the answer of a Prometheus range query, any
// other is CSV. Values are clamped as the trigger's metadata say. Errors: invalid and those of
// reading, with the file in front.
Result<Signals> read_signals(const std::vector<std::string>& stated, const control::Plan& plan,
                             simulation::Series series);

// What the Tidewheel at `server` recorded of `object` in the last `since`. A trigger of the plan is
// the recorded one with its name, else the one with its query. Errors: those of get(), and invalid
// where a trigger was not recorded.
Result<Signals> fetch_signals(const DestinationOptions& server, const std::string& object,
                              Duration since, const control::Plan& plan);

}  // namespace cli
