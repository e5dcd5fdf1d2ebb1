#include "control/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "control/behavior.h"
#include "control/entry.h"
#include "control/hpa_object.h"
#include "control/policies.h"
#include "scalers/number.h"

namespace control {
namespace {

constexpr std::string_view engine_annotation = "tidewheel.dev/engine";
constexpr std::array engines = {advisory_engine, std::string_view("direct"), hpa_engine};
constexpr std::string_view transfer_annotation = "scaledobject.keda.sh/transfer-hpa-ownership";

const std::string* annotation(const kube::ObjectMeta& meta, std::string_view name) {
  const auto it = meta.annotations.find(std::string(name));
  return it == meta.annotations.end() ? nullptr : &it->second;
}

// One compilation: collects problems as it goes, so that all of them are told at once.
class Compiler {
 public:
  Compiler(const kube::ScaledObject& object, const PlanOptions& options)
      : object_(object), options_(options) {}

  Compiled run() {
    target();
    engine();
    counts();
    pauses();
    behaviour();
    for (std::size_t i = 0; i < object_.spec.triggers.size(); ++i) trigger(i);
    modifiers();
    hpa();
    if (out_.problems.empty()) out_.plan = std::move(plan_);
    return std::move(out_);
  }

 private:
  void problem(std::string field, std::string message) {
    out_.problems.push_back({std::move(field), std::move(message)});
  }

  void target() {
    const auto& ref = object_.spec.target;
    if (ref.kind != "Deployment" || ref.api_version != "apps/v1") {
      problem("spec.scaleTargetRef",
              fmt::format("{} {} cannot be scaled here (only apps/v1 Deployment)", ref.api_version,
                          ref.kind));
    }
    plan_.target = {object_.meta.ns, ref.name};
    plan_.restore_replicas = object_.spec.advanced.restore_to_original_replica_count;
  }

  void engine() {
    const std::string* chosen = annotation(object_.meta, engine_annotation);
    plan_.engine = chosen ? *chosen : std::string(options_.default_engine);
    if (std::ranges::find(engines, plan_.engine) == engines.end()) {
      problem(fmt::format("metadata.annotations[{}]", engine_annotation),
              fmt::format("\"{}\" is not an engine (want advisory, direct or hpa)", plan_.engine));
    }
  }

  void counts() {
    const auto& spec = object_.spec;
    plan_.spec.min = spec.min_replicas();
    plan_.spec.max = spec.max_replicas();
    plan_.spec.idle = spec.idle_replica_count;
    plan_.spec.cooldown = spec.cooldown();
    plan_.spec.initial_cooldown = spec.initial_cooldown();
    plan_.spec.polling = spec.polling();
    if (plan_.spec.min < 0) problem("spec.minReplicaCount", "must not be negative");
    if (plan_.spec.max < 1) problem("spec.maxReplicaCount", "must be at least 1");
    if (plan_.spec.min > plan_.spec.max) {
      problem("spec.minReplicaCount",
              "minReplicaCount must be less than or equal to maxReplicaCount");
    }
    plan_.spec.fallback = fallback_of(object_, out_.problems);
    plan_.spec.keda = keda_behavior(object_, out_.problems);
  }

  void pauses() {
    const auto& meta = object_.meta;
    plan_.spec.paused = annotation_is_true(meta, "autoscaling.keda.sh/paused");
    plan_.spec.paused_scale_in = annotation_is_true(meta, "autoscaling.keda.sh/paused-scale-in");
    plan_.spec.paused_scale_out = annotation_is_true(meta, "autoscaling.keda.sh/paused-scale-out");
    plan_.spec.force_activation = annotation_is_true(meta, "autoscaling.keda.sh/force-activation");
    const std::string* text = annotation(meta, "autoscaling.keda.sh/paused-replicas");
    if (text == nullptr) return;
    scale::Replicas replicas = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), replicas);
    if (error != std::errc{} || end != text->data() + text->size() || replicas < 0) {
      problem("metadata.annotations[autoscaling.keda.sh/paused-replicas]",
              fmt::format("\"{}\" is not a whole number of at least 0", *text));
      return;
    }
    plan_.spec.paused_replicas = replicas;
  }

  void behaviour() {
    const auto& behavior = object_.spec.advanced.behavior;
    if (!behavior) return;
    plan_.spec.behavior = behavior_of(
        *behavior, "spec.advanced.horizontalPodAutoscalerConfig.behavior", out_.problems);
  }

