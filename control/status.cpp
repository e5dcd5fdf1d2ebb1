#include "control/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "control/external_metrics.h"
#include "scale/proposals.h"
#include "scale/words.h"

namespace control {
namespace {

json::Value condition(std::string_view type, std::string_view status, std::string_view reason,
                      std::string_view message) {
  json::Object object{{"type", type}, {"status", status}};
  if (!reason.empty()) object["reason"] = reason;
  if (!message.empty()) object["message"] = message;
  return object;
}

// "queue is stale, gpu is error (connection refused)": the triggers somebody should look at.
std::string faults_text(const StatusInput& input) {
  std::string text;
  for (const scale::Proposal& proposal : input.decision->proposals) {
    if (!scale::is_fault(proposal)) continue;
    text += fmt::format("{}{} is {}", text.empty() ? "" : ", ",
                        scale::trigger_of(input.plan->spec, proposal.trigger).name,
                        scale::to_string(proposal.reading.state));
    if (!proposal.reading.error.empty())
      text += fmt::format(" ({})", proposal.reading.error.view());
  }
  return text;
}

// Whether KEDA's executor starts the workload from zero or idle in this decision.
bool activates(const StatusInput& input) {
  const scale::Decision& decision = *input.decision;
  return decision.from == 0 || (input.plan->spec.idle && decision.from < input.plan->spec.min);
}

// What KEDA calls the step whose write failed.
std::string_view write_step(const StatusInput& input) {
  if (input.decision == nullptr || input.plan == nullptr) return "error scaling target";
  const scale::Decision& decision = *input.decision;
  if (decision.phase == scale::Phase::leaving) return "error deactivating ScaleTarget";
  if (decision.active && activates(input)) return "error activating ScaleTarget";
  if (!decision.active && decision.from < input.plan->spec.min)
    return "error setting ScaleTarget replicas count to ScaledObject minReplicaCount";
  return "error scaling target";
}

// KEDA's words for triggers that do not work; what they are follows. Source: KEDA 2.21's executor:
// none while it starts the workload, nor while a fallback is still to come.
std::optional<json::Value> trigger_condition(const StatusInput& input) {
  if (input.decision == nullptr) return std::nullopt;
  const scale::Decision& decision = *input.decision;
  if (std::ranges::none_of(decision.proposals, scale::is_fault)) return std::nullopt;
  if (decision.active) {
    if (activates(input)) return std::nullopt;
    return condition(
        "Ready", "Unknown", "PartialTriggerError",
        "Some triggers defined in ScaledObject are not working correctly: " + faults_text(input));
  }
  if (input.plan->spec.fallback) return std::nullopt;
  return condition(
      "Ready", "False", "TriggerError",
      "Triggers defined in ScaledObject are not working correctly: " + faults_text(input));
}

bool is_pinned(const scale::Spec& spec) {
  return spec.paused || spec.paused_replicas;
}

json::Value ready_condition(const StatusInput& input) {
  if (!input.problems->empty()) {
    const Problem& first = input.problems->front();
    return condition("Ready", "False", "ScaledObjectCheckFailed",
                     first.field + ": " + first.message);
  }
  if (!input.hpa_error.empty()) {
    return condition(
        "Ready", "False", "ScaledObjectCheckFailed",
        "Failed to ensure HPA is correctly created for ScaledObject: " + input.hpa_error);
  }
  if (!input.write_error.empty()) {
    return condition("Ready", "False", "ErrorScalingTarget",
                     fmt::format("{}: {}", write_step(input), input.write_error));
  }
  if (input.plan != nullptr && is_pinned(input.plan->spec)) {
    return condition("Ready", "True", "ScaledObjectReady", "ScaledObject is paused");
  }
  if (auto triggers = trigger_condition(input)) return *std::move(triggers);
  return condition("Ready", "True", "ScaledObjectReady",
                   "ScaledObject is defined correctly and is ready for scaling");
}

json::Value active_condition(const StatusInput& input) {
  if (input.decision == nullptr)
    return condition("Active", "Unknown", "UnknownState", "no decision yet");
  if (input.decision->active && input.plan->spec.force_activation) {
    return condition("Active", "True", "ScalerActive",
                     "Scaling is performed because activation is being forced by annotation");
  }
  if (input.decision->active) {
    return condition("Active", "True", "ScalerActive",
                     "Scaling is performed because triggers are active");
  }
  if (input.decision->phase == scale::Phase::cooling) {
    return condition("Active", "False", "ScalerCooldown",
                     "Scaler cooling down because triggers are not active");
  }
  return condition("Active", "False", "ScalerNotActive",
                   "Scaling is not performed because triggers are not active");
}

json::Value fallback_condition(const StatusInput& input) {
  const bool fallen = input.decision != nullptr &&
                      std::ranges::any_of(input.decision->proposals, [](const auto& proposal) {
                        return proposal.basis == scale::Basis::fallback;
                      });
  if (fallen) {
    return condition("Fallback", "True", "FallbackExists",
                     "At least one trigger is falling back on this scaled object");
  }
  return condition("Fallback", "False", "NoFallbackFound",
                   "No fallbacks are active on this scaled object");
}

json::Value paused_condition(const StatusInput& input) {
  const scale::Spec* spec = input.plan ? &input.plan->spec : nullptr;
  const bool paused = spec && (spec->paused || spec->paused_replicas || spec->paused_scale_in ||
                               spec->paused_scale_out);
  if (paused) return condition("Paused", "True", "ScaledObjectPaused", "ScaledObject is paused");
  return condition("Paused", "False", "", "");
}

// KEDA's view of the HPA: one that rests at zero is as it should be.
std::optional<json::Value> hpa_condition(const StatusInput& input) {
  if (!input.scaling_active) return std::nullopt;
  const kube::Condition& from = *input.scaling_active;
  if (from.status == "True") return condition("HPAActive", "True", "HPAActive", from.message);
  const bool rests = from.reason == "ScalingDisabled";
  return condition("HPAActive", rests ? "True" : "False", from.reason, from.message);
}

// What of the status is about the HPA; null where there is none.
void put_hpa(const StatusInput& input, json::Object& status) {
  const bool wanted = input.plan != nullptr && input.plan->wants_hpa;
  const bool composite = wanted && input.plan->spec.modifiers.has_value();
  status["hpaName"] = nullptr;
  if (wanted) status["hpaName"] = input.plan->hpa_name;
  status["externalMetricNames"] = nullptr;
  if (wanted) {
    json::Array names;
    for (const std::string& name : input.metric_names) names.emplace_back(name);
    status["externalMetricNames"] = std::move(names);
  }
  status["compositeScalerName"] = nullptr;
  if (composite) status["compositeScalerName"] = composite_metric;
}

std::string trigger_types(const scale::Spec& spec) {
  std::string text;
  std::set<std::string_view> seen;
  for (const auto& trigger : spec.triggers) {
    if (!seen.insert(trigger.type).second) continue;
    text += (text.empty() ? "" : ",") + trigger.type;
  }
  return text;
}

}  // namespace

json::Value status_patch(const StatusInput& input) {
  json::Object status;
  json::Array conditions{ready_condition(input), active_condition(input), fallback_condition(input),
                         paused_condition(input)};
  if (auto hpa = hpa_condition(input)) conditions.push_back(*std::move(hpa));
  status["conditions"] = std::move(conditions);
  put_hpa(input, status);
  if (input.plan != nullptr) {
    status["scaleTargetKind"] = "apps/v1.Deployment";
    status["scaleTargetGVKR"] = json::Object{
        {"group", "apps"}, {"version", "v1"}, {"kind", "Deployment"}, {"resource", "deployments"}};
    status["triggersTypes"] = trigger_types(input.plan->spec);
  }
  if (input.original_replicas) status["originalReplicaCount"] = *input.original_replicas;
  if (input.last_active) status["lastActiveTime"] = base::format_time(*input.last_active);
  return json::Object{{"status", std::move(status)}};
}

bool changes(const json::Value& object, const json::Value& patch, Duration grain) {
  const json::Value* now = json::find(object, "status");
  const json::Value* wanted = json::find(patch, "status");
  if (now == nullptr) return true;
  json::Value before = *now;
  json::Value after = *now;
  json::merge_patch(after, *wanted);
  const auto before_time = json::text_at(before, "lastActiveTime");
  const auto after_time = json::text_at(after, "lastActiveTime");
  if (before_time && after_time) {
    const auto a = base::parse_time(*before_time);
    const auto b = base::parse_time(*after_time);
    if (a && b && *b - *a < grain) {
      before.get_object().erase("lastActiveTime");
      after.get_object().erase("lastActiveTime");
    }
  }
  return before != after;
}

}  // namespace control
