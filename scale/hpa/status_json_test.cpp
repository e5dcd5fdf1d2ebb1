#include "scale/hpa/status_json.h"

#include <gtest/gtest.h>

namespace scale::hpa {
namespace {

using enum MetricType;

json::Value parsed(std::string_view text) {
  return json::parse(text).value();
}

TEST(StatusJson, EachMetricIsWrittenAsItsTypeSays) {
  struct Case {
    const char* name;
    Metric metric;
    MetricStatus status;
    const char* want;
  };
  const Case cases[] = {
      {"utilization",
       {.type = resource, .name = "cpu"},
       {.type = resource, .average_utilization = 55, .average_value = 1'100},
       R"({"type":"Resource","resource":{"name":"cpu",
           "current":{"averageUtilization":55,"averageValue":"1100m"}}})"},
      {"memory is binary",
       {.type = resource, .name = "memory"},
       {.type = resource, .average_value = 1'073'741'824'000},
       R"({"type":"Resource","resource":{"name":"memory","current":{"averageValue":"1Gi"}}})"},
      {"container",
       {.type = container_resource, .name = "cpu", .container = "main"},
       {.type = container_resource, .average_value = 2'000},
       R"({"type":"ContainerResource","containerResource":{"name":"cpu","container":"main",
           "current":{"averageValue":"2"}}})"},
      {"pods",
       {.type = pods, .name = "memory"},
       {.type = pods, .average_value = 2'048'000},
       R"({"type":"Pods","pods":{"metric":{"name":"memory"},"current":{"averageValue":"2048"}}})"},
      {"object",
       {.type = object, .name = "qps", .object = {"v1", "Service", "web"}},
       {.type = object, .value = 5'000},
       R"({"type":"Object","object":{"metric":{"name":"qps"},
           "describedObject":{"apiVersion":"v1","kind":"Service","name":"web"},
           "current":{"value":"5"}}})"},
      {"external",
       {.type = external,
        .name = "lag",
        .selector = Selector{.labels = {{"a", "1"}}, .expressions = {{"k", "In", {"x", "y"}}}}},
       {.type = external, .average_value = 1'500},
       R"({"type":"External","external":{"metric":{"name":"lag","selector":{
           "matchLabels":{"a":"1"},
           "matchExpressions":[{"key":"k","operator":"In","values":["x","y"]}]}},
           "current":{"averageValue":"1500m"}}})"},
      {"failed", {.type = external, .name = "lag"}, {}, R"({"type":""})"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const json::Value status = to_json(Status{.metrics = {c.status}}, Spec{.metrics = {c.metric}});
    EXPECT_EQ(json::find(status, "currentMetrics")->get_array().at(0), parsed(c.want));
  }
}

}  // namespace
}  // namespace scale::hpa
