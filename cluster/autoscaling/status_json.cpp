#include "cluster/autoscaling/status_json.h"

#include <algorithm>

#include "kube/writer.h"

namespace cluster::autoscaling {
namespace {

namespace hpa = scale::hpa;
using kube::text_value;

struct StatusRow {
  std::string_view name;
  hpa::Condition::Status status;
};
constexpr StatusRow statuses[] = {{"True", hpa::Condition::Status::yes},
                                  {"False", hpa::Condition::Status::no},
                                  {"Unknown", hpa::Condition::Status::unknown}};

hpa::Condition::Status status_named(std::string_view name) {
  const auto row = std::ranges::find(statuses, name, &StatusRow::name);
  return row == std::end(statuses) ? hpa::Condition::Status::unknown : row->status;
}

std::string_view name_of(hpa::Condition::Status status) {
  return std::ranges::find(statuses, status, &StatusRow::status)->name;
}

std::string text_or(const json::Value& object, std::string_view key) {
  return json::text_at(object, key).value_or("");
}

std::optional<Timestamp> time_at(const json::Value& object, std::string_view key) {
  const auto text = json::text_at(object, key);
  if (!text) return std::nullopt;
  const auto time = base::parse_time(*text);
  return time ? std::optional(*time) : std::nullopt;
}

hpa::Condition read_condition(const json::Value& in) {
  return {.type = text_or(in, "type"),
          .status = status_named(text_or(in, "status")),
          .reason = text_or(in, "reason"),
          .message = text_or(in, "message"),
          .since = time_at(in, "lastTransitionTime").value_or(Timestamp{})};
}

json::Object write_condition(const hpa::Condition& condition) {
  kube::Writer out;
  out.text("type", condition.type);
  out.put("status", text_value(name_of(condition.status)));
  out.time("lastTransitionTime", condition.since);
  out.text("reason", condition.reason);
  out.text("message", condition.message);
  return out.take();
}

json::Object write_selector(const hpa::Selector& selector) {
  kube::Writer out;
  out.text_map("matchLabels", selector.labels);
  json::Array expressions;
  for (const hpa::Requirement& requirement : selector.expressions) {
    kube::Writer item;
    item.text("key", requirement.key);
    item.text("operator", requirement.op);
    item.texts("values", requirement.values);
    expressions.push_back(item.take());
  }
  out.list("matchExpressions", std::move(expressions));
  return out.take();
}

json::Object write_current(const hpa::Metric& metric, const hpa::MetricStatus& status) {
  const bool of_resource = status.type == hpa::MetricType::resource ||
                           status.type == hpa::MetricType::container_resource;
  const std::string_view resource = of_resource ? std::string_view(metric.name) : "";
  kube::Writer out;
  if (status.value) out.text("value", hpa::status_quantity(resource, *status.value));
  if (status.average_value) {
    out.text("averageValue", hpa::status_quantity(resource, *status.average_value));
  }
  out.number("averageUtilization", status.average_utilization);
  return out.take();
}

json::Object write_identifier(const hpa::Metric& metric) {
  kube::Writer out;
  out.text("name", metric.name);
  if (metric.selector) out.put("selector", write_selector(*metric.selector));
  return out.take();
}

json::Object write_source(const hpa::Metric& metric, const hpa::MetricStatus& status) {
  kube::Writer out;
  switch (*status.type) {
    case hpa::MetricType::container_resource:
      out.text("container", metric.container);
      [[fallthrough]];
    case hpa::MetricType::resource:
      out.text("name", metric.name);
      break;
    case hpa::MetricType::object: {
      kube::Writer described;
      described.text("apiVersion", metric.object.api_version);
      described.text("kind", metric.object.kind);
      described.text("name", metric.object.name);
      out.put("describedObject", described.take());
    }
      [[fallthrough]];
    default:
      out.put("metric", write_identifier(metric));
  }
  out.put("current", write_current(metric, status));
  return out.take();
}

// A metric that failed leaves an entry with an empty type.
json::Object write_metric(const hpa::Metric& metric, const hpa::MetricStatus& status) {
  if (!status.type) return json::Object{{"type", ""}};
  const hpa::MetricTypeRow& row = hpa::row_of(*status.type);
  json::Object out{{"type", text_value(row.name)}};
  out[{row.member.data(), row.member.size()}] = write_source(metric, status);
  return out;
}

json::Value write_metrics(const hpa::Spec& spec, const std::vector<hpa::MetricStatus>& metrics) {
  if (metrics.empty()) return nullptr;
  json::Array out;
  for (std::size_t i = 0; i < std::min(spec.metrics.size(), metrics.size()); ++i) {
    out.push_back(write_metric(spec.metrics[i], metrics[i]));
  }
  return out;
}

hpa::Replicas replicas_at(const json::Value& object, std::string_view key) {
  return hpa::to_replicas(json::int_at(object, key).value_or(0));
}

}  // namespace

hpa::Status status_from_json(const json::Value& in) {
  hpa::Status status;
  status.observed_generation = json::int_at(in, "observedGeneration");
  status.last_scale_time = time_at(in, "lastScaleTime");
  status.current = replicas_at(in, "currentReplicas");
  status.desired = replicas_at(in, "desiredReplicas");
  const json::Value* conditions = json::find(in, "conditions");
  if (!conditions || !conditions->is_array()) return status;
  for (const json::Value& item : conditions->get_array()) {
    status.conditions.push_back(read_condition(item));
  }
  return status;
}

json::Object status_to_json(const hpa::Spec& spec, const hpa::Status& status,
                            const json::Value* kept_metrics) {
  kube::Writer out;
  if (status.observed_generation) out.put("observedGeneration", *status.observed_generation);
  out.time("lastScaleTime", status.last_scale_time);
  out.count("currentReplicas", status.current);
  out.put("desiredReplicas", status.desired);
  out.put("currentMetrics", kept_metrics ? *kept_metrics : write_metrics(spec, status.metrics));
  json::Array conditions;
  for (const hpa::Condition& condition : status.conditions) {
    conditions.push_back(write_condition(condition));
  }
  out.list("conditions", std::move(conditions));
  return out.take();
}

}  // namespace cluster::autoscaling
