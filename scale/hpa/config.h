#pragma once

// Settings of the controller, and the gates that switch what differs between releases.

#include "base/time.h"
#include "scale/hpa/arithmetic.h"
#include "scale/hpa/spec.h"

namespace scale::hpa {

// Defaults are those of kube-controller-manager.
struct Config {
  double tolerance = 0.1;
  Duration cpu_initialization = std::chrono::minutes(5);
  Duration initial_readiness_delay = std::chrono::seconds(30);
  Duration downscale_stabilization = std::chrono::minutes(5);
};

enum class ZeroMode : std::uint8_t {
  condition,  // zero is remembered in the condition ScaledToZero (Kubernetes 1.36 on)
  classic,    // a minimum of zero reads metrics at zero, any other is paused there
};

struct Gates {
  ZeroMode zero_mode = ZeroMode::condition;
  bool scale_to_zero = true;  // looked at with ZeroMode::condition, and by the validation
  bool configurable_tolerance = true;
  bool pod_level_resources = true;
};

// The controller's tolerance, or in each direction the one its rules state.
Tolerance tolerance_of(const Spec& spec, const Config& config, const Gates& gates);

}  // namespace scale::hpa
