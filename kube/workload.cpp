#include "kube/workload.h"

#include <array>

#include "kube/reader.h"
#include "kube/writer.h"

namespace kube {
namespace {

constexpr std::array<std::string_view, 3> state_names{"waiting", "running", "terminated"};

EnvVar read_env(Reader& in) {
  return {.name = in.text("name"),
          .value = in.text("value"),
          .field_path = in.object("valueFrom").object("fieldRef").text("fieldPath")};
}

Container read_container(Reader& in) {
  Container container{.name = in.text("name"),
                      .image = in.text("image"),
                      .command = in.texts("command"),
                      .args = in.texts("args"),
                      .env = {},
                      .working_dir = in.text("workingDir")};
  for (Reader& item : in.items("env")) container.env.push_back(read_env(item));
  return container;
}

PodSpec read_pod_spec(Reader in) {
  PodSpec spec;
  for (Reader& item : in.items("containers")) spec.containers.push_back(read_container(item));
  if (const auto grace = in.maybe_integer<std::int64_t>("terminationGracePeriodSeconds")) {
    spec.termination_grace = std::chrono::seconds(*grace);
  }
  spec.restart_policy = in.text("restartPolicy", "Always");
  return spec;
}

PodTemplate read_template(Reader in) {
  Reader meta = in.object("metadata");
  return {.labels = meta.text_map("labels"),
          .annotations = meta.text_map("annotations"),
          .spec = read_pod_spec(in.object("spec"))};
}

DeploymentStatus read_deployment_status(Reader in) {
  return {.observed_generation = in.integer<std::int64_t>("observedGeneration"),
          .replicas = in.integer<std::int32_t>("replicas"),
          .updated_replicas = in.integer<std::int32_t>("updatedReplicas"),
          .ready_replicas = in.integer<std::int32_t>("readyReplicas"),
          .available_replicas = in.integer<std::int32_t>("availableReplicas"),
          .unavailable_replicas = in.integer<std::int32_t>("unavailableReplicas"),
          .conditions = read_conditions(in)};
}

ContainerStatus read_container_status(Reader& in) {
  ContainerStatus status{.name = in.text("name"),
                         .ready = in.flag("ready"),
                         .restarts = in.integer<std::int32_t>("restartCount")};
  Reader states = in.object("state");
  for (std::size_t i = 0; i < state_names.size(); ++i) {
    if (!states.has(state_names[i])) continue;
    Reader state = states.object(state_names[i]);
    status.state = static_cast<ContainerStatus::State>(i);
    status.reason = state.text("reason");
    status.message = state.text("message");
    status.exit_code = state.integer<std::int32_t>("exitCode");
    status.started = state.maybe_time("startedAt");
    status.finished = state.maybe_time("finishedAt");
  }
  return status;
}

PodStatus read_pod_status(Reader in) {
  PodStatus status{.phase = in.text("phase", "Pending"),
                   .reason = in.text("reason"),
                   .message = in.text("message"),
                   .pod_ip = in.text("podIP"),
                   .host_ip = in.text("hostIP"),
                   .started = in.maybe_time("startTime"),
                   .conditions = read_conditions(in),
                   .containers = {}};
  for (Reader& item : in.items("containerStatuses")) {
    status.containers.push_back(read_container_status(item));
  }
  return status;
}

json::Object write_env(const EnvVar& variable) {
  Writer out;
  out.text("name", variable.name);
  out.text("value", variable.value);
  if (!variable.field_path.empty()) {
    out.put("valueFrom",
            json::Object{{"fieldRef", json::Object{{"fieldPath", variable.field_path}}}});
  }
  return out.take();
}

json::Object write_container(const Container& container) {
  json::Array env;
  for (const EnvVar& variable : container.env) env.push_back(write_env(variable));
  Writer out;
  out.text("name", container.name);
  out.text("image", container.image);
  out.texts("command", container.command);
  out.texts("args", container.args);
  out.list("env", std::move(env));
  out.text("workingDir", container.working_dir);
  return out.take();
}

json::Object write_container_status(const ContainerStatus& status) {
  Writer state;
  state.text("reason", status.reason);
  state.text("message", status.message);
  if (status.state == ContainerStatus::State::terminated) state.put("exitCode", status.exit_code);
  state.time("startedAt", status.started);
  state.time("finishedAt", status.finished);
  Writer states;
  states.put(state_names[static_cast<std::size_t>(status.state)], state.take());
  Writer out;
  out.text("name", status.name);
  out.put("state", states.take());
  out.put("ready", status.ready);
  out.put("restartCount", status.restarts);
  return out.take();
}

// The x of "metadata.labels['x']" when `path` begins with `prefix`.
std::optional<std::string> subscript(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return std::nullopt;
  path.remove_prefix(prefix.size());
  if (!path.starts_with("['") || !path.ends_with("']") || path.size() < 5) return std::nullopt;
  return std::string(path.substr(2, path.size() - 4));
}

std::string value_or_empty(const TextMap& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? std::string{} : found->second;
}

}  // namespace

Result<Deployment> deployment_from_json(const json::Value& object) {
  Reader in(object);
  Deployment out{.meta = read_meta(in), .selector = {}, .pod_template = {}, .status = {}};
  Reader spec = in.object("spec");
  out.replicas = spec.integer<std::int32_t>("replicas", 1);
  out.paused = spec.flag("paused");
  out.selector = spec.object("selector").text_map("matchLabels");
  out.pod_template = read_template(spec.object("template"));
  out.status = read_deployment_status(in.object("status"));
  return in.finish(std::move(out));
}

json::Object to_json(const DeploymentStatus& status) {
  // Zero is written: a merge patch must be able to say that nothing is left.
  return {{"observedGeneration", status.observed_generation},
          {"replicas", status.replicas},
          {"updatedReplicas", status.updated_replicas},
          {"readyReplicas", status.ready_replicas},
          {"availableReplicas", status.available_replicas},
          {"unavailableReplicas", status.unavailable_replicas},
          {"conditions", to_json(status.conditions)}};
}

Result<Pod> pod_from_json(const json::Value& object) {
  Reader in(object);
  Pod out{.meta = read_meta(in),
          .spec = read_pod_spec(in.object("spec")),
          .status = read_pod_status(in.object("status"))};
  return in.finish(std::move(out));
}

json::Object to_json(const PodSpec& spec) {
  json::Array containers;
  for (const Container& container : spec.containers) {
    containers.push_back(write_container(container));
  }
  return {{"containers", std::move(containers)},
          {"restartPolicy", spec.restart_policy},
          {"terminationGracePeriodSeconds",
           std::chrono::duration_cast<std::chrono::seconds>(spec.termination_grace).count()}};
}

json::Object to_json(const PodStatus& status) {
  json::Array containers;
  for (const ContainerStatus& container : status.containers) {
    containers.push_back(write_container_status(container));
  }
  Writer out;
  out.text("phase", status.phase);
  out.text("reason", status.reason);
  out.text("message", status.message);
  out.text("podIP", status.pod_ip);
  out.text("hostIP", status.host_ip);
  out.time("startTime", status.started);
  out.list("conditions", to_json(status.conditions));
  out.list("containerStatuses", std::move(containers));
  return out.take();
}

json::Value to_json(const Pod& pod) {
  return json::Object{{"apiVersion", pods.api_version()},
                      {"kind", text_value(pods.kind)},
                      {"metadata", to_json(pod.meta)},
                      {"spec", to_json(pod.spec)}};
}

Result<std::string> field_value(const Pod& pod, std::string_view field_path) {
  if (field_path == "metadata.name") return pod.meta.name;
  if (field_path == "metadata.namespace") return pod.meta.ns;
  if (field_path == "metadata.uid") return pod.meta.uid;
  if (field_path == "spec.nodeName") return std::string("localhost");
  if (field_path == "spec.serviceAccountName") return std::string("default");
  if (field_path == "status.podIP") return pod.status.pod_ip;
  if (field_path == "status.hostIP") return pod.status.host_ip;
  if (const auto label = subscript(field_path, "metadata.labels")) {
    return value_or_empty(pod.meta.labels, *label);
  }
  if (const auto annotation = subscript(field_path, "metadata.annotations")) {
    return value_or_empty(pod.meta.annotations, *annotation);
  }
  return fail(Code::invalid, "unsupported field path \"" + std::string(field_path) + "\"");
}

}  // namespace kube
