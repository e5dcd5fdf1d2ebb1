#include "scale/hpa/zero.h"

namespace scale::hpa {
namespace {

using enum Condition::Status;

bool by_condition(const Gates& gates) {
  return gates.zero_mode == ZeroMode::condition;
}

// Whether the controller itself brought the target to zero.
bool was_scaled_to_zero(const Conditions& conditions, const Gates& gates) {
  if (!by_condition(gates) || !gates.scale_to_zero) return false;
  const Condition* condition = find(conditions, condition::scaled_to_zero);
  return condition && condition->status == yes;
}

}  // namespace

bool may_wake(const Spec& spec, const Conditions& conditions, const Gates& gates) {
  if (!by_condition(gates)) return min_replicas(spec) == 0;
  if (!was_scaled_to_zero(conditions, gates)) return false;
  return min_replicas(spec) != 0 || can_wake(spec);
}

bool is_lifted(const Spec& spec, const Conditions& conditions, const Gates& gates) {
  return min_replicas(spec) != 0 && was_scaled_to_zero(conditions, gates);
}

Conditions while_paused(Conditions conditions, const Gates& gates) {
  if (!by_condition(gates) || gates.scale_to_zero) return conditions;
  return without(std::move(conditions), condition::scaled_to_zero);
}

Conditions after_write(Conditions conditions, Written written, const Spec& spec, const Gates& gates,
                       Timestamp now) {
  if (!by_condition(gates)) return conditions;
  if (!gates.scale_to_zero) return without(std::move(conditions), condition::scaled_to_zero);
  const bool own_zero =
      written.from > 0 && written.to == 0 && min_replicas(spec) == 0 && can_wake(spec);
  const NewCondition fresh =
      own_zero
          ? NewCondition{condition::scaled_to_zero, yes, "ScaledToZero",
                         "the HPA controller scaled the target to zero replicas"}
          : NewCondition{condition::scaled_to_zero, no, "NotScaledToZero",
                         "the target is not at zero replicas by the HPA controller's decision"};
  return with(std::move(conditions), fresh, now);
}

}  // namespace scale::hpa
