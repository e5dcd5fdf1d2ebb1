#include "cluster/admission.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "scale/hpa/defaults.h"
#include "scale/hpa/validate.h"

namespace cluster {
namespace {

using kube::Problem;

void check_command(const json::Value& pod_spec, const std::string& path,
                   std::vector<Problem>& problems) {
  const json::Value* containers = json::find(pod_spec, "containers");
  if (containers == nullptr || !containers->is_array() || containers->get_array().empty()) return;
  const json::Value& first = containers->get_array().front();
  const json::Value* command = json::find(first, "command");
  if (command && !(command->is_array() && command->get_array().empty())) return;
  problems.push_back({path + ".containers[0].command",
                      "required: containers run as local processes here, and an image names none"});
}

std::vector<Problem> as_problems(const scale::hpa::FieldErrors& errors) {
  std::vector<Problem> problems;
  for (const scale::hpa::FieldError& error : errors) {
    problems.push_back({error.path, fmt::format("{}: {}", to_string(error.type), error.detail)});
  }
  return problems;
}

// A manifest is checked before a server has filled in the defaults.
std::vector<Problem> autoscaler_problems(const json::Value& object, const json::Value* before) {
  const json::Value spec = scale::hpa::with_defaults(*json::find(object, "spec"));
  const json::Value* old_spec = before ? json::find(*before, "spec") : nullptr;
  return as_problems(scale::hpa::validate(spec, old_spec, scale::hpa::Gates{}));
}

std::pair<std::string, std::string> target_of(const json::Value& scaled_object) {
  const json::Value* ref = json::find(scaled_object, "spec", "scaleTargetRef");
  if (ref == nullptr) return {};
  const std::string version = json::text_at(*ref, "apiVersion").value_or("");
  const std::string kind = json::text_at(*ref, "kind").value_or("");
  return {fmt::format("{}.{}", version.empty() ? "apps/v1" : version,
                      kind.empty() ? "Deployment" : kind),
          json::text_at(*ref, "name").value_or("")};
}

}  // namespace

std::vector<Problem> check_object(const Kind& kind, const json::Value& object,
                                  const json::Value* before) {
  std::vector<Problem> problems = kube::validate(kind.resource, object);
  if (kind.resource == kube::horizontal_pod_autoscalers && problems.empty()) {
    problems = autoscaler_problems(object, before);
  }
  if (kind.resource == kube::deployments) {
    if (const json::Value* spec = json::find(object, "spec", "template", "spec")) {
      check_command(*spec, "spec.template.spec", problems);
    }
  }
  return problems;
}

std::vector<Problem> check_status(const Kind& kind, const json::Value& status) {
  if (kind.resource != kube::horizontal_pod_autoscalers) return {};
  return as_problems(scale::hpa::validate_status(status));
}

std::string scale_target(const json::Value& scaled_object) {
  const auto [type, name] = target_of(scaled_object);
  return type + "/" + name;
}

Problem taken_workload(const json::Value& scaled_object, std::string_view other) {
  const auto [type, name] = target_of(scaled_object);
  return {"spec.scaleTargetRef",
          fmt::format("the workload '{}' of type '{}' is already managed by the ScaledObject '{}'",
                      name, type, other)};
}

}  // namespace cluster
