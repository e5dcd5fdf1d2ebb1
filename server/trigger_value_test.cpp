#include "server/trigger_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace server {
namespace {

using State = tsdb::Answer::State;

struct Case {
  const char* name;
  State state;
  std::optional<double> last;
  scalers::Metadata metadata;
  NotFound not_found;
  Result<double> want;
};

const Error missing{Code::unavailable, ""};

const Case cases[] = {
    {"a value", State::value, 7, {}, {}, 7.0},
    {"a value is clamped", State::value, 7, {{"clampMax", "3"}}, {}, 3.0},
    {"absent is an error", State::absent, {}, {}, {}, std::unexpected(missing)},
    {"absent, substituted", State::absent, {}, {{"clampMin", "9"}}, {.value = 4}, 4.0},
    {"absent, substituted by 0", State::absent, {}, {}, {.value = 0}, 0.0},
    {"the error wins",
     State::absent,
     {},
     {},
     {.error = true, .value = 4},
     std::unexpected(missing)},
    {"the manifest wins",
     State::absent,
     {},
     {{"tidewheel.dev/on-absent", "zero"}},
     {.value = 4},
     0.0},
    {"stale is an error", State::stale, {}, {}, {.value = 4}, std::unexpected(missing)},
    {"silence after activity", State::stale, 5, {}, {.value = 4}, std::unexpected(missing)},
    {"silence after zero", State::stale, 0, {}, {.value = 4}, 0.0},
    {"silence at activation", State::stale, 5, {{"activationTargetValue", "5"}}, {}, 5.0},
    {"silence after a negative value", State::stale, -2, {}, {}, -2.0},
    {"silence, clamped above activation",
     State::stale,
     0,
     {{"clampMin", "1"}},
     {},
     std::unexpected(missing)},
    {"silence, clamped to activation", State::stale, 5, {{"clampMax", "0"}}, {}, 0.0},
    {"hold says the same", State::stale, 0, {{"tidewheel.dev/on-stale", "hold"}}, {}, 0.0},
    {"fallback is KEDA's",
     State::stale,
     0,
     {{"tidewheel.dev/on-stale", "fallback"}},
     {},
     std::unexpected(missing)},
    {"ignore too",
     State::stale,
     0,
     {{"tidewheel.dev/on-stale", "ignore"}},
     {},
     std::unexpected(missing)},
    {"a stated value", State::stale, 5, {{"tidewheel.dev/on-stale", "value: 2.5"}}, {}, 2.5},
    {"words of other states",
     State::stale,
     5,
     {{"tidewheel.dev/on-nan", "zero"}},
     {},
     std::unexpected(missing)},
    {"NaN is an error, whatever was before",
     State::not_a_number,
     0,
     {},
     {},
     std::unexpected(missing)},
    {"NaN with a word", State::not_a_number, 0, {{"tidewheel.dev/on-nan", "value: 1"}}, {}, 1.0},
};

TEST(TriggerValue, IsTheValueOrWhatIsSaidOfMissingData) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    scalers::Metadata metadata = c.metadata;
    metadata["metricQuery"] = "sum(depth)";
    const auto trigger = parse_trigger(metadata);
    ASSERT_TRUE(trigger) << trigger.error().what;
    const Finding finding{{.state = c.state, .value = c.state == State::value ? *c.last : 0},
                          c.last};
    const auto got = value_of(*trigger, finding, c.not_found);
    ASSERT_EQ(got.has_value(), c.want.has_value());
    if (got) EXPECT_EQ(*got, *c.want);
    if (!got) EXPECT_EQ(got.error().code, Code::unavailable);
    if (!got) EXPECT_THAT(got.error().what, ::testing::HasSubstr("metricQuery sum(depth)"));
  }
}

TEST(TriggerValue, PointsRefusedForTheirTimeAreNoSilence) {
  const auto trigger = parse_trigger({{"metricQuery", "depth"}});
  const tsdb::WrongClock behind{.resource = {{"pod", "shop-1"}, {"service.name", "shop"}},
                                .offset = -std::chrono::minutes(10)};
  Finding finding{{.state = State::stale}, 0, behind};
  const auto stale = value_of(*trigger, finding, {});
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().code, Code::unavailable);
  EXPECT_THAT(stale.error().what,
              ::testing::EndsWith("; points are refused, their time is 10m behind ours: check the "
                                  "clock of service.name=shop pod=shop-1"));
  finding.answer.state = State::absent;
  EXPECT_THAT(value_of(*trigger, finding, {}).error().what,
              ::testing::HasSubstr("no series matches; points are refused"));
  EXPECT_EQ(value_of(*trigger, finding, {.value = 3}), 3.0);  // the user's word
}

TEST(TriggerValue, NamesTheKeyThatCannotBeRead) {
  struct Bad {
    scalers::Metadata metadata;
    const char* want;
  };
  const Bad bad[] = {
      {{{"tidewheel.dev/on-stale", "nil"}}, "tidewheel.dev/on-stale: \"nil\" is none of"},
      {{{"tidewheel.dev/on-error", "value: x"}}, "tidewheel.dev/on-error: "},
      {{{"activationTargetValue", "five"}}, "activationTargetValue: "},
      {{{"window", "0s"}}, "window: "},
      {{{"query", "sum(rate(x[1m]))"}}, "query: PromQL is not offered"},
  };
  for (const auto& b : bad) {
    scalers::Metadata metadata = b.metadata;
    metadata["metricQuery"] = "depth";
    const auto trigger = parse_trigger(metadata);
    ASSERT_FALSE(trigger) << b.want;
    EXPECT_EQ(trigger.error().code, Code::invalid);
    EXPECT_THAT(trigger.error().what, ::testing::StartsWith(b.want));
  }
  EXPECT_THAT(parse_trigger({{"query", "up"}}).error().what, ::testing::HasSubstr("PromQL"));
}

}  // namespace
}  // namespace server
