#include "scale/explain.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

struct Story {
  const char* name;
  Spec spec;
  Decision decision;
};

std::vector<Story> stories() {
  std::vector<Story> all;
  const auto tell = [&](const char* name, Scene scene, std::vector<Reading> readings,
                        Timestamp now) {
    all.push_back({name, scene.spec, scene.decide(std::move(readings), now)});
    scale::tell(all.back().decision, scene.spec);
  };
  Scene scene;
  scene.spec.triggers = {trigger("queue-depth", 10, 5), trigger("gpu-memory", 0.8)};
  tell("up", scene, {value(42, at(98s)), value(1.5, at(99s))}, at(100s));

  Scene bounded = scene;
  bounded.spec.max = 3;
  tell("bounded", bounded, {value(420, at(98s)), value(1.5, at(99s))}, at(100s));

  Scene held = scene;
  held.decide({value(42, at(10s)), value(1.5, at(10s))}, at(10s));
  tell("held", held, {stale(at(10s)), failed()}, at(100s));

  Scene started;
  started.workload.replicas = 3;
  tell("started", started, {absent()}, at(100s));

  Scene cooling = scene;
  cooling.decide({value(42, at(10s)), value(1.5, at(10s))}, at(10s));
  tell("cooling", cooling, {value(0, at(20s)), value(0, at(20s))}, at(20s));

  Scene stabilized = scene;
  stabilized.spec.behavior->down.window = 300s;
  stabilized.decide({value(42, at(10s)), value(1.5, at(10s))}, at(10s));
  tell("stabilized", stabilized, {value(11, at(20s)), garbled()}, at(20s));
  tell("stabilized_fresh", stabilized, {value(11, at(20s)), value(0.1, at(20s))}, at(20s));
  return all;
}

std::string golden_path() {
  return std::string(TIDEWHEEL_SOURCE) + "/scale/testdata/explain.want";
}

TEST(Explain, IsStableText) {
  std::string got;
  for (const auto& story : stories()) {
    got += std::string("== ") + story.name + "\n" + explain_text(story.decision, story.spec);
  }
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(golden_path()) << got;
  std::ifstream file(golden_path());
  EXPECT_EQ(got, std::string(std::istreambuf_iterator<char>(file), {}));
}

TEST(Explain, TellsADecisionOfAnotherSpecificationAsFarAsItGoes) {
  const auto story = stories().front();
  const std::string text = explain_text(story.decision, Spec{});
  EXPECT_NE(text.find("trigger 1: value 1.5"), std::string::npos) << text;
}

// What nothing was told of yet is told on the way out, and each basis has its words.
TEST(Explain, TellsWhatTheManifestMadeOfAnError) {
  using Action = OnMissing::Action;
  struct Case {
    OnMissing on;
    const char* want;
  };
  const Case cases[] = {{{.action = Action::zero}, "counts as 0, "},
                        {{.action = Action::value, .value = 30}, "counts as 30, "},
                        {{.action = Action::fallback}, "fallback after "},
                        {{.action = Action::ignore}, "ignored, "}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.want);
    Scene scene;
    scene.spec.fallback = Fallback{.failure_threshold = 0, .replicas = 6};
    scene.spec.triggers = {with(trigger("a", 10), c.on), trigger("b", 10)};
    const std::string text = explain_text(scene.decide({failed(), value(5)}, at(9s)), scene.spec);
    EXPECT_NE(text.find(c.want), std::string::npos) << text;
  }
}

TEST(SameStory, DiffersByOutcomeAndReasonNotByAge) {
  Scene scene;
  scene.decide({value(42)}, at(0s));
  const Decision a = scene.decide({stale(at(0s))}, at(100s));
  const Decision b = scene.decide({stale(at(0s))}, at(200s));
  EXPECT_NE(reason_text(a, scene.spec), reason_text(b, scene.spec));
  EXPECT_TRUE(same_story(a, b));
  EXPECT_FALSE(same_story(a, scene.decide({failed()}, at(200s))));
  EXPECT_FALSE(same_story(a, scene.decide({value(10)}, at(201s))));
}

json::Value reparsed(const json::Value& value) {
  const auto parsed = json::parse(json::print(value));
  EXPECT_TRUE(parsed) << json::print(value);
  return parsed ? *parsed : json::Value{};
}

TEST(DecisionJson, SurvivesARestart) {
  for (const auto& story : stories()) {
    SCOPED_TRACE(story.name);
    const auto back = decision_from_json(reparsed(to_json(story.decision, story.spec)));
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(*back, story.decision);
  }
}

TEST(DecisionJson, NamesWhatPeopleLookFor) {
  const auto story = stories()[1];
  const json::Value value = to_json(story.decision, story.spec);
  EXPECT_EQ(json::int_at(value, "to"), 3);
  const json::Value& proposal = json::find(value, "proposals")->get_array()[0];
  EXPECT_EQ(json::text_at(proposal, "trigger"), "queue-depth");
  EXPECT_EQ(json::text_at(proposal, "state"), "value");
  EXPECT_EQ(json::number_at(proposal, "value"), 420);
  EXPECT_EQ(json::number_at(proposal, "age_s"), 2);
  EXPECT_EQ(json::number_at(proposal, "target"), 10);
  EXPECT_EQ(json::int_at(proposal, "replicas"), 42);
  const json::Value& clamp = json::find(value, "clamps")->get_array()[0];
  EXPECT_EQ(json::text_at(clamp, "kind"), "max");
  EXPECT_EQ(json::int_at(clamp, "after"), 3);
}

TEST(DecisionJson, RefusesWhatItDidNotWrite) {
  const auto story = stories()[1];
  const std::string good = json::print(to_json(story.decision, story.spec));
  struct Case {
    const char* from;
    const char* to;
    const char* want;
  };
  const Case cases[] = {
      {"\"to\":3", "\"to\":\"3\"", "member \"to\" is missing or wrong"},
      {"\"to\":3", "\"to\":3000000000", "member \"to\" is missing or wrong"},
      {"\"winner\":0", "\"winner\":2", "member \"winner\" is missing or wrong"},
      {"\"kind\":\"max\"", "\"kind\":\"most\"", "clamps: member \"kind\" is missing or wrong"},
      {"\"state\":\"value\"", "\"state\":\"fine\"",
       "proposals: member \"state\" is missing or wrong"},
      {"\"clamps\":", "\"lamps\":", "member \"clamps\" is missing or wrong"},
      {"\"at\":\"1970", "\"at\":\"x1970", "member \"at\" is missing or wrong"},
      {"\"at\":\"1970", "\"at\":\"1969", "member \"at\" is missing or wrong"},
      {"\"at\":\"1970", "\"at\":\"2200", "member \"at\" is missing or wrong"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.to);
    std::string text = good;
    const auto at = text.find(c.from);
    ASSERT_NE(at, std::string::npos) << good;
    text.replace(at, std::string_view(c.from).size(), c.to);
    const auto got = decision_from_json(*json::parse(text));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), (Error{Code::bad_data, c.want}));
  }
  for (const char* text : {"[]", "{}", "null", "3"})
    EXPECT_FALSE(decision_from_json(*json::parse(text)));
}

}  // namespace
}  // namespace scale
