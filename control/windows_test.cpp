#include "control/windows.h"

#include <gtest/gtest.h>

namespace control {
namespace {

using namespace std::chrono_literals;
using scalers::kedify_otel::Params;

constexpr Timestamp start{1'800'000'000'000'000'000};
constexpr Listening listening{.since = start, .retention = 120s};

Params asks(std::string_view query, tsdb::Operation operation = tsdb::Operation::last_one,
            std::optional<Duration> window = {}) {
  return {.question = {*tsdb::parse_metric_query(query), operation, window}};
}

scale::Reading reading(std::uint32_t series,
                       scale::ReadingState state = scale::ReadingState::value) {
  return {.state = state, .value = 1, .series = series};
}

bool is_whole(Windows& windows, scale::Reading one, Timestamp now) {
  windows.mark({&one, 1}, now);
  return one.complete;
}

Windows asked(const Params& params, std::vector<Whole> before = {}, Timestamp now = start) {
  Windows windows;
  windows.restore(std::move(before));
  windows.put({&params, 1}, listening, now);
  return windows;
}

// What a run left that saw three series of `params` at `at`.
std::vector<Whole> left(const Params& params, Timestamp at) {
  Windows windows;
  windows.put({&params, 1}, {.since = at - 24h, .retention = listening.retention}, at - 24h);
  is_whole(windows, reading(3), at);
  return windows.whole();
}

TEST(Windows, FillWithTime) {
  struct Case {
    const char* name;
    std::optional<Duration> window;
    Duration asked_after;
    Duration fills_after;
  };
  const Case cases[] = {
      {"the retention, where none is stated", {}, 0s, 120s},
      {"a short one", 10s, 0s, 10s},
      {"a long one", 600s, 0s, 600s},
      {"asked later", {}, 60s, 120s},
      {"asked when it is full", 10s, 60s, 10s},
      // What nobody asked for was kept for the retention only.
      {"a long one that is asked later", 600s, 1000s, 1480s},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Windows windows =
        asked(asks("m", tsdb::Operation::last_one, c.window), {}, start + c.asked_after);
    const Timestamp full = start + c.fills_after;
    EXPECT_EQ(windows.next_fill(start), full);
    EXPECT_FALSE(is_whole(windows, reading(5), full - 1ns));
    EXPECT_TRUE(is_whole(windows, reading(5), full));
    EXPECT_FALSE(windows.next_fill(full));
  }
}

TEST(Windows, FillFromTheQuestionOnWhereNobodyListenedBefore) {
  constexpr Listening to_some{.since = start, .retention = 120s, .to_all = false};
  const Params old = asks("old", tsdb::Operation::max);
  const Params both[] = {old, asks("new", tsdb::Operation::max, 10s)};
  Windows windows;
  windows.put({&old, 1}, to_some, start + 1h);
  EXPECT_FALSE(is_whole(windows, reading(1), start + 1h + 120s - 1ns));
  EXPECT_TRUE(is_whole(windows, reading(1), start + 1h + 120s));
  windows.put(both, to_some, start + 2h);
  scale::Reading readings[] = {reading(1), reading(1)};
  windows.mark(readings, start + 2h);
  EXPECT_TRUE(readings[0].complete) << "it has been asked all the time";
  EXPECT_FALSE(readings[1].complete);
  windows.mark(readings, start + 2h + 10s);
  EXPECT_TRUE(readings[1].complete);
}

TEST(Windows, AreRestoredByAsManySeriesAsThereWere) {
  using enum tsdb::Operation;
  using State = scale::ReadingState;
  const Params same = asks("m");
  struct Case {
    const char* name;
    Params before;
    Duration ago;
    Params now;
    scale::Reading reading;
    bool want;
  };
  const Case cases[] = {
      {"as many", same, 30s, same, reading(3), true},
      {"more", same, 30s, same, reading(4), true},
      {"fewer", same, 30s, same, reading(2), false},
      {"a window ago", same, 120s, same, reading(3), true},
      {"longer ago", same, 121s, same, reading(3), false},
      {"the clock went back", same, -120s, same, reading(3), true},
      {"the clock went back far", same, -121s, same, reading(3), false},
      {"another query", same, 30s, asks("m{a=b}"), reading(3), false},
      {"another window", same, 30s, asks("m", last_one, 60s), reading(3), false},
      {"the same window, stated", same, 30s, asks("m", last_one, 120s), reading(3), true},
      {"another operation", same, 30s, asks("m", max), reading(3), false},
      {"what looks back", asks("m", rate), 30s, asks("m", rate), reading(3), false},
      {"no value", same, 30s, same, reading(3, State::not_a_number), false},
      {"nothing there", same, 30s, same, reading(0, State::absent), false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Windows windows = asked(c.now, left(c.before, start - c.ago));
    EXPECT_EQ(is_whole(windows, c.reading, start + 1s), c.want);
  }
}

TEST(Windows, OnceRestoredStaySo) {
  Windows windows = asked(asks("m"), left(asks("m"), start));
  EXPECT_TRUE(windows.next_fill(start));
  EXPECT_TRUE(is_whole(windows, reading(3), start + 1s));
  EXPECT_FALSE(windows.next_fill(start + 1s));
  EXPECT_TRUE(is_whole(windows, reading(2), start + 2s)) << "one of them has ended";
  EXPECT_TRUE(is_whole(windows, reading(0, scale::ReadingState::stale), start + 3s));
}

TEST(Windows, KeepTheLastWholeAnswerUntilThereIsAnother) {
  const Params params = asks("m");
  const auto before = left(params, start - 30s);
  ASSERT_EQ(before.size(), 1u);
  EXPECT_EQ(before[0].series, 3u);
  EXPECT_EQ(before[0].at, start - 30s);
  Windows windows = asked(params, before);
  is_whole(windows, reading(2), start + 1s);
  EXPECT_EQ(windows.whole(), before);
  is_whole(windows, reading(2), start + 120s);
  EXPECT_EQ(windows.whole()[0].series, 2u);
  is_whole(windows, reading(0, scale::ReadingState::stale), start + 300s);
  EXPECT_EQ(windows.whole()[0].at, start + 120s);
}

// The series of a snapshot take part with the samples they had then.
TEST(Windows, AStoreThatBeganWithOlderSeriesProvesNothing) {
  const Timestamp answered = start - 20s;
  struct Case {
    const char* name;
    std::optional<Timestamp> as_of;
    bool want;
  };
  const Case cases[] = {
      {"it began empty, and all report again", {}, true},
      {"with all there was at the end", answered + 1s, true},
      {"with what there was before the answer", answered - 1s, false},
      {"with less than was known, whenever", Timestamp{}, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Params params = asks("m");
    Listening restored = listening;
    restored.as_of = c.as_of;
    Windows windows;
    windows.restore(left(params, answered));
    windows.put({&params, 1}, restored, start);
    EXPECT_EQ(is_whole(windows, reading(3), start + 1s), c.want);
    EXPECT_TRUE(is_whole(windows, reading(3), start + 120s)) << "then it has seen a window";
    windows.put({&params, 1}, restored, start + 119s);
    EXPECT_TRUE(is_whole(windows, reading(3), start + 119s)) << "what it has seen itself counts";
  }
}

TEST(Windows, ForgetWhatIsNotAskedAnyMore) {
  Windows windows = asked(asks("n"), left(asks("m"), start));
  EXPECT_TRUE(windows.whole().empty());
}

TEST(Windows, TriggersThatAskTheSameShareTheAnswer) {
  const Params both[] = {asks("m"), asks("m")};
  Windows windows;
  windows.put(both, listening, start);
  scale::Reading readings[] = {reading(3), reading(3)};
  windows.mark(readings, start + 120s);
  EXPECT_EQ(windows.whole().size(), 1u);
}

TEST(Whole, IsWrittenAndReadBack) {
  const Whole whole{.question = 0xfedcba9876543210, .series = 7, .at = start};
  EXPECT_EQ(whole_from_json(to_json(whole)), whole);
  for (const char* bad : {"1", "{}", R"({"question":"fedcba9876543210","series":7})",
                          R"({"question":"fedcba987654321","series":7,"at":1})",
                          R"({"question":"fedcba987654321x","series":7,"at":1})",
                          R"({"question":"fedcba9876543210","series":0,"at":1})",
                          R"({"question":"fedcba9876543210","series":4294967296,"at":1})",
                          R"({"question":"fedcba9876543210","series":7,"at":"now"})"}) {
    EXPECT_FALSE(whole_from_json(json::parse(bad).value())) << bad;
  }
}

}  // namespace
}  // namespace control
