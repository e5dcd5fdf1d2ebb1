#include "kube/shape.h"

// KEDA's ScaledObject. Source: KEDA 2.21's custom resource definition.

namespace kube {
namespace {

using Type = Shape::Type;

constexpr std::int64_t int32_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t stabilization_seconds_max = 3600;

constexpr Shape text{.type = Type::text};
constexpr Shape name{.type = Type::text, .size_min = 1};
constexpr Shape flag{.type = Type::boolean};
constexpr Shape int32{.type = Type::integer, .min = int32_min, .max = int32_max};
constexpr Shape count{.type = Type::integer, .min = 0, .max = int32_max};
constexpr Shape positive{.type = Type::integer, .min = 1, .max = int32_max};
constexpr Shape quantity{.type = Type::quantity};
constexpr Shape open_object{.type = Type::object};
constexpr Shape text_map{.type = Type::map, .items = &text};

constexpr Field target_fields[] = {{"apiVersion", &text},
                                   {"envSourceContainerName", &text},
                                   {"kind", &text},
                                   {"name", &name, true}};
constexpr Shape target{.type = Type::object, .fields = target_fields};

constexpr std::string_view fallback_behaviors[] = {"static", "currentReplicas",
                                                   "currentReplicasIfHigher",
                                                   "currentReplicasIfLower", "scalingModifiers"};
constexpr Shape fallback_behavior{.type = Type::text, .choices = fallback_behaviors};
constexpr Field fallback_fields[] = {{"behavior", &fallback_behavior},
                                     {"failureThreshold", &count, true},
                                     {"replicas", &count, true}};
constexpr Shape fallback{.type = Type::object, .fields = fallback_fields};

constexpr Field policy_fields[] = {
    {"periodSeconds", &int32, true}, {"type", &text, true}, {"value", &int32, true}};
constexpr Shape policy{.type = Type::object, .fields = policy_fields};
constexpr Shape policies{.type = Type::array, .items = &policy};
constexpr Shape stabilization{.type = Type::integer, .min = 0, .max = stabilization_seconds_max};
constexpr Field rules_fields[] = {{"policies", &policies},
                                  {"selectPolicy", &text},
                                  {"stabilizationWindowSeconds", &stabilization},
                                  {"tolerance", &quantity}};
constexpr Shape rules{.type = Type::object, .fields = rules_fields};
constexpr Field behavior_fields[] = {{"scaleDown", &rules}, {"scaleUp", &rules}};
constexpr Shape behavior{.type = Type::object, .fields = behavior_fields};
constexpr Field hpa_fields[] = {{"behavior", &behavior}, {"name", &text}};
constexpr Shape hpa{.type = Type::object, .fields = hpa_fields};

constexpr std::string_view modifier_types[] = {"AverageValue", "Value"};
constexpr Shape modifier_type{.type = Type::text, .choices = modifier_types};
constexpr Field modifier_fields[] = {{"activationTarget", &text},
                                     {"formula", &text},
                                     {"metricType", &modifier_type},
                                     {"target", &text}};
constexpr Shape modifiers{.type = Type::object, .fields = modifier_fields};
constexpr Field advanced_fields[] = {{"horizontalPodAutoscalerConfig", &hpa},
                                     {"restoreToOriginalReplicaCount", &flag},
                                     {"scalingModifiers", &modifiers}};
constexpr Shape advanced{.type = Type::object, .fields = advanced_fields};

constexpr std::string_view authentication_kinds[] = {"TriggerAuthentication",
                                                     "ClusterTriggerAuthentication", ""};
constexpr Shape authentication_kind{.type = Type::text, .choices = authentication_kinds};
constexpr Field authentication_fields[] = {{"kind", &authentication_kind}, {"name", &text, true}};
constexpr Shape authentication{.type = Type::object, .fields = authentication_fields};

constexpr Field trigger_fields[] = {
    {"authenticationRef", &authentication},
    {"metadata", &text_map, true},
    {"metricType", &text},
    {"name", &text},
    {"type", &name, true},
    {"useCachedMetrics", &flag},
};
constexpr Shape trigger{.type = Type::object, .fields = trigger_fields};
constexpr Shape triggers{.type = Type::array, .items = &trigger, .size_min = 1};

constexpr Field spec_fields[] = {
    {"advanced", &advanced},           {"cooldownPeriod", &count},
    {"fallback", &fallback},           {"idleReplicaCount", &count},
    {"initialCooldownPeriod", &count}, {"maxReplicaCount", &positive},
    {"minReplicaCount", &count},       {"pollingInterval", &positive},
    {"scaleTargetRef", &target, true}, {"triggers", &triggers, true},
};
constexpr Shape spec{.type = Type::object, .fields = spec_fields};
constexpr Field fields[] = {
    {"apiVersion", &text, true}, {"kind", &text, true},    {"metadata", &meta_shape, true},
    {"spec", &spec, true},       {"status", &open_object},
};

}  // namespace

constexpr Shape scaled_object_shape{.type = Type::object, .fields = fields};

}  // namespace kube
