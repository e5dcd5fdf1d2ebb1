#include "control/policies.h"

#include <gtest/gtest.h>

#include "json/json.h"

namespace control {
namespace {

using Action = scale::OnMissing::Action;

// One trigger with this metadata; `spec` may add members of the spec.
kube::ScaledObject object_of(std::string_view metadata, std::string_view annotations = "{}",
                             std::string_view spec = "") {
  const auto value = json::parse(
      R"({"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":{"name":"so",
      "namespace":"ns","annotations":)" +
      std::string(annotations) + R"(},"spec":{"scaleTargetRef":{"name":"web"},)" +
      std::string(spec) + R"("triggers":[{"type":"kedify-otel","metadata":)" +
      std::string(metadata) + "}]}}");
  EXPECT_TRUE(value) << value.error().what;
  return *kube::scaled_object_from_json(*value);
}

constexpr std::string_view with_fallback = R"("fallback":{"failureThreshold":3,"replicas":6},)";

TEST(ParseOnMissing, ReadsTheFiveWords) {
  struct Case {
    const char* text;
    Result<scale::OnMissing> want;
  };
  const Case cases[] = {
      {"hold", scale::OnMissing{}},
      {"zero", scale::OnMissing{.action = Action::zero}},
      {"ignore", scale::OnMissing{.action = Action::ignore}},
      {"fallback", scale::OnMissing{.action = Action::fallback}},
      {"value: 12.5", scale::OnMissing{.action = Action::value, .value = 12.5}},
      {" value:3 ", scale::OnMissing{.action = Action::value, .value = 3}},
      {"value: x", fail(Code::invalid, "")},
      {"value: inf", fail(Code::invalid, "")},
      {"value", fail(Code::invalid, "")},
      {"Zero", fail(Code::invalid, "")},
      {"", fail(Code::invalid, "")},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_on_missing(c.text);
    ASSERT_EQ(got.has_value(), c.want.has_value());
    if (got) EXPECT_EQ(*got, *c.want);
  }
}

TEST(OnMissing, TheFirstThatSaysSomethingCounts) {
  struct Case {
    const char* name;
    const char* metadata;
    const char* annotations;
    std::string_view spec;
    std::array<Action, 4> want;  // absent, stale, error, not a number
  };
  using enum Action;
  const Case cases[] = {
      {"silent", "{}", "{}", "", {hold, hold, hold, hold}},
      {"fallback is KEDA's word for errors",
       "{}",
       "{}",
       with_fallback,
       {fallback, fallback, fallback, fallback}},
      {"ignoreNullValues is KEDA's word for no value",
       R"({"ignoreNullValues":"true"})",
       "{}",
       "",
       {zero, hold, hold, zero}},
      {"and goes before fallback",
       R"({"ignoreNullValues":"true"})",
       "{}",
       with_fallback,
       {zero, fallback, fallback, zero}},
      {"ignoreNullValues false is an error",
       R"({"ignoreNullValues":"false"})",
       "{}",
       with_fallback,
       {fallback, fallback, fallback, fallback}},
      {"a stated substitute",
       R"({"metricUnavailableValue":"7"})",
       "{}",
       "",
       {Action::value, hold, hold, Action::value}},
      {"no data is no error", R"({"noDataError":"false"})", "{}", "", {zero, hold, hold, zero}},
      {"an annotation goes before KEDA's words",
       "{}",
       R"({"tidewheel.dev/on-error":"hold","tidewheel.dev/on-nan":"zero"})",
       with_fallback,
       {fallback, fallback, hold, zero}},
      {"metadata goes before annotations",
       R"({"tidewheel.dev/on-stale":"ignore"})",
       R"({"tidewheel.dev/on-stale":"zero","tidewheel.dev/on-absent":"zero"})",
       "",
       {zero, ignore, hold, hold}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    std::vector<kube::Problem> problems;
    const auto got = on_missing(object_of(c.metadata, c.annotations, c.spec), 0, problems);
    EXPECT_TRUE(problems.empty());
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].action, c.want[i]) << i;
  }
}

TEST(OnMissing, NamesTheFieldThatIsWrong) {
  std::vector<kube::Problem> problems;
  on_missing(object_of(R"({"tidewheel.dev/on-nan":"nothing"})",
                       R"({"tidewheel.dev/on-error":"fallback"})"),
             0, problems);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0], (kube::Problem{"metadata.annotations[tidewheel.dev/on-error]",
                                        "fallback needs spec.fallback"}));
  EXPECT_EQ(problems[1],
            (kube::Problem{"spec.triggers[0].metadata.tidewheel.dev/on-nan",
                           "\"nothing\" is none of hold, zero, value: N, fallback, ignore"}));
}

TEST(FallbackOf, ReadsEveryBehaviour) {
  struct Case {
    const char* text;
    scale::Fallback::Kind want;
  };
  using enum scale::Fallback::Kind;
  const Case cases[] = {{"static", fixed},
                        {"currentReplicas", current},
                        {"currentReplicasIfHigher", current_if_higher},
                        {"currentReplicasIfLower", current_if_lower}};
  for (const auto& c : cases) {
    std::vector<kube::Problem> problems;
    const std::string spec =
        std::string(R"("fallback":{"failureThreshold":3,"replicas":6,"behavior":")") + c.text +
        "\"},";
    const auto got = fallback_of(object_of("{}", "{}", spec), problems);
    ASSERT_TRUE(got) << c.text;
    EXPECT_TRUE(problems.empty());
    EXPECT_EQ(got->kind, c.want);
    EXPECT_EQ(got->failure_threshold, 3);
    EXPECT_EQ(got->replicas, 6);
  }
}

TEST(FallbackOf, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* spec;
    const char* field;
  };
  const Case cases[] = {
      {R"("fallback":{"failureThreshold":-1,"replicas":6},)", "spec.fallback.failureThreshold"},
      {R"("fallback":{"failureThreshold":1,"replicas":-6},)", "spec.fallback.replicas"},
      {R"("fallback":{"failureThreshold":1,"replicas":6,"behavior":"x"},)",
       "spec.fallback.behavior"},
      {R"("fallback":{"failureThreshold":1,"replicas":6,"behavior":"scalingModifiers"},)",
       "spec.fallback.behavior"},
  };
  for (const auto& c : cases) {
    std::vector<kube::Problem> problems;
    fallback_of(object_of("{}", "{}", c.spec), problems);
    ASSERT_EQ(problems.size(), 1u) << c.spec;
    EXPECT_EQ(problems[0].field, c.field);
  }
}

TEST(KedaBehavior, KeepsWhatIsNamed) {
  std::vector<kube::Problem> problems;
  const auto got = keda_behavior(
      object_of(
          "{}",
          R"({"tidewheel.dev/keda-behavior":"fallback-always-active, pauses-spare-minimum"})"),
      problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(got.fallback_always_active);
  EXPECT_TRUE(got.pauses_spare_minimum);
  EXPECT_FALSE(got.errors_stop_last_active);
  keda_behavior(object_of("{}", R"({"tidewheel.dev/keda-behavior":"everything"})"), problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].message, "\"everything\" is not a behaviour to keep");
}

}  // namespace
}  // namespace control
