// The machinery of property tests, by properties that are false on purpose.

#include "scale/testing/property.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "scale/testing/cases.h"
#include "scale/testing/sequences.h"

namespace scale::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(Complaints, AreWhatFailsAndNothingIsReported) {
  EXPECT_EQ(complaints([] { EXPECT_EQ(1, 1); }), "");
  const std::string text = complaints([] {
    EXPECT_EQ(2, 3) << "first";
    ASSERT_TRUE(false) << "second";
    EXPECT_TRUE(false) << "never reached";
  });
  EXPECT_THAT(text, HasSubstr("first"));
  EXPECT_THAT(text, HasSubstr("second"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("never")));
}

TEST(ForSeeds, StopsAtTheFirstThatFailsAndNamesIt) {
  std::vector<std::uint64_t> seeds;
  const std::string text = complaints([&] {
    for_seeds(100, [&](std::uint64_t seed) {
      seeds.push_back(seed);
      EXPECT_LT(seeds.size(), 4u);
    });
  });
  ASSERT_EQ(seeds.size(), 4u);
  EXPECT_THAT(text, HasSubstr("DECIDE_SEED=" + std::to_string(seeds.back())));
}

using Numbers = std::vector<int>;

std::vector<Numbers> one_fewer_or_one_less(const Numbers& numbers) {
  std::vector<Numbers> all;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    all.push_back(numbers);
    all.back().erase(all.back().begin() + static_cast<std::ptrdiff_t>(i));
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    all.push_back(numbers);
    all.back()[i] -= 1;
  }
  return all;
}

TEST(Shrunk, EndsWhereNothingSimplerFails) {
  const auto sum_is_above_9 = [](const Numbers& n) {
    return std::accumulate(n.begin(), n.end(), 0) > 9;
  };
  EXPECT_EQ(shrunk(Numbers{3, 12, 5}, one_fewer_or_one_less, sum_is_above_9), Numbers{10});
  EXPECT_EQ(shrunk(Numbers{4, 3, 3}, one_fewer_or_one_less, sum_is_above_9), (Numbers{4, 3, 3}));
}

TEST(Shrunk, EndsWhenItIsTriedTooOften) {
  int trials = 0;
  const auto always = [&](int) { return ++trials > 0; };
  shrunk(0, [](int n) { return std::vector<int>{n - 1}; }, always);
  EXPECT_EQ(trials, 20'000);
}

// False: the fourth replica is what it forbids.
void at_most_three(Case c) {
  EXPECT_LE(decide(c.spec, c.readings, c.workload, c.history, c.now).decision.to, 3);
}

// What no case needs to have a fourth replica.
bool is_bare(const Case& c) {
  const History& past = c.history;
  return c.spec.triggers.size() == 1 && c.spec.max == 4 && c.spec.triggers[0].target == 1 &&
         !c.spec.behavior && !c.spec.modifiers && !c.spec.fallback && !c.spec.idle &&
         past.highs.empty() && past.lows.empty() && past.events == hpa::ScaleEvents{} &&
         !past.window;
}

TEST(ExpectHolds, ShrinksWhateverWasDrawn) {
  int failed = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    Draw draw(seed);
    const Case drawn = any_case(draw);
    const auto fails = [](const Case& one) {
      return !complaints([&] { at_most_three(one); }).empty();
    };
    if (!fails(drawn)) continue;
    ++failed;
    const Case smallest = shrunk(drawn, [](const Case& one) { return simpler(one); }, fails);
    EXPECT_TRUE(fails(smallest));
    EXPECT_TRUE(is_bare(smallest)) << describe(smallest);
  }
  EXPECT_GT(failed, 20);
}

// A case with something of everything.
Case crowded() {
  Case c;
  const OnMissing to_fallback{.action = OnMissing::Action::fallback};
  const std::vector<std::string> names = {"t2", "t1"};
  c.spec = {.min = 3,
            .max = 20,
            .idle = 1,
            .behavior = prompt_behavior(),
            .fallback = Fallback{.failure_threshold = 2, .replicas = 6},
            .modifiers = Modifiers{.formula = *formula::compile("t1 * 2 - 40", names),
                                   .text = "t1 * 2 - 40",
                                   .target = 5},
            .force_activation = true,
            .triggers = {with(trigger("t2", 7, 3), to_fallback), trigger("t1", 9)}};
  c.readings = {value(81.5), partial(300)};
  c.workload = {.replicas = 12, .object_created = at(0s), .ready = 9};
  c.history.held = {{.replicas = 4, .active = true, .trigger = trigger_key("t1")}};
  c.history.highs = {{at(9900s), 30}, {at(9950s), 12}};
  c.history.events.up = {{at(9990s), 3}};
  c.history.window = {at(9995s), 9, 0};
  return c;
}

// Everything that does not matter is gone, and what is left is code.
constexpr std::string_view smallest_text =
    R"(Scene scene{.spec = {.min = 0, .max = 4, .cooldown = 0s, .triggers = {{.name = "t1", .target = 1}}},
.workload = {.replicas = 4, .object_created = at(0s), .ready = 0},
.history = {}};
scene.decide({value(1)}, at(10000s));
)";

TEST(ExpectHolds, ShowsTheSmallestCaseAndItsSeed) {
  const std::string text = complaints(
      [] { for_seeds(1, [](std::uint64_t) { expect_holds(crowded(), at_most_three); }); });
  EXPECT_THAT(text, HasSubstr("DECIDE_SEED="));
  EXPECT_THAT(text, HasSubstr("actual: 4 vs 3"));
  EXPECT_THAT(text, HasSubstr(std::string(smallest_text)));
}

// The text above, pasted.
TEST(ExpectHolds, ShowsATest) {
  Scene scene{
      .spec = {.min = 0, .max = 4, .cooldown = 0s, .triggers = {{.name = "t1", .target = 1}}},
      .workload = {.replicas = 4, .object_created = at(0s), .ready = 0},
      .history = {}};
  EXPECT_EQ(scene.decide({value(1)}, at(10000s)).to, 4);
}

TEST(ExpectHolds, ShrinksSequences) {
  Sequence s{.spec = prompt_spec(), .replicas = 1, .happenings = {}};
  for (int i = 0; i < 30; ++i)
    s.happenings.push_back({.after = 15s, .readings = {value(3 * i)}, .set_by_hand = {}});
  const std::string text = complaints([&] {
    expect_holds(s, [](const Sequence& one) {
      double sum = 0;
      for (const auto& h : one.happenings) sum += h.readings[0].value;
      EXPECT_LT(sum, 100);
    });
  });
  EXPECT_THAT(text, HasSubstr("scene.decide({value(80)}, at("));
  EXPECT_EQ(std::ranges::count(text, ';'), 4) << text;
}

}  // namespace
}  // namespace scale::testing
