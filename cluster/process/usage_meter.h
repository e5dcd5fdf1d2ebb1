#pragma once

// How much each pod uses, from two looks at what it has used: what metrics-server does on a
// cluster.

#include <map>
#include <optional>

#include "base/time.h"
#include "cluster/process/consumption.h"
#include "cluster/process/runner.h"

namespace cluster::process {

// Usage over the window that ended at `at`.
struct Usage {
  Timestamp at;
  Duration window{};
  double cores = 0;
  std::uint64_t resident_bytes = 0;
  bool operator==(const Usage&) const = default;
};

// Confined to its owner. Nobody who never asks pays: looks are made when one is due and somebody
// asks.
class UsageMeter {
 public:
  // look_interval: how old the newest look must be for another.
  explicit UsageMeter(Duration look_interval) : look_interval_(look_interval) {}

  // Whether the newest look is old enough for another.
  bool due(Instant now) const;

  // What each run has used until now. Runs that are not named are forgotten.
  struct Time {
    Timestamp wall;
    Instant steady;
  };
  void look(const std::map<RunId, Consumption>& runs, Time now);

  // None until there were two looks at the run, near enough for the window to mean "now".
  std::optional<Usage> of(RunId run) const;

  static constexpr Duration window_max = std::chrono::seconds(60);

 private:
  struct Looked {
    Consumption consumed;
    Instant at;
    std::optional<Usage> usage;
  };
  Duration look_interval_;
  std::map<RunId, Looked> looked_;
  std::optional<Instant> last_;
};

}  // namespace cluster::process
