#include "cluster/autoscaling/pod_view.h"

#include <algorithm>
#include <string_view>

#include "base/quantity.h"

namespace cluster::autoscaling {
namespace {

namespace hpa = scale::hpa;

struct PhaseRow {
  std::string_view name;
  hpa::Phase phase;
};
constexpr PhaseRow phases[] = {{"Pending", hpa::Phase::pending},
                               {"Running", hpa::Phase::running},
                               {"Succeeded", hpa::Phase::succeeded},
                               {"Failed", hpa::Phase::failed}};

hpa::Phase phase_of(std::string_view name) {
  const auto row = std::ranges::find(phases, name, &PhaseRow::name);
  return row == std::end(phases) ? hpa::Phase::unknown : row->phase;
}

std::optional<Timestamp> time_at(const json::Value& object, std::string_view key) {
  const auto text = json::text_at(object, key);
  if (!text) return std::nullopt;
  const auto time = base::parse_time(*text);
  return time ? std::optional(*time) : std::nullopt;
}

std::string text_or(const json::Value& object, std::string_view key) {
  return json::text_at(object, key).value_or("");
}

hpa::Readiness::Status readiness(std::string_view status) {
  if (status == "True") return hpa::Readiness::Status::yes;
  return status == "False" ? hpa::Readiness::Status::no : hpa::Readiness::Status::unknown;
}

std::optional<hpa::Readiness> ready_of(const json::Value& pod) {
  const json::Value* conditions = json::find(pod, "status", "conditions");
  if (!conditions || !conditions->is_array()) return std::nullopt;
  for (const json::Value& condition : conditions->get_array()) {
    if (text_or(condition, "type") != "Ready") continue;
    return hpa::Readiness{.status = readiness(text_or(condition, "status")),
                          .since = time_at(condition, "lastTransitionTime").value_or(Timestamp{})};
  }
  return std::nullopt;
}

std::optional<hpa::Milli> milli_of(const json::Value& value) {
  const std::string text = value.is_string() ? std::string(value.get_string()) : json::print(value);
  const auto quantity = base::parse_quantity(text);
  return quantity ? std::optional(quantity->milli()) : std::nullopt;
}

// resources.requests of a container, or of a pod's specification.
hpa::Amounts requests_of(const json::Value& owner) {
  hpa::Amounts amounts;
  const json::Value* requests = json::find(owner, "resources", "requests");
  if (!requests || !requests->is_object()) return amounts;
  for (const auto& request : requests->get_object()) {
    const auto milli = milli_of(request.value());
    if (milli) amounts.push_back({std::string(request.key()), *milli});
  }
  return amounts;
}

std::vector<hpa::Container> containers_of(const json::Value& spec, std::string_view key) {
  std::vector<hpa::Container> containers;
  const json::Value* list = json::find(spec, key);
  if (!list || !list->is_array()) return containers;
  for (const json::Value& container : list->get_array()) {
    containers.push_back({.name = text_or(container, "name"),
                          .requests = requests_of(container),
                          .restart_always = text_or(container, "restartPolicy") == "Always"});
  }
  return containers;
}

}  // namespace

hpa::Pod pod_view(const json::Value& pod) {
  hpa::Pod view;
  if (const json::Value* meta = json::find(pod, "metadata")) {
    view.name = text_or(*meta, "name");
    view.deleted = json::find(*meta, "deletionTimestamp") != nullptr;
  }
  view.phase = hpa::Phase::unknown;
  if (const json::Value* status = json::find(pod, "status")) {
    view.phase = phase_of(text_or(*status, "phase"));
    view.started = time_at(*status, "startTime");
  }
  view.ready = ready_of(pod);
  if (const json::Value* spec = json::find(pod, "spec")) {
    view.containers = containers_of(*spec, "containers");
    view.init_containers = containers_of(*spec, "initContainers");
    view.requests = requests_of(*spec);
  }
  return view;
}

}  // namespace cluster::autoscaling
