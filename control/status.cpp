#include "control/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace control {
namespace {

json::Value condition(std::string_view type, std::string_view status, std::string_view reason,
                      std::string_view message) {
  json::Object object{{"type", type}, {"status", status}};
  if (!reason.empty()) object["reason"] = reason;
  if (!message.empty()) object["message"] = message;
  return object;
}

bool unusable(const scale::Proposal& proposal) {
  return proposal.reading.state != scale::Reading::State::value;
}

std::string missing_text(const StatusInput& input) {
  std::string text;
  for (const scale::Proposal& proposal : input.decision->proposals) {
    if (!unusable(proposal)) continue;
    const auto& trigger = input.plan->spec.triggers[proposal.trigger];
    text += fmt::format("{}{} is {}", text.empty() ? "" : ", ", trigger.name,
                        scale::to_string(proposal.reading.state));
    if (!proposal.reading.error.empty()) text += " (" + proposal.reading.error + ")";
  }
  return text;
}

json::Value ready_condition(const StatusInput& input) {
  if (!input.problems->empty()) {
    const Problem& first = input.problems->front();
    return condition("Ready", "False", "ScaledObjectCheckFailed",
                     first.field + ": " + first.message);
  }
  if (!input.write_error.empty()) {
    return condition("Ready", "False", "ErrorScalingTarget",
                     "error scaling target: " + input.write_error);
  }
  if (input.decision != nullptr) {
    const auto& proposals = input.decision->proposals;
    const auto bad = std::ranges::count_if(proposals, unusable);
    if (bad > 0 && bad == std::ssize(proposals)) {
      return condition("Ready", "False", "TriggerError",
                       "Triggers defined in ScaledObject have no data: " + missing_text(input));
    }
    if (bad > 0) {
      return condition(
          "Ready", "Unknown", "PartialTriggerError",
          "Some triggers defined in ScaledObject have no data: " + missing_text(input));
    }
  }
  return condition("Ready", "True", "ScaledObjectReady",
                   "ScaledObject is defined correctly and is ready for scaling");
}

json::Value active_condition(const StatusInput& input) {
  if (input.decision == nullptr)
    return condition("Active", "Unknown", "UnknownState", "no decision yet");
  const auto& clamps = input.decision->clamps;
  const auto has = [&clamps](scale::ClampKind kind) {
    return std::ranges::find(clamps, kind, &scale::Clamp::kind) != clamps.end();
  };
  if (input.decision->active && input.plan->spec.force_activation) {
    return condition("Active", "True", "ScalerActive",
                     "Scaling is performed because activation is being forced by annotation");
  }
  if (input.decision->active) {
    return condition("Active", "True", "ScalerActive",
                     "Scaling is performed because triggers are active");
  }
  if (has(scale::ClampKind::cooldown) || has(scale::ClampKind::initial_cooldown)) {
    return condition("Active", "False", "ScalerCooldown",
                     "Scaler cooling down because triggers are not active");
  }
  return condition("Active", "False", "ScalerNotActive",
                   "Scaling is not performed because triggers are not active");
}

json::Value paused_condition(const StatusInput& input) {
  const scale::Spec* spec = input.plan ? &input.plan->spec : nullptr;
  const bool paused = spec && (spec->paused || spec->paused_replicas || spec->paused_scale_in ||
                               spec->paused_scale_out);
  if (paused) return condition("Paused", "True", "ScaledObjectPaused", "ScaledObject is paused");
  return condition("Paused", "False", "", "");
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
  status["conditions"] = json::Array{ready_condition(input), active_condition(input),
                                     condition("Fallback", "False", "NoFallbackFound",
                                               "No fallbacks are active on this scaled object"),
                                     paused_condition(input)};
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
