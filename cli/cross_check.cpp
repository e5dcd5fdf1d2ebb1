#include "cli/cross_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/quantity.h"
#include "cluster/admission.h"
#include "kube/types.h"

namespace cli {
namespace {

using kube::Manifest;

constexpr std::string_view hpa_ownership = "validations.keda.sh/hpa-ownership";
constexpr std::string_view transfer_ownership = "scaledobject.keda.sh/transfer-hpa-ownership";

// A workload or an HPA within its namespace.
using Place = std::pair<std::string, std::string>;

std::string annotation(const json::Value& object, std::string_view name) {
  const json::Value* annotations = json::find(object, "metadata", "annotations");
  return annotations == nullptr ? "" : json::text_at(*annotations, name).value_or("");
}

// "apps/v1.Deployment" and the name, of a ScaledObject and of an HPA alike.
Place workload_of(const Manifest& manifest) {
  return {manifest.key.ns, cluster::scale_target(manifest.object)};
}

std::string hpa_name(const Manifest& manifest) {
  const json::Value* config =
      json::find(manifest.object, "spec", "advanced", "horizontalPodAutoscalerConfig");
  const std::string stated = config ? json::text_at(*config, "name").value_or("") : "";
  return stated.empty() ? "keda-hpa-" + manifest.key.name : stated;
}

std::string place_of(const Manifest& manifest) {
  return fmt::format("{}:{}", manifest.file, manifest.line);
}

class CrossCheck {
 public:
  explicit CrossCheck(std::span<const Manifest> manifests) : manifests_(manifests) {}

  std::vector<Finding> run() {
    for (const Manifest& manifest : manifests_) {
      if (manifest.resource == kube::horizontal_pod_autoscalers) hpas_of_one_workload(manifest);
      if (manifest.resource != kube::scaled_objects) continue;
      other_scaled_objects(manifest);
      other_hpas(manifest);
      requests(manifest);
    }
    return std::move(findings_);
  }

 private:
  void add(Severity severity, const Manifest& manifest, kube::Problem problem) {
    findings_.push_back({severity, kube::problem_at(manifest, problem)});
  }

  void other_scaled_objects(const Manifest& manifest) {
    const auto [taken, first_there] = by_workload_.try_emplace(workload_of(manifest), &manifest);
    if (!first_there) {
      kube::Problem problem = cluster::taken_workload(manifest.object, taken->second->key.name);
      problem.message += fmt::format(" ({})", place_of(*taken->second));
      return add(Severity::error, manifest, std::move(problem));
    }
    const auto [named, first_named] =
        by_hpa_.try_emplace(Place{manifest.key.ns, hpa_name(manifest)}, &manifest);
    if (first_named) return;
    add(Severity::error, manifest,
        {"spec.advanced.horizontalPodAutoscalerConfig.name",
         fmt::format("the HPA '{}' is already managed by the ScaledObject '{}' ({})",
                     hpa_name(manifest), named->second->key.name, place_of(*named->second))});
  }

  // The HPA controller scales by neither of the two.
  void hpas_of_one_workload(const Manifest& manifest) {
    const auto [taken, first] = by_plain_hpa_.try_emplace(workload_of(manifest), &manifest);
    if (first) return;
    add(Severity::error, manifest,
        {"spec.scaleTargetRef",
         fmt::format("the workload '{}' is already scaled by the hpa '{}' ({}); with two, the HPA "
                     "controller says AmbiguousSelector and scales by neither",
                     workload_of(manifest).second, taken->second->key.name,
                     place_of(*taken->second))});
  }

  void other_hpas(const Manifest& manifest) {
    for (const Manifest& hpa : manifests_) {
      if (hpa.resource != kube::horizontal_pod_autoscalers) continue;
      if (workload_of(hpa) != workload_of(manifest) || is_excused(hpa, manifest)) continue;
      add(Severity::error, manifest, {"spec.scaleTargetRef", hpa_message(hpa, manifest)});
    }
  }

