#include "cluster/process/pod_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cluster::process {
namespace {

json::Value sorted(const json::Value& value) {
  if (value.is_array()) {
    json::Array out;
    for (const auto& item : value.get_array()) out.push_back(sorted(item));
    return out;
  }
  if (!value.is_object()) return value;
  std::vector<std::pair<std::string_view, json::Value>> members;
  for (const auto& member : value.get_object())
    members.emplace_back(member.key(), sorted(member.value()));
  std::ranges::sort(members, {}, &std::pair<std::string_view, json::Value>::first);
  json::Object out;
  for (auto& [key, member] : members) out[key] = std::move(member);
  return out;
}

// FNV-1a: stable across builds and machines, and nobody attacks it here.
std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const unsigned char c : text) hash = (hash ^ c) * 0x100000001b3;
  return hash;
}

std::int32_t count(std::span<const PodView> pods, bool PodView::* what) {
  return static_cast<std::int32_t>(
      std::ranges::count_if(pods, [&](const PodView& pod) { return !pod.stopping && pod.*what; }));
}

kube::Condition condition(std::string type, bool holds, std::string reason,
                          std::string message = {}) {
  return {.type = std::move(type),
          .status = holds ? "True" : "False",
          .reason = std::move(reason),
          .message = std::move(message)};
}

}  // namespace

std::string template_hash(const json::Value& deployment) {
  const json::Value* pod_template = json::find(deployment, "spec", "template");
  return fmt::format("{:016x}", pod_template ? fnv1a(json::print(sorted(*pod_template))) : 0);
}

Strategy strategy_of(const json::Value& deployment) {
  const json::Value* strategy = json::find(deployment, "spec", "strategy");
  const bool recreate = strategy && json::text_at(*strategy, "type") == "Recreate";
  return recreate ? Strategy::recreate : Strategy::rolling;
}

json::Value pod_from_template(const json::Value& deployment, const kube::Deployment& parsed,
                              std::string name) {
  kube::ObjectMeta meta{.name = std::move(name),
                        .generate_name = parsed.meta.name + "-",
                        .ns = parsed.meta.ns,
                        .labels = parsed.pod_template.labels,
                        .annotations = parsed.pod_template.annotations,
                        .owners = {kube::owner_reference(kube::deployments, parsed.meta)},
                        .finalizers = {std::string(pod_finalizer)}};
  meta.labels[std::string(template_label)] = template_hash(deployment);
  const json::Value* spec = json::find(deployment, "spec", "template", "spec");
  return json::Object{{"apiVersion", kube::pods.api_version()},
                      {"kind", "Pod"},
                      {"metadata", kube::to_json(meta)},
                      {"spec", spec ? *spec : json::Value(json::Object{})}};
}

kube::DeploymentStatus deployment_status(const kube::Deployment& deployment,
                                         std::span<const PodView> pods,
                                         const std::string& failure) {
  kube::DeploymentStatus status{.observed_generation = deployment.meta.generation};
  status.replicas = static_cast<std::int32_t>(std::ranges::count(pods, false, &PodView::stopping));
  status.updated_replicas = count(pods, &PodView::fresh);
  status.ready_replicas = count(pods, &PodView::ready);
  status.available_replicas = status.ready_replicas;
  status.unavailable_replicas = std::max(0, deployment.replicas - status.available_replicas);
  const bool available = status.unavailable_replicas == 0;
  const bool complete = available && status.updated_replicas == status.replicas;
  status.conditions = {
      condition("Available", available,
                available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable"),
      condition("Progressing", true, complete ? "NewReplicaSetAvailable" : "ReplicaSetUpdated")};
  if (!failure.empty())
    status.conditions.push_back(condition("ReplicaFailure", true, "FailedCreate", failure));
  return status;
}

}  // namespace cluster::process
