#include "scale/hpa/validate.h"

#include <algorithm>
#include <array>

#include "scale/hpa/validate_metrics.h"

namespace scale::hpa {
namespace {

using enum FieldErrorType;

constexpr std::array<std::string_view, 3> selections = {"Max", "Min", "Disabled"};
constexpr std::array<std::string_view, 2> policy_types = {"Pods", "Percent"};

void check_replicas(const Members& spec, bool zero_allowed) {
  const std::int32_t lowest = zero_allowed ? 0 : 1;
  const auto min = spec.integer("minReplicas");
  const auto max = spec.integer("maxReplicas").value_or(0);
  if (min && *min < lowest) {
    spec.add(spec.path("minReplicas"), invalid, "must be at least " + std::to_string(lowest));
  }
  if (max < 1) spec.add(spec.path("maxReplicas"), invalid, "must be greater than 0");
  if (min && max < *min) {
    spec.add(spec.path("maxReplicas"), invalid, "must be at least minReplicas");
  }
}

void check_metrics(const Members& spec, std::span<const KnownRef> known) {
  bool wakes = false;
  for (const Members& metric : spec.items("metrics")) {
    check_metric(metric, known);
    const auto type = metric.text("type");
    wakes = wakes || type == "Object" || type == "External";
  }
  if (spec.integer("minReplicas") == 0 && !wakes) {
    spec.add(spec.path("metrics"), forbidden,
             "must have an Object or External metric to scale to zero replicas");
  }
}

void check_policy(const Members& policy) {
  if (std::ranges::count(policy_types, policy.text("type").value_or("")) == 0) {
    policy.add(policy.path("type"), not_supported, "must be Pods or Percent");
  }
  if (policy.integer("value").value_or(0) <= 0) {
    policy.add(policy.path("value"), invalid, "must be greater than 0");
  }
  const auto period = policy.integer("periodSeconds").value_or(0);
  if (period <= 0 || period > period_max_s) {
    policy.add(policy.path("periodSeconds"), invalid,
               "must be between 1 and " + std::to_string(period_max_s));
  }
}

void check_rules(const Members& rules) {
  if (!rules.present()) return;
  const auto window = rules.integer("stabilizationWindowSeconds").value_or(0);
  if (window < 0 || window > window_max_s) {
    rules.add(rules.path("stabilizationWindowSeconds"), invalid,
              "must be between 0 and " + std::to_string(window_max_s));
  }
  if (std::ranges::count(selections, rules.text("selectPolicy").value_or("Max")) == 0) {
    rules.add(rules.path("selectPolicy"), not_supported, "must be Max, Min or Disabled");
  }
  const auto policies = rules.items("policies");
  if (policies.empty()) {
    rules.add(rules.path("policies"), required, "must specify at least one policy");
  }
  for (const Members& policy : policies) check_policy(policy);
  const auto tolerance = rules.quantity("tolerance");
  if (tolerance && tolerance->sign() < 0) {
    rules.add(rules.path("tolerance"), invalid, "must not be negative");
  }
}

// What the stored object already has, and therefore keeps.
struct Old {
  bool has_zero_min = false;
  std::vector<KnownRef> target;
  std::vector<KnownRef> described;
};

KnownRef known(const Members& ref) {
  return {ref.text("kind").value_or(""), ref.text("apiVersion").value_or("")};
}

Old read_old(const json::Value* spec) {
  Old old;
  if (!spec) return old;
  FieldErrors ignored;  // the stored object is not what is being checked
  const Members in(spec, "spec", ignored);
  old.has_zero_min = in.integer("minReplicas") == 0;
  old.target.push_back(known(in.object("scaleTargetRef")));
  for (const Members& metric : in.items("metrics")) {
    const Members ref = metric.object("object").object("describedObject");
    if (ref.present()) old.described.push_back(known(ref));
  }
  return old;
}

// Fields read twice report their wrong type twice.
FieldErrors without_repeats(FieldErrors errors) {
  FieldErrors out;
  for (FieldError& error : errors) {
    if (std::ranges::count(out, error) == 0) out.push_back(std::move(error));
  }
  return out;
}

}  // namespace

FieldErrors validate(const json::Value& spec, const json::Value* old_spec, const Gates& gates) {
  FieldErrors errors;
  const Members in(&spec, "spec", errors);
  const Old old = read_old(old_spec);
  check_replicas(in, gates.scale_to_zero || old.has_zero_min);
  check_reference(in.object("scaleTargetRef"), CoreGroup::refused, old.target);
  check_metrics(in, old.described);
  const Members behavior = in.object("behavior");
  check_rules(behavior.object("scaleUp"));
  check_rules(behavior.object("scaleDown"));
  return without_repeats(std::move(errors));
}

FieldErrors validate_status(const json::Value& status) {
  FieldErrors errors;
  const Members in(&status, "status", errors);
  for (const std::string_view key : {"currentReplicas", "desiredReplicas"}) {
    if (in.integer(key).value_or(0) < 0) in.add(in.path(key), invalid, "must not be negative");
  }
  return errors;
}

}  // namespace scale::hpa
