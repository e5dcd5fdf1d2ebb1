#include "kube/shape.h"

// Deployment and Pod. What a local process has no use for is named but not looked into.

namespace kube {
namespace {

using Type = Shape::Type;
using Text = Shape::Text;
using List = Shape::List;

constexpr std::int64_t int32_max = std::numeric_limits<std::int32_t>::max();

constexpr Shape any{.type = Type::any};
constexpr Shape text{.type = Type::text};
constexpr Shape flag{.type = Type::boolean};
constexpr Shape whole{.type = Type::integer};
constexpr Shape count{.type = Type::integer, .min = 0, .max = int32_max};
constexpr Shape open_object{.type = Type::object};
constexpr Shape texts{.type = Type::array, .items = &text};
constexpr Shape objects{.type = Type::array, .items = &open_object};
constexpr Shape named_objects{
    .type = Type::array, .items = &open_object, .list = List::keyed, .list_key = "name"};
constexpr Shape label{.type = Type::text, .format = Text::label_value};
constexpr Shape labels{.type = Type::map, .items = &label, .label_keys = true};
constexpr Shape annotations{.type = Type::map, .items = &text, .label_keys = true};
constexpr Shape text_map{.type = Type::map, .items = &text};

constexpr Shape field_path{.type = Type::text, .size_min = 1, .format = Text::field_path};
constexpr Field field_ref_fields[] = {{"apiVersion", &text}, {"fieldPath", &field_path, true}};
constexpr Shape field_ref{.type = Type::object, .fields = field_ref_fields};

constexpr Field value_from_fields[] = {
    {"configMapKeyRef", &open_object, false, false},
    {"fieldRef", &field_ref},
    {"fileKeyRef", &open_object, false, false},
    {"resourceFieldRef", &open_object, false, false},
    {"secretKeyRef", &open_object, false, false},
};
constexpr Shape value_from{.type = Type::object, .fields = value_from_fields};

constexpr Shape env_name{.type = Type::text, .size_min = 1, .format = Text::env_name};
constexpr Field env_fields[] = {
    {"name", &env_name, true}, {"value", &text}, {"valueFrom", &value_from}};
constexpr Shape env_var{.type = Type::object, .fields = env_fields};
constexpr Shape env{
    .type = Type::array, .items = &env_var, .list = List::keyed, .list_key = "name"};
constexpr Shape mounts{
    .type = Type::array, .items = &open_object, .list = List::keyed, .list_key = "mountPath"};

// Requests are what the utilisation of an HPA is measured by.
constexpr Shape quantity{.type = Type::quantity};
constexpr Shape quantities{.type = Type::map, .items = &quantity};
constexpr Field resources_fields[] = {{"claims", &objects, false, false},
                                      {"limits", &open_object, false, false},
                                      {"requests", &quantities}};
constexpr Shape resources{.type = Type::object, .fields = resources_fields};

constexpr Shape container_name{.type = Type::text, .size_min = 1, .format = Text::dns_label};
constexpr Field container_fields[] = {
    {"args", &texts},
    {"command", &texts},
    {"env", &env},
    {"envFrom", &objects, false, false},
    {"image", &text, false, false},
    {"imagePullPolicy", &text, false, false},
    {"lifecycle", &open_object, false, false},
    {"livenessProbe", &open_object, false, false},
    {"name", &container_name, true},
    {"ports", &objects, false, false},
    {"readinessProbe", &open_object, false, false},
    {"resizePolicy", &objects, false, false},
    {"resources", &resources},
    {"restartPolicy", &text, false, false},
    {"restartPolicyRules", &objects, false, false},
    {"securityContext", &open_object, false, false},
    {"startupProbe", &open_object, false, false},
    {"stdin", &flag, false, false},
    {"stdinOnce", &flag, false, false},
    {"terminationMessagePath", &text, false, false},
    {"terminationMessagePolicy", &text, false, false},
    {"tty", &flag, false, false},
    {"volumeDevices", &objects, false, false},
    {"volumeMounts", &mounts, false, false},
    {"workingDir", &text},
};
constexpr Shape container{.type = Type::object, .fields = container_fields};
constexpr Shape containers{.type = Type::array,
                           .items = &container,
                           .size_min = 1,
                           .list = List::keyed,
                           .list_key = "name",
                           .only_first_honoured = true};

constexpr std::string_view restart_policies[] = {"Always", "OnFailure", "Never"};
constexpr Shape restart_policy{.type = Type::text, .choices = restart_policies};
constexpr Field pod_spec_fields[] = {
    {"activeDeadlineSeconds", &whole, false, false},
    {"affinity", &open_object, false, false},
    {"automountServiceAccountToken", &flag, false, false},
    {"containers", &containers, true},
    {"dnsConfig", &open_object, false, false},
    {"dnsPolicy", &text, false, false},
    {"enableServiceLinks", &flag, false, false},
    {"ephemeralContainers", &named_objects, false, false},
    {"hostAliases", &objects, false, false},
    {"hostIPC", &flag, false, false},
    {"hostNetwork", &flag, false, false},
    {"hostPID", &flag, false, false},
    {"hostUsers", &flag, false, false},
    {"hostname", &text, false, false},
    {"hostnameOverride", &text, false, false},
    {"imagePullSecrets", &named_objects, false, false},
    {"initContainers", &named_objects, false, false},
    {"nodeName", &text, false, false},
    {"nodeSelector", &text_map, false, false},
    {"os", &open_object, false, false},
    {"overhead", &open_object, false, false},
    {"preemptionPolicy", &text, false, false},
    {"priority", &whole, false, false},
    {"priorityClassName", &text, false, false},
    {"readinessGates", &objects, false, false},
    {"resourceClaims", &named_objects, false, false},
    {"resources", &resources},
    {"restartPolicy", &restart_policy},
    {"runtimeClassName", &text, false, false},
    {"schedulerName", &text, false, false},
    {"schedulingGates", &named_objects, false, false},
    {"securityContext", &open_object, false, false},
    {"serviceAccount", &text, false, false},
    {"serviceAccountName", &text, false, false},
    {"setHostnameAsFQDN", &flag, false, false},
    {"shareProcessNamespace", &flag, false, false},
    {"subdomain", &text, false, false},
    {"terminationGracePeriodSeconds", &count},
    {"tolerations", &objects, false, false},
    {"topologySpreadConstraints", &objects, false, false},
    {"volumes", &named_objects, false, false},
    {"workloadRef", &open_object, false, false},
};
constexpr Shape pod_spec{.type = Type::object, .fields = pod_spec_fields};

constexpr Field template_meta_fields[] = {
    {"annotations", &annotations}, {"creationTimestamp", &any}, {"finalizers", &texts},
    {"generateName", &text},       {"labels", &labels},         {"name", &text},
    {"namespace", &text},
};
constexpr Shape template_meta{.type = Type::object, .fields = template_meta_fields};
constexpr Field template_fields[] = {{"metadata", &template_meta}, {"spec", &pod_spec, true}};
constexpr Shape pod_template{.type = Type::object, .fields = template_fields};

constexpr Field selector_fields[] = {{"matchExpressions", &objects, false, false},
                                     {"matchLabels", &labels}};
constexpr Shape selector{.type = Type::object, .fields = selector_fields};
constexpr std::string_view strategies[] = {"Recreate", "RollingUpdate"};
constexpr Shape strategy_type{.type = Type::text, .choices = strategies};
constexpr Field strategy_fields[] = {{"rollingUpdate", &open_object, false, false},
                                     {"type", &strategy_type}};
constexpr Shape strategy{.type = Type::object, .fields = strategy_fields};
constexpr Field deployment_spec_fields[] = {
    {"minReadySeconds", &count, false, false},
    {"paused", &flag, false, false},
    {"progressDeadlineSeconds", &count, false, false},
    {"replicas", &count},
    {"revisionHistoryLimit", &count, false, false},
    {"selector", &selector, true},
    {"strategy", &strategy},
    {"template", &pod_template, true},
};
constexpr Shape deployment_spec{.type = Type::object, .fields = deployment_spec_fields};

constexpr Field deployment_fields[] = {
    {"apiVersion", &text, true},      {"kind", &text, true},    {"metadata", &meta_shape, true},
    {"spec", &deployment_spec, true}, {"status", &open_object},
};
constexpr Field pod_fields[] = {
    {"apiVersion", &text, true}, {"kind", &text, true},    {"metadata", &meta_shape, true},
    {"spec", &pod_spec, true},   {"status", &open_object},
};

}  // namespace

constexpr Shape deployment_shape{.type = Type::object, .fields = deployment_fields};
constexpr Shape pod_shape{.type = Type::object, .fields = pod_fields};

}  // namespace kube
