#include "scale/hpa/spec_json.h"

#include <algorithm>

#include "scale/hpa/defaults.h"
#include "scale/hpa/members.h"

namespace scale::hpa {
namespace {

struct SelectRow {
  std::string_view name;
  SelectPolicy select;
};
constexpr SelectRow selects[] = {
    {"Max", SelectPolicy::max}, {"Min", SelectPolicy::min}, {"Disabled", SelectPolicy::disabled}};

struct PolicyRow {
  std::string_view name;
  PolicyType type;
};
constexpr PolicyRow policy_types[] = {{"Pods", PolicyType::pods}, {"Percent", PolicyType::percent}};

Policy read_policy(const Members& in) {
  Policy policy{.value = in.integer("value").value_or(0),
                .period = seconds_span(in.integer("periodSeconds").value_or(0))};
  const std::string name = in.text("type").value_or("");
  const auto row = std::ranges::find(policy_types, name, &PolicyRow::name);
  if (row == std::end(policy_types)) {
    in.add(in.path("type"), FieldErrorType::not_supported, "must be Pods or Percent");
  } else {
    policy.type = row->type;
  }
  return policy;
}

Rules read_rules(const Members& in) {
  Rules rules;
  if (const auto window = in.integer("stabilizationWindowSeconds")) {
    rules.window = seconds_span(*window);
  }
  const std::string select = in.text("selectPolicy").value_or("Max");
  const auto row = std::ranges::find(selects, select, &SelectRow::name);
  if (row == std::end(selects)) {
    in.add(in.path("selectPolicy"), FieldErrorType::not_supported, "must be Max, Min or Disabled");
  } else {
    rules.select = row->select;
  }
  for (const Members& policy : in.items("policies")) rules.policies.push_back(read_policy(policy));
  if (const auto tolerance = in.quantity("tolerance")) rules.tolerance = tolerance->as_double();
  return rules;
}

Behavior read_behavior(const Members& in) {
  return {.up = read_rules(in.object("scaleUp")), .down = read_rules(in.object("scaleDown"))};
}

Selector read_selector(const Members& in) {
  Selector selector;
  for (auto& [key, value] : in.pairs("matchLabels")) selector.labels.emplace(key, value);
  for (const Members& item : in.items("matchExpressions")) {
    selector.expressions.push_back({.key = item.text("key").value_or(""),
                                    .op = item.text("operator").value_or(""),
                                    .values = item.texts("values")});
  }
  return selector;
}

std::optional<Milli> milli(const std::optional<base::Quantity>& quantity) {
  if (!quantity) return std::nullopt;
  return quantity->milli();
}

Target read_target(const Members& in) {
  return {.type = target_type(in.text("type").value_or("")),
          .value = milli(in.quantity("value")),
          .average_value = milli(in.quantity("averageValue")),
          .average_utilization = in.integer("averageUtilization")};
}

ObjectRef read_ref(const Members& in) {
  return {.api_version = in.text("apiVersion").value_or(""),
          .kind = in.text("kind").value_or(""),
          .name = in.text("name").value_or("")};
}

bool is_resource(MetricType type) {
  return type == MetricType::resource || type == MetricType::container_resource;
}

Metric read_metric(const Members& in) {
  Metric metric{.type = metric_type(in.text("type").value_or(""))};
  if (metric.type == MetricType::unknown) return metric;
  const Members source = in.object(row_of(metric.type).member);
  metric.target = read_target(source.object("target"));
  metric.container = source.text("container").value_or("");
  metric.object = read_ref(source.object("describedObject"));
  const Members identity = is_resource(metric.type) ? source : source.object("metric");
  metric.name = identity.text("name").value_or("");
  if (const Members selector = identity.object("selector"); selector.present()) {
    metric.selector = read_selector(selector);
  }
  metric.title = title_of(metric);
  return metric;
}

Spec read_spec(const Members& in) {
  Spec spec{.target = read_ref(in.object("scaleTargetRef")),
            .min = in.integer("minReplicas"),
            .max = in.integer("maxReplicas").value_or(0)};
  for (const Members& metric : in.items("metrics")) spec.metrics.push_back(read_metric(metric));
  if (const Members behavior = in.object("behavior"); behavior.present()) {
    spec.behavior = read_behavior(behavior);
  }
  return spec;
}

// What `read` makes of the value, or the first thing it complains about.
template <class Read>
auto checked(const json::Value& value, std::string path, Read read)
    -> Result<std::invoke_result_t<Read, const Members&>> {
  FieldErrors errors;
  const Members in(&value, std::move(path), errors);
  auto out = read(in);
  if (errors.empty()) return out;
  return fail(Code::invalid, errors.front().path + ": " + errors.front().detail);
}

}  // namespace

Result<Spec> spec_from_json(const json::Value& spec) {
  return checked(with_defaults(spec), "spec", read_spec);
}

Result<Behavior> behavior_from_json(const json::Value& behavior) {
  return checked(behavior_with_defaults(behavior), "behavior", read_behavior);
}

Result<Selector> selector_from_json(const json::Value& selector) {
  return checked(selector, "selector", read_selector);
}

}  // namespace scale::hpa
