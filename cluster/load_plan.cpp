#include "cluster/load_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "cluster/admission.h"
#include "cluster/kinds.h"
#include "cluster/loader.h"
#include "cluster/store.h"

namespace cluster {
namespace {

using kube::Manifest;
using kube::ManifestProblem;

constexpr std::string_view loaded_from = "tidewheel.dev/loaded-from";
constexpr std::string_view loaded_replicas = "tidewheel.dev/loaded-replicas";
constexpr std::string_view default_namespace = "default";

// A workload: namespace and scale_target().
using Workload = kube::Key;

std::size_t load_index(const kube::Resource& resource) {
  const auto found = std::ranges::find(loaded_kinds, resource);
  return static_cast<std::size_t>(found - std::begin(loaded_kinds));
}

ObjectName name_of(const Manifest& manifest) {
  return {load_index(manifest.resource), manifest.key};
}

std::optional<std::string> annotation(const json::Value& object, std::string_view name) {
  const json::Value* annotations = json::find(object, "metadata", "annotations");
  return annotations == nullptr ? std::nullopt : json::text_at(*annotations, name);
}

void annotate(json::Value& object, std::string_view name, std::string_view text) {
  json::Value& annotations = metadata(object)["annotations"];
  if (!annotations.is_object()) annotations = json::Object{};
  annotations.get_object()[{name.data(), name.size()}] =
      boost::json::string_view(text.data(), text.size());
}

std::optional<std::int64_t> replicas_of(const json::Value& deployment) {
  const json::Value* spec = json::find(deployment, "spec");
  return spec == nullptr ? std::nullopt : json::int_at(*spec, "replicas");
}

Workload workload_of(const json::Value& scaled_object, const std::string& ns) {
  return {ns, scale_target(scaled_object)};
}

std::optional<ManifestProblem> unloadable(const Manifest& manifest) {
  if (load_index(manifest.resource) < std::size(loaded_kinds)) return std::nullopt;
  return kube::problem_at(
      manifest, {"kind", fmt::format("a {} cannot be loaded from a manifest, only Namespaces, "
                                     "Deployments, ScaledObjects and HorizontalPodAutoscalers can",
                                     manifest.resource.kind)});
}

// Two ScaledObjects on one workload, within the manifests.
void check_workloads(std::span<const Manifest> manifests, std::vector<ManifestProblem>& problems) {
  std::map<Workload, const Manifest*> first;
  for (const Manifest& manifest : manifests) {
    if (manifest.resource != kube::scaled_objects) continue;
    const auto [place, is_new] =
        first.try_emplace(workload_of(manifest.object, manifest.key.ns), &manifest);
    if (is_new || place->second->key == manifest.key) continue;
    kube::Problem problem = taken_workload(manifest.object, place->second->key.name);
    problem.message = fmt::format("ScaledObject '{}': {} ({}:{})", manifest.key.name,
                                  problem.message, place->second->file, place->second->line);
    problems.push_back(kube::problem_at(manifest, problem));
  }
}

// The same against ScaledObjects that stay in the cluster and are in no manifest.
void check_existing_workloads(std::span<const Manifest> manifests, const Objects& staying,
                              std::vector<ManifestProblem>& problems) {
  std::map<Workload, std::string> taken;
  for (const auto& [name, object] : staying) {
    if (loaded_kinds[name.first] != kube::scaled_objects) continue;
    taken.emplace(workload_of(object, name.second.ns), name.second.name);
  }
  for (const Manifest& manifest : manifests) {
    if (manifest.resource != kube::scaled_objects) continue;
    const auto found = taken.find(workload_of(manifest.object, manifest.key.ns));
    if (found == taken.end()) continue;
    problems.push_back(kube::problem_at(manifest, taken_workload(manifest.object, found->second)));
  }
}

void check_namespaces(std::span<const Manifest> manifests, const Objects& staying,
                      std::vector<ManifestProblem>& problems) {
  std::set<std::string_view> known{default_namespace};
  for (const auto& [name, object] : staying) {
    if (loaded_kinds[name.first] == kube::namespaces) known.insert(name.second.name);
  }
  for (const Manifest& manifest : manifests) {
    if (manifest.resource == kube::namespaces) known.insert(manifest.key.name);
  }
  for (const Manifest& manifest : manifests) {
    if (!manifest.resource.namespaced || known.contains(manifest.key.ns)) continue;
    problems.push_back(kube::problem_at(
        manifest,
        {"metadata.namespace",
         fmt::format("there is no namespace \"{}\": state a Namespace object with this name",
                     manifest.key.ns)}));
  }
}

bool scales(const kube::Resource& resource) {
  return resource == kube::scaled_objects || resource == kube::horizontal_pod_autoscalers;
}

std::set<Workload> scaled_workloads(std::span<const Manifest> manifests, const Objects& staying) {
  std::set<Workload> workloads;
  for (const auto& [name, object] : staying) {
    if (!scales(loaded_kinds[name.first])) continue;
    workloads.insert(workload_of(object, name.second.ns));
  }
  for (const Manifest& manifest : manifests) {
    if (!scales(manifest.resource)) continue;
    workloads.insert(workload_of(manifest.object, manifest.key.ns));
  }
  return workloads;
}

// Keeps the replicas that scaling has set, unless the manifest has changed its mind.
void keep_replicas(json::Value& object, const json::Value& existing) {
  const auto stated = replicas_of(object);
  const auto live = replicas_of(existing);
  const auto before = annotation(existing, loaded_replicas);
  if (!live || (stated && before != std::to_string(*stated))) return;
  object.get_object()["spec"].get_object()["replicas"] = *live;
}

json::Value object_to_apply(const Manifest& manifest, const json::Value* existing,
                            const std::set<Workload>& scaled) {
  json::Value object = manifest.object;
  annotate(object, loaded_from, manifest.file);
  if (manifest.resource != kube::deployments) return object;
  if (const auto stated = replicas_of(object)) {
    annotate(object, loaded_replicas, std::to_string(*stated));
  }
  const Workload workload{manifest.key.ns, "apps/v1.Deployment/" + manifest.key.name};
  if (existing && scaled.contains(workload)) keep_replicas(object, *existing);
  return object;
}

// Objects of an earlier load that no manifest states any more.
std::vector<ObjectName> outdated(std::span<const Manifest> manifests, const Objects& existing) {
  std::set<ObjectName> stated;
  for (const Manifest& manifest : manifests) stated.insert(name_of(manifest));
  std::vector<ObjectName> names;
  for (const auto& [name, object] : existing) {
    const bool is_default =
        loaded_kinds[name.first] == kube::namespaces && name.second.name == default_namespace;
    if (annotation(object, loaded_from) && !stated.contains(name) && !is_default) {
      names.push_back(name);
    }
  }
  std::ranges::reverse(names);
  return names;
}

// What exists, is in no manifest, and will not be removed.
Objects staying_objects(std::span<const Manifest> manifests, const Objects& existing,
                        std::span<const ObjectName> removed) {
  Objects staying = existing;
  for (const Manifest& manifest : manifests) staying.erase(name_of(manifest));
  for (const ObjectName& name : removed) staying.erase(name);
  return staying;
}

}  // namespace

std::vector<ManifestProblem> check_manifests(std::span<const Manifest> manifests) {
  std::vector<ManifestProblem> problems;
  for (const Manifest& manifest : manifests) {
    if (auto problem = unloadable(manifest)) {
      problems.push_back(*std::move(problem));
      continue;
    }
    const Kind& kind = kinds[kind_index(manifest.resource)];
    for (const kube::Problem& problem : check_object(kind, manifest.object)) {
      problems.push_back(kube::problem_at(manifest, problem));
    }
  }
  check_workloads(manifests, problems);
  return problems;
}

LoadPlan plan_load(std::vector<Manifest> manifests, const Objects& existing) {
  LoadPlan plan;
  plan.problems = check_manifests(manifests);
  if (!plan.problems.empty()) return plan;
  plan.removed = outdated(manifests, existing);
  const Objects staying = staying_objects(manifests, existing, plan.removed);
  check_namespaces(manifests, staying, plan.problems);
  check_existing_workloads(manifests, staying, plan.problems);
  if (!plan.problems.empty()) {
    plan.removed.clear();
    return plan;
  }
  const std::set<Workload> scaled = scaled_workloads(manifests, staying);
  for (const kube::Resource& resource : loaded_kinds) {
    for (Manifest& manifest : manifests) {
      if (manifest.resource != resource) continue;
      const auto found = existing.find(name_of(manifest));
      const json::Value* live = found == existing.end() ? nullptr : &found->second;
      json::Value object = object_to_apply(manifest, live, scaled);
      plan.apply.push_back({std::move(manifest), std::move(object)});
    }
  }
  return plan;
}

}  // namespace cluster