  static bool is_excused(const Manifest& hpa, const Manifest& manifest) {
    if (annotation(hpa.object, hpa_ownership) == "false") return true;
    const auto meta = kube::meta_from_json(hpa.object);
    const bool owned = meta && std::ranges::any_of(meta->owners, [&](const auto& owner) {
                         return owner.kind == "ScaledObject" && owner.name == manifest.key.name;
                       });
    return owned || (transfers(manifest) && hpa_name(manifest) == hpa.key.name);
  }

  static bool transfers(const Manifest& manifest) {
    return annotation(manifest.object, transfer_ownership) == "true";
  }

  static std::string hpa_message(const Manifest& hpa, const Manifest& manifest) {
    const std::string target = cluster::scale_target(manifest.object);
    const auto slash = target.rfind('/');
    const std::string workload = fmt::format("workload '{}' of type '{}'", target.substr(slash + 1),
                                             target.substr(0, slash));
    if (transfers(manifest)) {
      return fmt::format(
          "the existing hpa '{}' for {} must be specified by name in advanced settings to enable "
          "ownership transfer ({})",
          hpa.key.name, workload, place_of(hpa));
    }
    return fmt::format("the {} is already managed by the hpa '{}' ({})", workload, hpa.key.name,
                       place_of(hpa));
  }

  void requests(const Manifest& manifest) {
    const auto object = kube::scaled_object_from_json(manifest.object);
    const Manifest* workload = object ? deployment_of(manifest) : nullptr;
    if (workload == nullptr) return;
    for (std::size_t i = 0; i < object->spec.triggers.size(); ++i) {
      const kube::Trigger& trigger = object->spec.triggers[i];
      if (trigger.type != "cpu" && trigger.type != "memory") continue;
      for (const std::string& container : without_request(*workload, trigger)) {
        add(Severity::warning, manifest,
            {fmt::format("spec.triggers[{}]", i),
             fmt::format("the scaledobject has a {0} trigger but the container {1} doesn't have "
                         "the {0} request defined ({2}); a LimitRange may set it",
                         trigger.type, container, place_of(*workload))});
      }
    }
  }

  const Manifest* deployment_of(const Manifest& manifest) const {
    const std::string target = cluster::scale_target(manifest.object);
    const auto found = std::ranges::find_if(manifests_, [&](const Manifest& other) {
      return other.resource == kube::deployments && other.key.ns == manifest.key.ns &&
             "apps/v1.Deployment/" + other.key.name == target;
    });
    return found == manifests_.end() ? nullptr : &*found;
  }

  // Whether `owner`, a container or the pod's spec, requests or limits some of it.
  static bool requests_any(const json::Value& owner, const std::string& resource) {
    for (const char* list : {"requests", "limits"}) {
      const json::Value* amounts = json::find(owner, "resources", list);
      const json::Value* amount = amounts ? json::find(*amounts, resource) : nullptr;
      if (amount == nullptr) continue;
      if (const auto number = json::number_at(*amounts, resource)) {
        if (*number > 0) return true;
      } else if (const auto text = json::text_at(*amounts, resource)) {
        const auto quantity = base::parse_quantity(*text);
        if (quantity && quantity->sign() > 0) return true;
      }
    }
    return false;
  }

  static std::vector<std::string> without_request(const Manifest& workload,
                                                  const kube::Trigger& trigger) {
    std::vector<std::string> names;
    const json::Value* pod = json::find(workload.object, "spec", "template", "spec");
    const json::Value* containers = pod ? json::find(*pod, "containers") : nullptr;
    if (containers == nullptr) return names;
    const auto only = trigger.metadata.find("containerName");
    if (only == trigger.metadata.end() && requests_any(*pod, trigger.type)) return names;
    for (const json::Value& container : containers->get_array()) {
      const std::string name = json::text_at(container, "name").value_or("");
      if (only != trigger.metadata.end() && only->second != name) continue;
      if (!requests_any(container, trigger.type)) names.push_back(name);
    }
    return names;
  }

  std::span<const Manifest> manifests_;
  std::map<Place, const Manifest*> by_workload_;
  std::map<Place, const Manifest*> by_hpa_;        // that ScaledObjects make, by its name
  std::map<Place, const Manifest*> by_plain_hpa_;  // HPAs of the manifests, by their workload
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> cross_check(std::span<const kube::Manifest> manifests) {
  return CrossCheck(manifests).run();
}

}  // namespace cli
