// What the vectors do not cover of the validation and of reading a specification.

#include "scale/hpa/validate.h"

#include <gtest/gtest.h>

#include <vector>

#include "scale/hpa/defaults.h"
#include "scale/hpa/spec_json.h"

namespace scale::hpa {
namespace {

using Lines = std::vector<std::string>;

json::Value parsed(std::string_view text) {
  return *json::parse(text);
}

// A valid specification with `patch` merged over it.
json::Value spec(std::string_view patch) {
  json::Value out = parsed(R"({
    "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "w"},
    "minReplicas": 1, "maxReplicas": 5,
    "metrics": [{"type": "External", "external": {
        "metric": {"name": "q"}, "target": {"type": "AverageValue", "averageValue": "5"}}}]})");
  json::merge_patch(out, parsed(patch));
  return out;
}

Lines lines(const FieldErrors& errors) {
  Lines out;
  for (const auto& error : errors) {
    out.push_back(error.path + " " + std::string(to_string(error.type)));
  }
  return out;
}

struct Case {
  const char* name;
  const char* patch;
  Lines want;
};

const Case cases[] = {
    {"valid", "{}", {}},
    {"no max",
     R"({"maxReplicas": null})",
     {"spec.maxReplicas Invalid", "spec.maxReplicas Invalid"}},
    {"zero with an External metric", R"({"minReplicas": 0})", {}},
    {"zero with a Resource metric alone",
     R"({"minReplicas": 0, "metrics": [{"type": "Resource", "resource":
         {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 5}}}]})",
     {"spec.metrics Forbidden"}},
    {"text for a number",
     R"({"maxReplicas": "5", "minReplicas": null})",
     {"spec.maxReplicas TypeInvalid", "spec.maxReplicas Invalid"}},
    {"a reference without anything",
     R"({"scaleTargetRef": null})",
     {"spec.scaleTargetRef.kind Required", "spec.scaleTargetRef.name Required",
      "spec.scaleTargetRef.apiVersion Invalid"}},
    {"names that are no path segments",
     R"({"scaleTargetRef": {"kind": "..", "name": "a%b"}})",
     {"spec.scaleTargetRef.kind Invalid", "spec.scaleTargetRef.name Invalid"}},
    {"a version that does not parse",
     R"({"scaleTargetRef": {"apiVersion": "a/b/c"}})",
     {"spec.scaleTargetRef.apiVersion Invalid"}},
    {"of two sources the first one's inside is checked",
     R"({"metrics": [{"type": "Pods", "pods": {}, "object": {"describedObject":
         {"kind": "Service", "name": "s"}, "metric": {"name": "m"}, "target":
         {"type": "Value", "value": "0"}}}]})",
     {"spec.metrics[0].object.target.value Invalid", "spec.metrics[0].object Forbidden"}},
    {"another source than the type's",
     R"({"metrics": [{"type": "External", "resource": {"name": "cpu", "target":
         {"type": "Utilization", "averageUtilization": 5}}}]})",
     {"spec.metrics[0].external Required"}},
    {"no target type",
     R"({"metrics": [{"type": "External", "external": {"metric": {"name": "q"},
         "target": {"value": "1"}}}]})",
     {"spec.metrics[0].external.target.type Required",
      "spec.metrics[0].external.target.type Invalid"}},
    {"a Pods average that is not positive",
     R"({"metrics": [{"type": "Pods", "pods": {"metric": {"name": "q"},
         "target": {"type": "AverageValue", "averageValue": "0"}}}]})",
     {"spec.metrics[0].pods.target.averageValue Invalid",
      "spec.metrics[0].pods.target.averageValue Required"}},
    {"both targets of a resource, and no name",
     R"({"metrics": [{"type": "Resource", "resource": {"target":
         {"type": "Utilization", "averageUtilization": 5, "averageValue": "1"}}}]})",
     {"spec.metrics[0].resource.name Required",
      "spec.metrics[0].resource.target.averageValue Forbidden"}},
    {"a container that is no DNS label",
     R"({"metrics": [{"type": "ContainerResource", "containerResource": {"name": "cpu",
         "container": "Main_1", "target": {"type": "Utilization", "averageUtilization": 5}}}]})",
     {"spec.metrics[0].containerResource.container Invalid"}},
    {"a quantity that is none",
     R"({"metrics": [{"type": "External", "external": {"metric": {"name": "q"},
         "target": {"type": "Value", "value": "five"}}}]})",
     {"spec.metrics[0].external.target.value TypeInvalid"}},
    {"an empty list of policies",
     R"({"behavior": {"scaleDown": {"policies": []}}})",
     {"spec.behavior.scaleDown.policies Required"}},
    {"a policy without anything",
     R"({"behavior": {"scaleUp": {"policies": [{}]}}})",
     {"spec.behavior.scaleUp.policies[0].type NotSupported",
      "spec.behavior.scaleUp.policies[0].value Invalid",
      "spec.behavior.scaleUp.policies[0].periodSeconds Invalid"}},
    {"a selection that does not exist",
     R"({"behavior": {"scaleUp": {"selectPolicy": "max", "policies":
         [{"type": "Pods", "value": 1, "periodSeconds": 1}]}}})",
     {"spec.behavior.scaleUp.selectPolicy NotSupported"}},
};

