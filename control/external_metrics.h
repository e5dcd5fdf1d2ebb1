#pragma once

// What the HPAs of engine hpa ask for, and what they are answered: external.metrics.k8s.io. Pure.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/plan.h"
#include "scale/hpa/arithmetic.h"

namespace control {

// The one metric of an object with scalingModifiers, and the label by which metrics name their
// ScaledObject.
inline constexpr std::string_view composite_metric = "composite-metric";
inline constexpr std::string_view scaled_object_label = "scaledobject.keda.sh/name";

// "s0-shop-mail": one per trigger, in order, as KEDA and otel-add-on name them.
std::vector<std::string> external_metric_names(const Plan& plan, const kube::Key& object);

// The amount in thousandths, at least 0 and cut towards it as KEDA cuts, with which the HPA decides
// as scale::decide() did: what the trigger's reading or its policy says. A trigger that the
// manifest ignores reads 0 beside others. Names count without regard to case, as on the wire.
// Errors: not_found for another name; unavailable for a trigger that holds: a failing metric is
// what keeps an HPA from scaling down. A value that has not seen its whole window fails too, unless
// it raises.
Result<scale::hpa::Milli> external_value(const Plan& plan, const kube::Key& object,
                                         const scale::Decision& decision, std::string_view metric);

}  // namespace control
