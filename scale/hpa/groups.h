#pragma once

// Which pods count: ready, not ready, without a figure, or not at all.

#include <cstdint>
#include <optional>
#include <string_view>

#include "scale/hpa/figures.h"
#include "scale/hpa/pods.h"

namespace scale::hpa {

enum class Group : std::uint8_t { ready, unready, missing, ignored };

struct Grouping {
  std::string_view resource;    // readiness matters for "cpu" alone
  Duration cpu_initialization;  // while a pod is younger, its readiness and samples are doubted
  Duration initial_readiness_delay;  // unready since less after its start: was never ready
  Timestamp now;
};

// First match wins:
//   deleted, Failed or Succeeded                          ignored
//   Pending                                               unready
//   no figure                                             missing
//   cpu: no Ready condition or no start time              unready
//   cpu: within the initialisation period                 unready if not Ready, or if the sample
//   was
//                                                         taken before one window after the pod's
//                                                         last Ready transition
//   cpu: not Ready since before the readiness delay ended unready
//   anything else                                         ready
Group group_of(const Pod& pod, const std::optional<Figure>& figure, const Grouping& grouping);

}  // namespace scale::hpa
