#include "kube/shape.h"

// HorizontalPodAutoscaler. Source: autoscaling/v2 of Kubernetes 1.36. What the fields must agree on
// is not said here.

namespace kube {
namespace {

using Type = Shape::Type;

constexpr std::int64_t int32_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();

constexpr Shape text{.type = Type::text};
constexpr Shape int32{.type = Type::integer, .min = int32_min, .max = int32_max};
constexpr Shape quantity{.type = Type::quantity};
constexpr Shape open_object{.type = Type::object};
constexpr Shape texts{.type = Type::array, .items = &text};
constexpr Shape text_map{.type = Type::map, .items = &text};

constexpr Field reference_fields[] = {
    {"apiVersion", &text}, {"kind", &text, true}, {"name", &text, true}};
constexpr Shape reference{.type = Type::object, .fields = reference_fields};

constexpr Field requirement_fields[] = {
    {"key", &text, true}, {"operator", &text, true}, {"values", &texts}};
constexpr Shape requirement{.type = Type::object, .fields = requirement_fields};
constexpr Shape requirements{.type = Type::array, .items = &requirement};
constexpr Field selector_fields[] = {{"matchExpressions", &requirements},
                                     {"matchLabels", &text_map}};
constexpr Shape selector{.type = Type::object, .fields = selector_fields};
constexpr Field identifier_fields[] = {{"name", &text, true}, {"selector", &selector}};
constexpr Shape identifier{.type = Type::object, .fields = identifier_fields};

constexpr Field target_fields[] = {{"averageUtilization", &int32},
                                   {"averageValue", &quantity},
                                   {"type", &text, true},
                                   {"value", &quantity}};
constexpr Shape target{.type = Type::object, .fields = target_fields};

constexpr Field container_resource_fields[] = {
    {"container", &text, true}, {"name", &text, true}, {"target", &target, true}};
constexpr Shape container_resource{.type = Type::object, .fields = container_resource_fields};
constexpr Field resource_fields[] = {{"name", &text, true}, {"target", &target, true}};
constexpr Shape resource{.type = Type::object, .fields = resource_fields};
// External and Pods.
constexpr Field metric_fields[] = {{"metric", &identifier, true}, {"target", &target, true}};
constexpr Shape named_metric{.type = Type::object, .fields = metric_fields};
constexpr Field object_fields[] = {{"describedObject", &reference, true},
                                   {"metric", &identifier, true},
                                   {"target", &target, true}};
constexpr Shape object{.type = Type::object, .fields = object_fields};

constexpr Field source_fields[] = {
    {"containerResource", &container_resource},
    {"external", &named_metric},
    {"object", &object},
    {"pods", &named_metric},
    {"resource", &resource},
    {"type", &text, true},
};
constexpr Shape source{.type = Type::object, .fields = source_fields};
constexpr Shape sources{.type = Type::array, .items = &source};

constexpr Field policy_fields[] = {
    {"periodSeconds", &int32, true}, {"type", &text, true}, {"value", &int32, true}};
constexpr Shape policy{.type = Type::object, .fields = policy_fields};
constexpr Shape policies{.type = Type::array, .items = &policy};
constexpr Field rules_fields[] = {{"policies", &policies},
                                  {"selectPolicy", &text},
                                  {"stabilizationWindowSeconds", &int32},
                                  {"tolerance", &quantity}};
constexpr Shape rules{.type = Type::object, .fields = rules_fields};
constexpr Field behavior_fields[] = {{"scaleDown", &rules}, {"scaleUp", &rules}};
constexpr Shape behavior{.type = Type::object, .fields = behavior_fields};

constexpr Field spec_fields[] = {
    {"behavior", &behavior}, {"maxReplicas", &int32, true},        {"metrics", &sources},
    {"minReplicas", &int32}, {"scaleTargetRef", &reference, true},
};
constexpr Shape spec{.type = Type::object, .fields = spec_fields};
constexpr Field fields[] = {
    {"apiVersion", &text, true}, {"kind", &text, true},    {"metadata", &meta_shape, true},
    {"spec", &spec, true},       {"status", &open_object},
};

}  // namespace

constexpr Shape horizontal_pod_autoscaler_shape{.type = Type::object, .fields = fields};

}  // namespace kube
