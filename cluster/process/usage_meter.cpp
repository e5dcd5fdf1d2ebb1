#include "cluster/process/usage_meter.h"

#include <algorithm>

namespace cluster::process {

bool UsageMeter::due(Instant now) const {
  return !last_ || now - *last_ >= look_interval_;
}

void UsageMeter::look(const std::map<RunId, Consumption>& runs, Time now) {
  std::map<RunId, Looked> fresh;
  for (const auto& [run, consumed] : runs) {
    Looked& looked = fresh[run];
    looked = {.consumed = consumed, .at = now.steady, .usage = std::nullopt};
    const auto before = looked_.find(run);
    if (before == looked_.end()) continue;
    const Duration window = now.steady - before->second.at;
    if (window <= Duration{0} || window > window_max) continue;
    // A child that nobody waited for takes its time with it.
    const Duration used = std::max(Duration{0}, consumed.cpu - before->second.consumed.cpu);
    looked.usage = Usage{.at = now.wall,
                         .window = window,
                         .cores = base::seconds(used) / base::seconds(window),
                         .resident_bytes = consumed.resident_bytes};
  }
  looked_ = std::move(fresh);
  last_ = now.steady;
}

std::optional<Usage> UsageMeter::of(RunId run) const {
  const auto found = looked_.find(run);
  return found == looked_.end() ? std::nullopt : found->second.usage;
}

}  // namespace cluster::process
