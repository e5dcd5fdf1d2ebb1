#pragma once

// Objects that both the embedded cluster and a real one accept.

#include <string>
#include <string_view>

#include "json/json.h"

namespace kube::testing {

inline json::Value parsed(std::string_view text) {
  return json::parse(text).value();
}

inline json::Value named(std::string_view api_version, std::string_view kind,
                         const std::string& name) {
  return json::Object{{"apiVersion", std::string(api_version)},
                      {"kind", std::string(kind)},
                      {"metadata", json::Object{{"name", name}}}};
}

inline json::Value namespace_sample(const std::string& name) {
  return named("v1", "Namespace", name);
}

inline json::Value deployment_sample(const std::string& name, int replicas = 1) {
  json::Value object = named("apps/v1", "Deployment", name);
  object.get_object()["spec"] = parsed(R"({
    "selector": {"matchLabels": {"app": "web"}},
    "template": {
      "metadata": {"labels": {"app": "web"}},
      "spec": {"containers": [
        {"name": "main", "image": "example.com/web:1", "command": ["sleep", "1000"]}
      ]}}})");
  object.get_object()["spec"].get_object()["replicas"] = replicas;
  return object;
}

inline json::Value pod_sample(const std::string& name) {
  json::Value object = named("v1", "Pod", name);
  object.get_object()["spec"] = parsed(R"({"containers": [
      {"name": "main", "image": "example.com/web:1", "command": ["sleep", "1000"]}]})");
  return object;
}

inline json::Value scaled_object_sample(const std::string& name, const std::string& target) {
  json::Value object = named("keda.sh/v1alpha1", "ScaledObject", name);
  object.get_object()["spec"] = parsed(R"json({
    "triggers": [{"type": "external", "metadata": {
      "scalerAddress": "keda-otel-scaler.keda.svc:4318",
      "metricQuery": "sum(requests{})", "targetValue": "5"
}
}]
})json");
  object.get_object()["spec"].get_object()["scaleTargetRef"] = json::Object{{"name", target}};
return object;
}

// The text at metadata.`key`.
inline std::string meta_text(const json::Value& object, std::string_view key) {
  return json::text_at(*json::find(object, "metadata"), key).value_or("");
}

}  // namespace kube::testing