  void trigger(std::size_t i) {
    const auto& trigger = object_.spec.triggers[i];
    const std::string field = fmt::format("spec.triggers[{}]", i);
    const scalers::kedify_otel::Metadata metadata(trigger.metadata.begin(), trigger.metadata.end());
    if (!scalers::kedify_otel::serves(trigger.type, metadata, options_.own_scaler_addresses)) {
      return problem(field + ".type", unserved(trigger));
    }
    const auto type = metric_type(trigger.metric_type);
    if (!type) {
      return problem(field + ".metricType",
                     fmt::format("\"{}\" is neither AverageValue nor Value", trigger.metric_type));
    }
    auto params = scalers::kedify_otel::parse(metadata);
    if (!params) return metadata_problem(field + ".metadata", metadata, params.error().what);
    const bool composite = object_.spec.advanced.scaling_modifiers.used();
    const auto target = scalers::kedify_otel::target_of(*params);
    if (!target && !composite) return problem(field + ".metadata", target.error().what);
    for (const std::string& key : scalers::kedify_otel::unknown_keys(metadata)) {
      if (says_what_is_missing(key)) continue;
      out_.warnings.push_back({field + ".metadata." + key, "nobody reads this key"});
    }
    plan_.spec.triggers.push_back(
        {.name = trigger.name.empty() ? fmt::format("{}-{}", trigger.type, i) : trigger.name,
         .type = trigger.type,
         .query = describe(*params),
         .target = target.value_or(1),
         .activation = params->activation,
         .metric_type = *type,
         .on_missing = on_missing(object_, i, out_.problems)});
    plan_.triggers.push_back(std::move(*params));
  }

  void modifiers() {
    const kube::ScalingModifiers& from = object_.spec.advanced.scaling_modifiers;
    if (!from.used()) return;
    const std::string field = "spec.advanced.scalingModifiers";
    if (from.formula.empty())
      return problem(field + ".formula", "error ScalingModifiers.Formula is mandatory");
    if (from.target.empty())
      return problem(field + ".target", "formula is given but target is empty");
    const auto target = scalers::parse_finite_number(from.target);
    if (!target || *target <= 0)
      return problem(field + ".target", fmt::format("\"{}\" is no number above 0", from.target));
    const auto activation = from.activation_target.empty()
                                ? Result<double>(0.0)
                                : scalers::parse_finite_number(from.activation_target);
    if (!activation) return problem(field + ".activationTarget", activation.error().what);
    const auto type = metric_type(from.metric_type);
    if (!type) {
      return problem(field + ".metricType",
                     fmt::format("\"{}\" is neither AverageValue nor Value", from.metric_type));
    }
    std::vector<std::string> names;
    for (const auto& trigger : plan_.spec.triggers) names.push_back(trigger.name);
    auto formula = scale::formula::compile(from.formula, names);
    if (!formula) return problem(field + ".formula", formula.error().what);
    plan_.spec.modifiers = scale::Modifiers{.formula = *std::move(formula),
                                            .text = from.formula,
                                            .target = *target,
                                            .activation = *activation,
                                            .metric_type = *type};
  }

  void hpa() {
    if (plan_.engine != hpa_engine) return;
    plan_.spec.hpa_scales = true;
    plan_.hpa_name = hpa_name(object_);
    plan_.wants_hpa = !plan_.spec.paused && !plan_.spec.paused_replicas;
    const std::string* transfer = annotation(object_.meta, transfer_annotation);
    plan_.takes_over_hpa = transfer && *transfer == "true";
  }

  static std::optional<scale::MetricType> metric_type(std::string_view text) {
    if (text.empty() || text == "AverageValue") return scale::MetricType::average_value;
    if (text == "Value") return scale::MetricType::value;
    return std::nullopt;
  }

  // The parser names the key in front; here it belongs to the field.
  void metadata_problem(std::string field, const scalers::kedify_otel::Metadata& metadata,
                        std::string what) {
    const auto colon = what.find(": ");
    if (colon != what.npos && metadata.contains(what.substr(0, colon))) {
      field += "." + what.substr(0, colon);
      what.erase(0, colon + 2);
    }
    problem(std::move(field), std::move(what));
  }

  static std::string unserved(const kube::Trigger& trigger) {
    const auto address = trigger.metadata.find("scalerAddress");
    if ((trigger.type == "external" || trigger.type == "external-push") &&
        address != trigger.metadata.end()) {
      return fmt::format("scalerAddress \"{}\" is not answered here (see --own-scaler-addresses)",
                         address->second);
    }
    return fmt::format(
        "no scaler found for type: {} (supported: external, external-push, kedify-otel)",
        trigger.type);
  }

  static std::string describe(const scalers::kedify_otel::Params& params) {
    std::string text = fmt::format("{} of {}", to_string(params.question.operation),
                                   to_string(params.question.query));
    if (params.question.window) text += " over " + base::format_duration(*params.question.window);
    return text;
  }

  const kube::ScaledObject& object_;
  const PlanOptions& options_;
  Plan plan_;
  Compiled out_;
};

}  // namespace

Compiled compile(const kube::ScaledObject& object, const PlanOptions& options) {
  return Compiler(object, options).run();
}

bool annotation_is_true(const kube::ObjectMeta& meta, std::string_view name) {
  const std::string* text = annotation(meta, name);
  if (text == nullptr) return false;
  constexpr std::array no = {"0", "f", "F", "false", "FALSE", "False"};
  return std::ranges::find(no, *text) == no.end();
}

}  // namespace control