TEST(Validate, NamesTheField) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(lines(validate(spec(c.patch), nullptr, {})), c.want);
  }
}

TEST(Validate, AnUpdateKeepsWhatTheStoredObjectHas) {
  const Gates off{.scale_to_zero = false};
  const json::Value zero = spec(R"({"minReplicas": 0})");
  const json::Value one = spec("{}");
  EXPECT_EQ(lines(validate(zero, nullptr, off)), Lines{"spec.minReplicas Invalid"});
  EXPECT_EQ(lines(validate(zero, &one, off)), Lines{"spec.minReplicas Invalid"});
  EXPECT_EQ(lines(validate(zero, &zero, off)), Lines{});

  const json::Value core = spec(R"({"scaleTargetRef": {"apiVersion": "v1"}})");
  const json::Value renamed = spec(R"({"scaleTargetRef": {"apiVersion": "v1", "name": ""}})");
  const json::Value other = spec(R"({"scaleTargetRef": {"apiVersion": "v1", "kind": "Other"}})");
  EXPECT_EQ(lines(validate(core, &core, {})), Lines{});
  EXPECT_EQ(lines(validate(renamed, &core, {})), Lines{"spec.scaleTargetRef.name Required"});
  EXPECT_EQ(lines(validate(other, &core, {})), Lines{"spec.scaleTargetRef.apiVersion Invalid"});
}

TEST(Validate, CountsOfAStatus) {
  EXPECT_EQ(lines(validate_status(parsed(R"({"currentReplicas": -1, "desiredReplicas": -2})"))),
            (Lines{"status.currentReplicas Invalid", "status.desiredReplicas Invalid"}));
  EXPECT_EQ(lines(validate_status(parsed("{}"))), Lines{});
}

TEST(SpecFromJson, ReadsWhatAnOlderServerStored) {
  const auto read = spec_from_json(parsed(R"({"maxReplicas": 3, "behavior": {}, "metrics": [
      {"type": "Bogus"},
      {"type": "Object", "object": {"describedObject": {"kind": "Ingress"}, "metric": {"name": "m",
       "selector": {"matchLabels": {"a": "b"}, "matchExpressions":
       [{"key": "k", "operator": "In", "values": ["v"]}]}}, "target":
       {"type": "Value", "value": 5}}}]})"));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->min, 1);
  EXPECT_EQ(read->metrics[0].type, MetricType::unknown);
  EXPECT_EQ(read->metrics[1].title, "Ingress metric m");
  EXPECT_EQ(read->metrics[1].target.value, 5000);
  EXPECT_EQ(read->metrics[1].selector->expressions[0].values, std::vector<std::string>{"v"});
  EXPECT_EQ(read->behavior->up, default_up());
  EXPECT_EQ(read->behavior->down, default_down());
}

TEST(SpecFromJson, NamesTheFieldThatIsWrong) {
  const std::pair<const char*, const char*> bad[] = {
      {R"({"maxReplicas": 3000000000})", "spec.maxReplicas: must be a 32-bit integer"},
      {R"({"metrics": {}})", "spec.metrics: must be a list"},
      {R"({"metrics": [null]})", "spec.metrics[0]: must be an object"},
      {R"({"behavior": {"scaleUp": {"selectPolicy": "Most"}}})",
       "spec.behavior.scaleUp.selectPolicy: must be Max, Min or Disabled"},
      {R"({"behavior": {"scaleUp": {"tolerance": "x"}}})",
       "spec.behavior.scaleUp.tolerance: bad quantity \"x\": no digits"},
      {R"([])", "spec: must be an object"},
  };
  for (const auto& [text, want] : bad) {
    SCOPED_TRACE(text);
    const auto read = spec_from_json(parsed(text));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), (Error{Code::invalid, want}));
  }
}

TEST(Defaults, WrongTypesStayAsTheyAre) {
  for (const char* text :
       {"5", "[]", R"({"minReplicas":1,"metrics":5,"behavior":[]})",
        R"({"minReplicas":"x","metrics":[1],"behavior":{"scaleUp":1,"scaleDown":2}})"}) {
    EXPECT_EQ(with_defaults(parsed(text)), parsed(text));
  }
}

}  // namespace
}  // namespace scale::hpa
