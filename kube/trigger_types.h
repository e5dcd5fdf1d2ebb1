#pragma once

// The trigger types that a ScaledObject may name.

#include <span>
#include <string_view>

namespace kube {

// Those of KEDA 2.21, and kedify-otel; sorted. That one is here does not say that we serve it.
std::span<const std::string_view> trigger_types();

}  // namespace kube
