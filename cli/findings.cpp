#include "cli/findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "control/plan.h"
#include "kube/annotations.h"
#include "kube/trigger_types.h"
#include "kube/types.h"
#include "scale/hpa/defaults.h"
#include "scale/hpa/validate.h"
#include "scalers/kedify_otel.h"
#include "yaml/path.h"

namespace cli {
namespace {

using kube::Problem;

// The trigger that a field belongs to, and the field within it.
struct TriggerField {
  const kube::Trigger* trigger = nullptr;
  std::string_view field;  // "type", "metadata.query"
};

std::optional<TriggerField> trigger_field(const kube::ScaledObject& object,
                                          std::string_view field) {
  constexpr std::string_view prefix = "spec.triggers[";
  if (!field.starts_with(prefix)) return std::nullopt;
  field.remove_prefix(prefix.size());
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), index);
  field.remove_prefix(static_cast<std::size_t>(end - field.data()));
  if (error != std::errc{} || !field.starts_with("].") || index >= object.spec.triggers.size())
    return std::nullopt;
  return TriggerField{&object.spec.triggers[index], field.substr(2)};
}

bool is_known_type(const kube::Trigger& trigger) {
  return std::ranges::binary_search(kube::trigger_types(), std::string_view(trigger.type));
}

std::vector<std::string_view> metadata_keys(const std::vector<scalers::ParameterHelp>& rows) {
  std::vector<std::string_view> keys;
  for (const auto& row : rows) {
    if (!row.name.ends_with('*')) keys.push_back(row.name);
  }
  return keys;
}

// What KEDA takes; that we do not, says nothing against the manifest.
bool is_ours_alone(const Problem& problem, const std::optional<TriggerField>& place) {
  if (place && place->field == "type") return is_known_type(*place->trigger);
  return problem.field == "spec.scaleTargetRef" || problem.message.contains("not supported yet");
}

std::string refusal(const Problem& problem, const std::optional<TriggerField>& place) {
  if (!place || place->field != "type" || is_known_type(*place->trigger)) return problem.message;
  return fmt::format("no scaler found for type: {}{}", place->trigger->type,
                     kube::did_you_mean(place->trigger->type, kube::trigger_types()));
}

bool is_metadata(const std::optional<TriggerField>& place) {
  return place && place->field.starts_with("metadata.");
}

// Keys that nobody reads, of triggers that are served here. They are looked for apart from the
// compiler, because a key that is nearly right is why the right one is missing.
void add_unread_keys(const kube::ScaledObject& object, std::span<const std::string> own_addresses,
                     std::vector<Problem>& problems) {
  using namespace scalers;
  const auto rows = kedify_otel::parameters();
  for (std::size_t i = 0; i < object.spec.triggers.size(); ++i) {
    const kube::Trigger& trigger = object.spec.triggers[i];
    const Metadata metadata(trigger.metadata.begin(), trigger.metadata.end());
    if (!kedify_otel::serves(trigger.type, metadata, own_addresses)) continue;
    const std::string path = yaml::item_path("spec.triggers", i) + ".metadata";
    for (const std::string& key : kedify_otel::unknown_keys(metadata)) {
      problems.push_back({yaml::member_path(path, key),
                          "nobody reads this key" + kube::did_you_mean(key, metadata_keys(rows))});
    }
  }
}

void add_relevance(const kube::ScaledObjectSpec& spec, std::vector<Problem>& problems) {
  if (spec.min_replicas() == 0 || spec.idle_replica_count) return;
  const bool cached = std::ranges::any_of(spec.triggers, &kube::Trigger::use_cached_metrics);
  if (spec.polling_interval && !cached && !spec.advanced.scaling_modifiers.used()) {
    problems.push_back(
        {"spec.pollingInterval",
         "PollingInterval is configured but is not relevant for scaling. It only affects scaling "
         "when minReplicaCount = 0, idleReplicaCount is set, or useCachedMetrics is enabled, but "
         "it still controls how often KEDA refreshes the ScaledObject status conditions and "
         "events"});
  }
  if (spec.cooldown_period) {
    problems.push_back({"spec.cooldownPeriod",
                        "CooldownPeriod is configured but is not relevant. CooldownPeriod is only "
                        "relevant when minReplicaCount = 0 or idleReplicaCount is set"});
  }
}

}  // namespace

std::vector<Finding> compile_findings(const kube::Manifest& manifest, Purpose purpose,
                                      std::span<const std::string> own_scaler_addresses) {
  std::vector<Finding> findings;
  if (manifest.resource != kube::scaled_objects) return findings;
  const auto object = kube::scaled_object_from_json(manifest.object);
  if (!object) return findings;  // told by the schema already
  const auto compiled = control::compile(*object, {own_scaler_addresses, "direct"});
  for (const Problem& problem : compiled.problems) {
    const auto place = trigger_field(*object, problem.field);
    const bool forgiven = purpose == Purpose::check && is_ours_alone(problem, place);
    findings.push_back({forgiven ? Severity::warning : Severity::error,
                        kube::problem_at(manifest, {problem.field, refusal(problem, place)})});
  }
  std::vector<Problem> warnings;
  add_unread_keys(*object, own_scaler_addresses, warnings);
  for (const Problem& problem : compiled.warnings) {
    if (!is_metadata(trigger_field(*object, problem.field))) warnings.push_back(problem);
  }
  for (const Problem& problem : warnings)
    findings.push_back({Severity::warning, kube::problem_at(manifest, problem)});
  return findings;
}

std::vector<Finding> hpa_findings(const kube::Manifest& manifest) {
  std::vector<Finding> findings;
  if (manifest.resource != kube::horizontal_pod_autoscalers) return findings;
  const json::Value spec = scale::hpa::with_defaults(*json::find(manifest.object, "spec"));
  for (const auto& error : scale::hpa::validate(spec, nullptr, {}))
    findings.push_back({Severity::error, kube::problem_at(manifest, {error.path, error.detail})});
  return findings;
}

std::vector<Finding> oddities(const kube::Manifest& manifest) {
  std::vector<Problem> problems;
  if (const auto meta = kube::meta_from_json(manifest.object))
    problems = kube::odd_annotations(*meta);
  if (manifest.resource == kube::scaled_objects) {
    const auto object = kube::scaled_object_from_json(manifest.object);
    if (object) add_relevance(object->spec, problems);
  }
  std::vector<Finding> findings;
  for (const Problem& problem : problems)
    findings.push_back({Severity::warning, kube::problem_at(manifest, problem)});
  return findings;
}

}  // namespace cli
