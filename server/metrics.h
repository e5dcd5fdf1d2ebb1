#pragma once

// The metrics this folder writes: names, help and where they come from.

#include <string_view>

#include "tsdb/metric_query.h"

namespace server::metric_names {

struct Name {
  std::string_view name;
  std::string_view help;
};

// As otel-add-on spells them.
inline constexpr Name runtime_info{"keda_otel_scaler_runtime_info",
                                   "Always 1; the labels say what is running"};
inline constexpr Name points_read{"keda_otel_scaler_metric_points_read",
                                  "Questions answered from data, by metric"};
inline constexpr Name metric_value_read{"keda_otel_scaler_metric_value",
                                        "Last value read, before clamping"};
inline constexpr Name metric_value_clamped{
    "keda_otel_scaler_metric_value_clamped",
    "Last value that the external scaler found and answered, after clamping"};

inline constexpr Name trigger_state{
    "tidewheel_trigger_state", "1 for the state the trigger's reading is in, 0 for the others"};
inline constexpr Name trigger_value{"tidewheel_trigger_value",
                                    "The trigger's value; NaN while there is none"};
inline constexpr Name trigger_target{"tidewheel_trigger_target",
                                     "The value that one replica carries"};
inline constexpr Name trigger_active{"tidewheel_trigger_active",
                                     "1 while the trigger is above its activation value"};
inline constexpr Name object_replicas{"tidewheel_object_replicas",
                                      "Replicas of the workload; NaN when it does not exist"};
inline constexpr Name object_ready{"tidewheel_object_ready_replicas",
                                   "Replicas of the workload that are ready"};
inline constexpr Name object_desired{"tidewheel_object_desired_replicas",
                                     "Replicas the object should have"};
inline constexpr Name object_problems{"tidewheel_object_problems",
                                      "How many things are wrong with the object"};

}  // namespace server::metric_names
