#pragma once

// Which pods of a Deployment to stop, and how many to start. Pure.

#include <cstdint>
#include <string>
#include <vector>

namespace cluster::process {

// spec.strategy.type. Rolling starts one new pod beyond the wanted number and stops an old one for
// each new one that is ready, so that never fewer than wanted are ready; recreate stops all old
// ones first.
enum class Strategy : std::uint8_t { rolling, recreate };

struct PodView {
  std::string name;
  std::uint64_t order = 0;  // ascending in time of creation
  bool fresh = true;        // made from the template as it is now
  bool ready = false;
  bool stopping = false;  // its processes are being ended; it counts for nothing but recreate
};

struct Rollout {
  std::vector<std::string> stop;  // newest first
  std::int32_t start = 0;
  bool operator==(const Rollout&) const = default;
};

// replicas: >= 0. Pods of the present template are stopped newest first; of an old one, those that
// are not ready first.
Rollout plan_rollout(std::int32_t replicas, Strategy strategy, std::vector<PodView> pods);

}  // namespace cluster::process
