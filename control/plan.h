#pragma once

// What a ScaledObject asks for, compiled: the decision's specification and each trigger's question.
// Pure.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kube/schema.h"
#include "kube/types.h"
#include "scale/types.h"
#include "scalers/kedify_otel.h"

namespace control {

// What is wrong, where it is, in words its author can act on.
using kube::Problem;

struct Plan {
  scale::Spec spec;
  std::vector<scalers::kedify_otel::Params> triggers;  // one per spec.triggers
  std::string engine;
  kube::Key target;
  std::string hpa_name;    // engine hpa
  bool wants_hpa = false;  // engine hpa, and nothing is paused altogether
  bool takes_over_hpa = false;
  bool restore_replicas = false;  // on deletion, back to the count before
};

struct Compiled {
  std::optional<Plan> plan;  // none when there are problems
  std::vector<Problem> problems;
  std::vector<Problem> warnings;  // unknown metadata keys, fields that are not honoured yet
};

struct PlanOptions {
  std::span<const std::string> own_scaler_addresses;
  std::string_view default_engine;
};

Compiled compile(const kube::ScaledObject& object, const PlanOptions& options);

// KEDA's reading of boolean annotations: text that is no Go bool (also the empty one) counts as
// true.
bool annotation_is_true(const kube::ObjectMeta& meta, std::string_view name);

}  // namespace control
