#include "control/hpa_object.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <sstream>

#include "base/quantity.h"
#include "control/external_metrics.h"
#include "kube/writer.h"

namespace control {
namespace {

using kube::text_value;
using Labels = kube::TextMap;

constexpr std::string_view default_prefix = "keda-hpa-";
constexpr std::size_t label_bytes_max = 63;
constexpr std::string_view excluded_annotation = "scaledobject.keda.sh/hpa-excluded-labels";

// Annotations by which tools know an object as theirs. On the HPA they would claim what nobody
// stated: kubectl would compare it with the ScaledObject's manifest, a GitOps tool would prune it.
constexpr std::array<std::string_view, 9> tool_annotations = {
    "argocd.argoproj.io/", "config.k8s.io/",           "config.kubernetes.io/",
    "fluxcd.io/",          "kubectl.kubernetes.io/",   "kustomize.toolkit.fluxcd.io/",
    "meta.helm.sh/",       "objectset.rio.cattle.io/", "tidewheel.dev/loaded-"};

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// A label's value: cut, and no other character at its end.
std::string as_label(std::string text) {
  if (text.size() <= label_bytes_max) return text;
  text.resize(label_bytes_max);
  while (!text.empty() && !is_alphanumeric(text.back())) text.pop_back();
  return text;
}

std::set<std::string> excluded_labels(const kube::ObjectMeta& meta) {
  std::set<std::string> keys;
  const auto found = meta.annotations.find(std::string(excluded_annotation));
  if (found == meta.annotations.end()) return keys;
  std::istringstream list(found->second);
  for (std::string key; std::getline(list, key, ',');) keys.insert(key);
  return keys;
}

Labels labels_of(const kube::ScaledObject& object) {
  Labels labels{{"app.kubernetes.io/name", as_label(hpa_name(object))},
                {"app.kubernetes.io/version", TIDEWHEEL_VERSION},
                {"app.kubernetes.io/part-of", object.meta.name},
                {"app.kubernetes.io/managed-by", "keda-operator"}};
  const auto excluded = excluded_labels(object.meta);
  Labels own = object.meta.labels;
  own[std::string(scaled_object_label)] = object.meta.name;
  for (const auto& [key, value] : own) {
    if (!excluded.contains(key)) labels[key] = value;
  }
  return labels;
}

Labels annotations_of(const kube::ScaledObject& object) {
  Labels annotations = object.meta.annotations;
  std::erase_if(annotations, [](const auto& annotation) {
    return std::ranges::any_of(tool_annotations, [&](std::string_view prefix) {
      return annotation.first.starts_with(prefix);
    });
  });
  return annotations;
}

json::Object owner_of(const kube::ScaledObject& object) {
  const kube::OwnerReference owner = kube::owner_reference(kube::scaled_objects, object.meta);
  return {{"apiVersion", owner.api_version},
          {"kind", owner.kind},
          {"name", owner.name},
          {"uid", owner.uid},
          {"controller", true},
          {"blockOwnerDeletion", true}};
}

json::Object metadata_of(const kube::ScaledObject& object) {
  kube::Writer out;
  out.text("name", hpa_name(object));
  out.text("namespace", object.meta.ns);
  out.text_map("labels", labels_of(object));
  out.text_map("annotations", annotations_of(object));
  out.list("ownerReferences", {owner_of(object)});
  return out.take();
}

void disable(json::Object& behavior, std::string_view direction) {
  json::Value& rules = behavior[{direction.data(), direction.size()}];
  if (!rules.is_object()) rules = json::Object{};
  rules.get_object()["selectPolicy"] = "Disabled";
}

json::Object behavior_of(const json::Value& object, const scale::Spec& spec) {
  json::Object behavior;
  const json::Value* stated =
      json::find(object, "spec", "advanced", "horizontalPodAutoscalerConfig", "behavior");
  if (stated && stated->is_object()) behavior = stated->get_object();
  if (spec.paused_scale_in) disable(behavior, "scaleDown");
  if (spec.paused_scale_out) disable(behavior, "scaleUp");
  return behavior;
}

// How a target is cut to thousandths: KEDA prints a trigger's with three decimals, which rounds,
// and cuts that of the composite metric.
enum class Cut : std::uint8_t { rounded, truncated };

struct Wanted {
  std::string name;
  scale::MetricType type;
  double target;
  Cut cut;
};

std::string quantity_text(double target, Cut cut) {
  const double thousandths = target * 1000;
  const double whole = cut == Cut::rounded ? std::nearbyint(thousandths) : std::trunc(thousandths);
  const double most = static_cast<double>(scale::hpa::milli_max);
  const auto milli = whole >= most ? scale::hpa::milli_max : static_cast<std::int64_t>(whole);
  return base::Quantity::of_milli(milli, base::Quantity::Format::decimal_si).text();
}

json::Value metric_of(const kube::ScaledObject& object, const Wanted& wanted) {
  const bool average = wanted.type == scale::MetricType::average_value;
  json::Object labels;
  labels[{scaled_object_label.data(), scaled_object_label.size()}] = object.meta.name;
  json::Object target{{"type", average ? "AverageValue" : "Value"}};
  target[average ? "averageValue" : "value"] = quantity_text(wanted.target, wanted.cut);
  return json::Object{
      {"type", "External"},
      {"external",
       json::Object{{"metric", json::Object{{"name", wanted.name},
                                            {"selector", json::Object{{"matchLabels", labels}}}}},
                    {"target", std::move(target)}}}};
}

json::Array metrics_of(const kube::ScaledObject& object, const Plan& plan) {
  json::Array metrics;
  if (const auto& modifiers = plan.spec.modifiers) {
    metrics.push_back(metric_of(object, {.name = std::string(composite_metric),
                                         .type = modifiers->metric_type,
                                         .target = modifiers->target,
                                         .cut = Cut::truncated}));
    return metrics;
  }
  const auto names = external_metric_names(plan, object.meta.key());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const scale::TriggerSpec& trigger = plan.spec.triggers[i];
    metrics.push_back(metric_of(object, {.name = names[i],
                                         .type = trigger.metric_type,
                                         .target = trigger.target,
                                         .cut = Cut::rounded}));
  }
  return metrics;
}

}  // namespace

std::string hpa_name(const kube::ScaledObject& object) {
  const std::string& stated = object.spec.advanced.hpa_name;
  return stated.empty() ? std::string(default_prefix) + object.meta.name : stated;
}

json::Value hpa_object(const kube::ScaledObject& object, const json::Value& json,
                       const Plan& plan) {
  json::Object spec{{"scaleTargetRef", json::Object{{"apiVersion", object.spec.target.api_version},
                                                    {"kind", object.spec.target.kind},
                                                    {"name", object.spec.target.name}}},
                    {"minReplicas", plan.spec.floor()},
                    {"maxReplicas", plan.spec.max},
                    {"metrics", metrics_of(object, plan)}};
  if (json::Object behavior = behavior_of(json, plan.spec); !behavior.empty()) {
    spec["behavior"] = std::move(behavior);
  }
  const kube::Resource& kind = kube::horizontal_pod_autoscalers;
  return json::Object{{"apiVersion", kind.api_version()},
                      {"kind", text_value(kind.kind)},
                      {"metadata", metadata_of(object)},
                      {"spec", std::move(spec)}};
}

}  // namespace control
