// What the journal holds of an object's past: the present format, older ones, and damaged ones.

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "scale/explain.h"
#include "scale/testing/scenes.h"

namespace scale {
namespace {

using namespace testing;
using namespace std::chrono_literals;

json::Value reparsed(const json::Value& value) {
  const auto parsed = json::parse(json::print(value));
  EXPECT_TRUE(parsed) << json::print(value);
  return parsed ? *parsed : json::Value{};
}

TEST(HistoryJson, SurvivesARestart) {
  Scene scene;
  scene.spec.triggers = {trigger("a", 10), trigger("b", 1)};
  scene.spec.behavior->down.window = 300s;
  scene.spec.behavior->up = {.window = 60s, .policies = {pods(4, 60s)}, .tolerance = {}};
  EXPECT_EQ(*history_from_json(reparsed(to_json(scene.history))), scene.history) << "empty";
  scene.decide({value(80), absent()}, at(0s));
  scene.decide({value(70), absent()}, at(60s));
  scene.decide({value(30), value(2)}, at(90s));
  EXPECT_EQ(scene.history.highs.size(), 3u);
  EXPECT_EQ(scene.history.lows.size(), 1u);
  EXPECT_EQ(scene.history.events.up.size(), 2u);
  EXPECT_TRUE(scene.history.window);
  EXPECT_EQ(*history_from_json(reparsed(to_json(scene.history))), scene.history);
}

TEST(HistoryJson, RefusesWhatItDidNotWrite) {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"null", "member \"held\" is missing or wrong"},
      {"[]", "member \"held\" is missing or wrong"},
      {"{}", "member \"held\" is missing or wrong"},
      {R"({"held":{}})", "member \"held\" is missing or wrong"},
      {R"({"held":[{"trigger":"a","at":1}]})", "held: member \"active\" is missing or wrong"},
      {R"({"held":[],"active":false,"recommendations":[[1]],"events":[]})",
       "recommendations: want [time, number]"},
      {R"({"held":[],"active":false,"recommendations":[],"events":[["a",1]]})",
       "events: want [time, number]"},
      {R"({"held":[],"active":false,"recommendations":[],"events":[[-1,1]]})",
       "events: want [time, number]"},
      {R"({"held":[],"active":false,"last_active":-5,"recommendations":[],"events":[]})",
       "member \"last_active\" is missing or wrong"},
      {R"({"held":[],"active":false,"recommendations":[],"events":[[1,9999999999]]})",
       "events: want [time, number]"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = history_from_json(*json::parse(c.text));
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error(), (Error{Code::bad_data, c.want}));
  }
}

// --- the present format

// Written by this version. A row that has to change means that journals in the field are not read
// any more, or read otherwise: add a row instead, and read both.
constexpr std::string_view present = R"({"held":[
    {"trigger":"af63dc4c8601ec8c","replicas":8,"active":true,"at":1000005000000000,"series":3},
    {"trigger":"0000000000000001","active":false,"at":0,"failing_since":1000006000000000}],
  "active":true,"last_active":1000004000000000,"recommended":[1000003000000000,7],
  "highs":[[1000000000000000,9],[1000001000000000,8,250000]],"lows":[[1000002000000000,2]],
  "up":[[1000001000000000,3,false],[1000000000000000,4,true]],"down":[[1000002000000000,1,false]],
  "window":[1000003000000000,6,-1],"seeded":true})";

