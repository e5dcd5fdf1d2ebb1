#include "kube/scaled_object.h"

#include "base/quantity.h"
#include "kube/reader.h"
#include "kube/writer.h"

namespace kube {
namespace {

ScaleTargetRef read_target(Reader in) {
  const ScaleTargetRef defaults;
  return {.api_version = in.text("apiVersion", defaults.api_version),
          .kind = in.text("kind", defaults.kind),
          .name = in.text("name"),
          .env_source_container = in.text("envSourceContainerName")};
}

std::optional<Fallback> read_fallback(Reader& spec) {
  if (!spec.has("fallback")) return std::nullopt;
  Reader in = spec.object("fallback");
  return Fallback{.failure_threshold = in.integer<std::int32_t>("failureThreshold"),
                  .replicas = in.integer<std::int32_t>("replicas"),
                  .behavior = in.text("behavior", "static")};
}

// A quantity is written as text or as a number.
std::optional<double> read_quantity(Reader& in, std::string_view key) {
  if (!in.has(key)) return std::nullopt;
  if (const auto number = json::number_at(*in.value(), key)) return number;
  const auto text = in.maybe_text(key);
  if (!text) return std::nullopt;
  auto value = base::parse_quantity(*text);
  if (value) return value->as_double();
  in.wrong(key, value.error().what);
  return std::nullopt;
}

std::optional<ScalingRules> read_rules(Reader& behavior, std::string_view direction) {
  if (!behavior.has(direction)) return std::nullopt;
  Reader in = behavior.object(direction);
  ScalingRules rules{.stabilization_window = in.maybe_seconds("stabilizationWindowSeconds"),
                     .select_policy = in.maybe_text("selectPolicy"),
                     .policies = {},
                     .tolerance = read_quantity(in, "tolerance")};
  for (Reader& item : in.items("policies")) {
    rules.policies.push_back({.type = item.text("type"),
                              .value = item.integer<std::int32_t>("value"),
                              .period = item.maybe_seconds("periodSeconds").value_or(Duration{})});
  }
  return rules;
}

std::optional<ScalingBehavior> read_behavior(Reader& hpa) {
  if (!hpa.has("behavior")) return std::nullopt;
  Reader in = hpa.object("behavior");
  return ScalingBehavior{.scale_up = read_rules(in, "scaleUp"),
                         .scale_down = read_rules(in, "scaleDown")};
}

ScalingModifiers read_modifiers(Reader in) {
  return {.formula = in.text("formula"),
          .target = in.text("target"),
          .activation_target = in.text("activationTarget"),
          .metric_type = in.text("metricType")};
}

Advanced read_advanced(Reader in) {
  Reader hpa = in.object("horizontalPodAutoscalerConfig");
  return {.restore_to_original_replica_count = in.flag("restoreToOriginalReplicaCount"),
          .hpa_name = hpa.text("name"),
          .behavior = read_behavior(hpa),
          .scaling_modifiers = read_modifiers(in.object("scalingModifiers"))};
}

std::optional<AuthenticationRef> read_authentication(Reader& trigger) {
  if (!trigger.has("authenticationRef")) return std::nullopt;
  Reader in = trigger.object("authenticationRef");
  const AuthenticationRef defaults;
  return AuthenticationRef{.name = in.text("name"), .kind = in.text("kind", defaults.kind)};
}

Trigger read_trigger(Reader& in) {
  return {.type = in.text("type"),
          .name = in.text("name"),
          .metadata = in.text_map("metadata"),
          .authentication = read_authentication(in),
          .use_cached_metrics = in.flag("useCachedMetrics"),
          .metric_type = in.text("metricType")};
}

ScaledObjectSpec read_spec(Reader in) {
  ScaledObjectSpec spec{.target = read_target(in.object("scaleTargetRef")),
                        .polling_interval = in.maybe_seconds("pollingInterval"),
                        .cooldown_period = in.maybe_seconds("cooldownPeriod"),
                        .initial_cooldown_period = in.maybe_seconds("initialCooldownPeriod"),
                        .idle_replica_count = in.maybe_integer<std::int32_t>("idleReplicaCount"),
                        .min_replica_count = in.maybe_integer<std::int32_t>("minReplicaCount"),
                        .max_replica_count = in.maybe_integer<std::int32_t>("maxReplicaCount"),
                        .fallback = read_fallback(in),
                        .advanced = read_advanced(in.object("advanced")),
                        .triggers = {}};
  for (Reader& item : in.items("triggers")) spec.triggers.push_back(read_trigger(item));
  return spec;
}

std::optional<ScaleTargetGvkr> read_gvkr(Reader& status) {
  if (!status.has("scaleTargetGVKR")) return std::nullopt;
  Reader in = status.object("scaleTargetGVKR");
  return ScaleTargetGvkr{.group = in.text("group"),
                         .version = in.text("version"),
                         .kind = in.text("kind"),
                         .resource = in.text("resource")};
}

ScaledObjectStatus read_status(Reader in) {
  ScaledObjectStatus status{
      .scale_target_kind = in.text("scaleTargetKind"),
      .scale_target = read_gvkr(in),
      .original_replica_count = in.maybe_integer<std::int32_t>("originalReplicaCount"),
      .last_active_time = in.maybe_time("lastActiveTime"),
      .external_metric_names = in.texts("externalMetricNames"),
      .resource_metric_names = in.texts("resourceMetricNames"),
      .conditions = read_conditions(in),
      .health = {},
      .triggers_activity = {},
      .paused_replica_count = in.maybe_integer<std::int32_t>("pausedReplicaCount"),
      .hpa_name = in.text("hpaName"),
      .triggers_types = in.text("triggersTypes"),
      .authentications_types = in.text("authenticationsTypes")};
  for (auto& [name, item] : in.members("health")) {
    status.health[name] = {.failures = item.integer<std::int32_t>("numberOfFailures"),
                           .status = item.text("status")};
  }
  for (auto& [name, item] : in.members("triggersActivity")) {
    status.triggers_activity[name] = item.flag("isActive");
  }
  return status;
}

json::Object write_gvkr(const std::optional<ScaleTargetGvkr>& target) {
  if (!target) return {};
  return {{"group", target->group},
          {"version", target->version},
          {"kind", target->kind},
          {"resource", target->resource}};
}

json::Object write_health(const std::map<std::string, TriggerHealth>& health) {
  json::Object all;
  for (const auto& [name, entry] : health) {
    all[name] = {{"numberOfFailures", entry.failures}, {"status", entry.status}};
  }
  return all;
}

json::Object write_activity(const std::map<std::string, bool>& activity) {
  json::Object all;
  for (const auto& [name, active] : activity) all[name] = json::Object{{"isActive", active}};
  return all;
}

}  // namespace

Result<ScaledObject> scaled_object_from_json(const json::Value& object) {
  Reader in(object);
  ScaledObject out{.meta = read_meta(in),
                   .spec = read_spec(in.object("spec")),
                   .status = read_status(in.object("status"))};
  return in.finish(std::move(out));
}

json::Object to_json(const ScaledObjectStatus& status) {
  Writer out;
  out.text("scaleTargetKind", status.scale_target_kind);
  out.object("scaleTargetGVKR", write_gvkr(status.scale_target));
  out.number("originalReplicaCount", status.original_replica_count);
  out.time("lastActiveTime", status.last_active_time);
  out.texts("externalMetricNames", status.external_metric_names);
  out.texts("resourceMetricNames", status.resource_metric_names);
  out.list("conditions", to_json(status.conditions));
  out.object("health", write_health(status.health));
  out.object("triggersActivity", write_activity(status.triggers_activity));
  out.number("pausedReplicaCount", status.paused_replica_count);
  out.text("hpaName", status.hpa_name);
  out.text("triggersTypes", status.triggers_types);
  out.text("authenticationsTypes", status.authentications_types);
  return out.take();
}

}  // namespace kube
