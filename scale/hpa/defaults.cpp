#include "scale/hpa/defaults.h"

#include <string_view>

namespace scale::hpa {
namespace {

constexpr int default_period_s = 15;

json::Value policy(std::string_view type, int value) {
  return json::Object{{"type", type}, {"value", value}, {"periodSeconds", default_period_s}};
}

json::Array policies_up() {
  return {policy("Pods", 4), policy("Percent", 100)};
}

json::Array policies_down() {
  return {policy("Percent", 100)};
}

json::Array default_metrics() {
  return {json::Object{
      {"type", "Resource"},
      {"resource", json::Object{{"name", "cpu"},
                                {"target", json::Object{{"type", "Utilization"},
                                                        {"averageUtilization", 80}}}}}}};
}

bool lacks(const json::Object& object, std::string_view key) {
  const json::Value* member = object.if_contains({key.data(), key.size()});
  return !member || member->is_null();
}

void put_missing(json::Object& object, std::string_view key, json::Value value) {
  if (lacks(object, key)) object[{key.data(), key.size()}] = std::move(value);
}

void fill_rules(json::Object& behavior, std::string_view direction, json::Array policies) {
  put_missing(behavior, direction, json::Object{});
  json::Object* rules = behavior[{direction.data(), direction.size()}].if_object();
  if (!rules) return;
  if (direction == "scaleUp") put_missing(*rules, "stabilizationWindowSeconds", 0);
  put_missing(*rules, "selectPolicy", "Max");
  put_missing(*rules, "policies", std::move(policies));
}

}  // namespace

json::Value behavior_with_defaults(json::Value behavior) {
  json::Object* object = behavior.if_object();
  if (!object) return behavior;
  fill_rules(*object, "scaleUp", policies_up());
  fill_rules(*object, "scaleDown", policies_down());
  return behavior;
}

json::Value with_defaults(json::Value spec) {
  json::Object* object = spec.if_object();
  if (!object) return spec;
  put_missing(*object, "minReplicas", 1);
  put_missing(*object, "metrics", json::Array{});
  json::Value& metrics = (*object)["metrics"];
  if (metrics.is_array() && metrics.get_array().empty()) metrics = default_metrics();
  if (!lacks(*object, "behavior")) {
    (*object)["behavior"] = behavior_with_defaults(std::move((*object)["behavior"]));
  }
  return spec;
}

}  // namespace scale::hpa
