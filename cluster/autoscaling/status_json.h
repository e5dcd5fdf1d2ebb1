#pragma once

// An HPA's status on the wire (autoscaling/v2). Pure.

#include "json/json.h"
#include "scale/hpa/spec.h"
#include "scale/hpa/status.h"

namespace cluster::autoscaling {

// What a pass reads of a stored status; null reads as empty. currentMetrics are left out: a pass
// writes them anew, or leaves the stored ones alone.
scale::hpa::Status status_from_json(const json::Value& status);

// spec: names the metrics; status.metrics: one entry per metric of it, or none. kept_metrics: the
// stored currentMetrics, for a pass that leaves them alone, else nullptr.
json::Object status_to_json(const scale::hpa::Spec& spec, const scale::hpa::Status& status,
                            const json::Value* kept_metrics);

}  // namespace cluster::autoscaling
