#include "scale/testing/code_text.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace scale::testing {
namespace {

using namespace std::chrono_literals;

std::string without_spaces(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

const std::vector<TriggerSpec> triggers = {trigger("t1", 5), trigger("t2", 5)};

// A value beside the very code that makes it.
#define ROW(...) {code(__VA_ARGS__), #__VA_ARGS__}

struct Row {
  std::string got;
  std::string want;
};

const Row rows[] = {
    ROW(15s),
    ROW(1500ms),
    ROW(7ns),
    ROW(-4s),
    ROW(at(15s)),
    ROW(at(-3s)),
    ROW(value(12.5)),
    ROW(partial(3)),
    ROW(absent()),
    ROW(stale(at(10s))),
    ROW(ended()),
    ROW(failed()),
    ROW(garbled()),
    ROW(Workload{.replicas = 3, .object_created = at(1s)}),
    ROW(Workload{.replicas = 3, .object_created = at(1s), .ready = 2}),
    ROW(Spec{.min = 2, .max = 9, .triggers = {{.name = "t1", .target = 2.5}}}),
    ROW(Spec{.min = 2,
             .max = 9,
             .idle = 1,
             .cooldown = 5s,
             .initial_cooldown = 6s,
             .polling = 7s,
             .tolerance = 0.2,
             .downscale_stabilization = 8s,
             .sync_period = 1s,
             .keda = {.fallback_always_active = true,
                      .pauses_spare_minimum = true,
                      .errors_stop_last_active = true},
             .paused = true,
             .paused_replicas = 3,
             .paused_scale_in = true,
             .paused_scale_out = true,
             .force_activation = true,
             .hpa_scales = true,
             .triggers = {}}),
    ROW(Spec{
        .min = 0,
        .max = 9,
        .behavior = hpa::Behavior{.up = {.window = 3s,
                                         .select = hpa::SelectPolicy::min,
                                         .policies = {pods(4, 15s), percent(50, 60s)},
                                         .tolerance = 0.5},
                                  .down = {.select = hpa::SelectPolicy::disabled, .policies = {}}},
        .fallback =
            Fallback{
                .failure_threshold = 3, .replicas = 2, .kind = Fallback::Kind::current_if_lower},
        .modifiers =
            Modifiers{.formula = *formula::compile("t1 + 1", std::vector<std::string>{"t1"}),
                      .text = "t1 + 1",
                      .target = 4,
                      .activation = 1,
                      .metric_type = MetricType::value},
        .triggers = {{.name = "t1",
                      .target = 1,
                      .activation = 2,
                      .metric_type = MetricType::value,
                      .on_missing = {{{},
                                      {.action = OnMissing::Action::zero},
                                      {.action = OnMissing::Action::value, .value = 6},
                                      {.action = OnMissing::Action::ignore}}}}}}),
};

TEST(CodeText, IsTheCodeThatMakesTheValue) {
  for (const Row& row : rows) {
    const std::string want = without_spaces(row.want);
    // A type that the place says already is left out.
    const auto brace = want.find('{');
    const bool named = want.starts_with("Spec{") || want.starts_with("Workload{");
    EXPECT_EQ(without_spaces(row.got), named ? want.substr(brace) : want);
  }
}

#undef ROW

// Likewise; of what makes a key the names of the triggers are needed.
TEST(CodeText, WritesAPast) {
  const History past{
      .held = {{.replicas = 3, .active = true, .at = at(1s), .trigger = trigger_key("t2")},
               {.trigger = composite_key, .series = 4, .failing_since = at(2s)},
               {.trigger = 0xabc}},
      .active = true,
      .seeded = true,
      .last_active = at(3s),
      .recommended = History::Recommendation{at(4s), 5},
      .highs = {{at(5s), 6}, {at(6s), 4, 70}},
      .lows = {{at(7s), 8}},
      .events = {.up = {{at(8s), 9, true}}, .down = {{at(9s), 1}}},
      .window = History::Window{at(10s), 11, 12}};
  EXPECT_EQ(
      code(past, triggers),
      R"({.held = {{.replicas = 3, .active = true, .at = at(1s), .trigger = trigger_key("t2")}, )"
      R"({.trigger = composite_key, .series = 4, .failing_since = at(2s)}, {.trigger = 0xabc}}, )"
      R"(.active = true, .seeded = true, .last_active = at(3s), .recommended = History::Recommendation{at(4s), 5}, )"
      R"(.highs = {{at(5s), 6}, {at(6s), 4, 70}}, .lows = {{at(7s), 8}}, )"
      R"(.events = {.up = {{at(8s), 9, true}}, .down = {{at(9s), 1}}}, )"
      R"(.window = History::Window{at(10s), 11, 12}})");
  EXPECT_EQ(code(History{}, triggers), "{}");
}

}  // namespace
}  // namespace scale::testing