History present_history() {
  const auto ks = [](std::int64_t s) { return Timestamp{(1'000'000 + s) * 1'000'000'000}; };
  return {
      .held =
          {{.replicas = 8, .active = true, .at = ks(5), .trigger = trigger_key("a"), .series = 3},
           {.trigger = composite_key, .failing_since = ks(6)}},
      .active = true,
      .seeded = true,
      .last_active = ks(4),
      .recommended = History::Recommendation{ks(3), 7},
      .highs = {{ks(0), 9}, {ks(1), 8, 250'000}},
      .lows = {{ks(2), 2}},
      .events = {.up = {{ks(1), 3}, {ks(0), 4, true}}, .down = {{ks(2), 1}}},
      .window = History::Window{ks(3), 6, -1}};
}

TEST(HistoryJson, KeepsItsFormat) {
  const auto read = history_from_json(*json::parse(present));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, present_history());
  EXPECT_EQ(to_json(present_history()), *json::parse(present));
}

// Parsed `present` after `change` of its members.
template <class Change>
json::Value changed(Change change) {
  json::Value value = *json::parse(present);
  change(value.get_object());
  return value;
}

TEST(HistoryJson, EveryMemberIsOptionalOrMissed) {
  const std::set<std::string> optional = {"last_active", "recommended", "window"};
  for (const auto& member : json::parse(present)->get_object()) {
    const std::string key(member.key());
    SCOPED_TRACE(key);
    const auto read = history_from_json(changed([&](json::Object& o) { o.erase(key); }));
    EXPECT_EQ(read.has_value(), optional.contains(key));
    if (!read)
      EXPECT_EQ(read.error(),
                (Error{Code::bad_data, "member \"" + key + "\" is missing or wrong"}));
  }
}

TEST(HistoryJson, OfATriggerOnlyWhatItAlwaysSaysIsMissed) {
  const std::set<std::string> needed = {"trigger", "active", "at"};
  const json::Value whole = *json::parse(present);
  for (std::size_t i = 0; i < 2; ++i) {
    for (const auto& member : json::find(whole, "held")->get_array()[i].get_object()) {
      const std::string key(member.key());
      SCOPED_TRACE(key);
      const auto read = history_from_json(
          changed([&](json::Object& o) { o["held"].get_array()[i].get_object().erase(key); }));
      EXPECT_EQ(read.has_value(), !needed.contains(key));
      if (!read) EXPECT_EQ(read.error().what, "held: member \"" + key + "\" is missing or wrong");
    }
  }
}

// As a newer version may have written it, before somebody went back to this one.
TEST(HistoryJson, IgnoresWhatItDoesNotKnow) {
  const auto read = history_from_json(changed([](json::Object& o) {
    o["tomorrow"] = json::Array{1, "x", json::Object{}};
    o["held"].get_array()[0].get_object()["mood"] = "good";
  }));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, present_history());
}

// Each member with a value of every wrong kind: an error that names it, or a value.
TEST(HistoryJson, SurvivesAnythingInAnyPlace) {
  const json::Value kinds[] = {nullptr,
                               true,
                               -1,
                               1e300,
                               "x",
                               json::Array{},
                               json::Object{},
                               json::Array{-1},
                               std::int64_t{1} << 62};
  for (const auto& member : json::parse(present)->get_object()) {
    const std::string key(member.key());
    for (const json::Value& kind : kinds) {
      SCOPED_TRACE(key + " " + json::print(kind));
      const auto read = history_from_json(changed([&](json::Object& o) { o[key] = kind; }));
      if (read) {
        EXPECT_EQ(history_from_json(reparsed(to_json(*read))), *read);
      } else {
        EXPECT_EQ(read.error().code, Code::bad_data);
        const bool names = read.error().what.find(key) != std::string::npos ||
                           read.error().what.starts_with("want [");
        EXPECT_TRUE(names) << read.error().what;
      }
    }
  }
}

TEST(HistoryJson, RefusesAStaircaseThatIsNone) {
  const json::Value turned = *json::parse("[[5,3],[4,2]]");
  const json::Value level = *json::parse("[[4,3],[5,3]]");
  for (const char* key : {"highs", "lows"}) {
    for (const json::Value& bad : {turned, level}) {
      SCOPED_TRACE(std::string(key) + json::print(bad));
      const auto read = history_from_json(changed([&](json::Object& o) { o[key] = bad; }));
      ASSERT_FALSE(read);
      EXPECT_EQ(read.error().what, std::string("member \"") + key + "\" is missing or wrong");
    }
  }
}

// --- an older one: every recommendation, changes of both signs in one list, names instead of keys

TEST(HistoryJson, ReadsTheOldFormat) {
  const auto read = history_from_json(*json::parse(
      R"({"held":[{"trigger":"a","replicas":8,"active":true,"at":5}],"active":true,
      "last_active":9,"recommendations":[[5,8],[6,3],[7,4]],"events":[[5,2],[6,-3],[7,-2147483648]]})"));
  ASSERT_TRUE(read) << read.error().what;
  const History want{
      .held = {{.replicas = 8, .active = true, .at = {5}, .trigger = trigger_key("a")}},
      .active = true,
      .seeded = true,
      .last_active = Timestamp{9},
      .recommended = History::Recommendation{{7}, 4},
      .highs = {{{5}, 8}, {{7}, 4}},
      .lows = {{{6}, 3}, {{7}, 4}},
      .events = {.up = {{{5}, 2}}, .down = {{{6}, 3}, {{7}, 2147483647}}},
      .window = {}};
  EXPECT_EQ(*read, want);
  EXPECT_EQ(history_from_json(reparsed(to_json(*read))), *read) << "and writes the present one";
}

TEST(HistoryJson, RefusesAnOldOneThatIsDamaged) {
  struct Case {
    const char* members;
    const char* want;
  };
  const Case cases[] = {
      {R"("recommendations":[])", "member \"events\" is missing or wrong"},
      {R"("recommendations":{},"events":[])", "member \"recommendations\" is missing or wrong"},
      {R"("recommendations":[[6,3],[5,3]],"events":[])",
       "member \"recommendations\" is missing or wrong"},
      {R"("recommendations":[[1,"2"]],"events":[])", "recommendations: want [time, number]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.members);
    const auto read = history_from_json(
        *json::parse(std::string(R"({"held":[],"active":false,)") + c.members + "}"));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error(), (Error{Code::bad_data, c.want}));
  }
}

}  // namespace
}  // namespace scale
