#include "scale/hpa/status_json.h"

#include <algorithm>
#include <array>

#include "base/time.h"
#include "scale/hpa/members.h"

namespace scale::hpa {
namespace {

// In the order of Condition::Status.
constexpr std::array<std::string_view, 3> status_names = {"False", "True", "Unknown"};

json::Object selector_json(const Selector& selector) {
  json::Object out;
  json::Object labels;
  for (const auto& [key, value] : selector.labels) labels[key] = value;
  if (!labels.empty()) out["matchLabels"] = std::move(labels);
  json::Array expressions;
  for (const Requirement& r : selector.expressions) {
    json::Object one{{"key", r.key}, {"operator", r.op}};
    if (!r.values.empty()) one["values"] = json::Array(r.values.begin(), r.values.end());
    expressions.emplace_back(std::move(one));
  }
  if (!expressions.empty()) out["matchExpressions"] = std::move(expressions);
  return out;
}

json::Object identity_json(const Metric& metric) {
  json::Object out{{"name", metric.name}};
  if (metric.selector) out["selector"] = selector_json(*metric.selector);
  return out;
}

json::Object current_json(const Metric& metric, const MetricStatus& status) {
  const bool resource =
      metric.type == MetricType::resource || metric.type == MetricType::container_resource;
  const std::string_view unit = resource ? std::string_view(metric.name) : "";
  json::Object out;
  if (status.average_utilization) out["averageUtilization"] = *status.average_utilization;
  if (status.average_value) out["averageValue"] = status_quantity(unit, *status.average_value);
  if (status.value) out["value"] = status_quantity(unit, *status.value);
  return out;
}

json::Value metric_json(const Metric& metric, const MetricStatus& status) {
  if (!status.type) return json::Object{{"type", ""}};
  json::Object source{{"current", current_json(metric, status)}};
  switch (metric.type) {
    case MetricType::container_resource:
      source["container"] = metric.container;
      [[fallthrough]];
    case MetricType::resource:
      source["name"] = metric.name;
      break;
    case MetricType::object:
      source["describedObject"] = json::Object{{"apiVersion", metric.object.api_version},
                                               {"kind", metric.object.kind},
                                               {"name", metric.object.name}};
      [[fallthrough]];
    default:
      source["metric"] = identity_json(metric);
  }
  const MetricTypeRow& row = row_of(*status.type);
  return json::Object{{"type", std::string(row.name)}, {row.member, std::move(source)}};
}

json::Value condition_json(const Condition& condition) {
  const auto place = static_cast<std::size_t>(condition.status);
  return json::Object{{"type", condition.type},
                      {"status", std::string(status_names[place])},
                      {"lastTransitionTime", base::format_time(condition.since)},
                      {"reason", condition.reason},
                      {"message", condition.message}};
}

std::optional<Timestamp> read_time(const Members& in, std::string_view key) {
  const auto text = in.text(key);
  if (!text) return std::nullopt;
  const auto time = base::parse_time(*text);
  if (time) return *time;
  in.add(in.path(key), FieldErrorType::type_invalid, time.error().what);
  return std::nullopt;
}

std::optional<Milli> read_milli(const Members& in, std::string_view key) {
  const auto quantity = in.quantity(key);
  if (!quantity) return std::nullopt;
  return quantity->milli();
}

MetricStatus read_metric(const Members& in) {
  const MetricType type = metric_type(in.text("type").value_or(""));
  if (type == MetricType::unknown) return {};
  const Members current = in.object(row_of(type).member).object("current");
  return {.type = type,
          .average_utilization = current.integer("averageUtilization"),
          .average_value = read_milli(current, "averageValue"),
          .value = read_milli(current, "value")};
}

Condition read_condition(const Members& in) {
  const std::string status = in.text("status").value_or("Unknown");
  const auto name = std::ranges::find(status_names, status);
  if (name == status_names.end()) {
    in.add(in.path("status"), FieldErrorType::not_supported, "must be True, False or Unknown");
    return {};
  }
  return {.type = in.text("type").value_or(""),
          .status = static_cast<Condition::Status>(name - status_names.begin()),
          .reason = in.text("reason").value_or(""),
          .message = in.text("message").value_or(""),
          .since = read_time(in, "lastTransitionTime").value_or(Timestamp{})};
}

}  // namespace

json::Value to_json(const Status& status, const Spec& spec) {
  json::Object out;
  if (status.observed_generation) out["observedGeneration"] = *status.observed_generation;
  if (status.last_scale_time) out["lastScaleTime"] = base::format_time(*status.last_scale_time);
  out["currentReplicas"] = status.current;
  out["desiredReplicas"] = status.desired;
  json::Array metrics;
  for (std::size_t i = 0; i < status.metrics.size() && i < spec.metrics.size(); ++i) {
    metrics.push_back(metric_json(spec.metrics[i], status.metrics[i]));
  }
  if (!metrics.empty()) out["currentMetrics"] = std::move(metrics);
  json::Array conditions;
  for (const Condition& condition : status.conditions) {
    conditions.push_back(condition_json(condition));
  }
  if (!conditions.empty()) out["conditions"] = std::move(conditions);
  return out;
}

Result<Status> status_from_json(const json::Value& value) {
  FieldErrors errors;
  const Members in(&value, "status", errors);
  Status status{.observed_generation = json::int_at(value, "observedGeneration"),
                .last_scale_time = read_time(in, "lastScaleTime"),
                .current = in.integer("currentReplicas").value_or(0),
                .desired = in.integer("desiredReplicas").value_or(0)};
  for (const Members& metric : in.items("currentMetrics")) {
    status.metrics.push_back(read_metric(metric));
  }
  for (const Members& condition : in.items("conditions")) {
    status.conditions.push_back(read_condition(condition));
  }
  if (errors.empty()) return status;
  return fail(Code::invalid, errors.front().path + ": " + errors.front().detail);
}

}  // namespace scale::hpa
