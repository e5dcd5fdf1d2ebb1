// When silence is evidence that there is nothing, and when nobody knows.

#include "tsdb/silence.h"

#include <gtest/gtest.h>

#include <functional>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using testing::counter;
using testing::Feed;
using testing::question;
using testing::Sent;
using enum Answer::State;

const Labels shop{{"service.name", "shop"}, {"service.instance.id", "1"}};
const Labels other{{"service.name", "shop"}, {"service.instance.id", "2"}};

// A sample of the stream in question, a second before now.
Sent jobs(const Labels& resource = shop, std::string_view worker = "a") {
  return {.metric = "jobs",
          .value = Value::of(3),
          .attributes = {{"worker", std::string(worker)}},
          .resource = resource};
}

Sent delta(Sent sent) {
  sent.kind = Kind::sum;
  sent.temporality = Temporality::delta;
  sent.monotonic = true;
  return sent;
}

Sent end_of(Sent sent) {
  sent.ago = 0;
  sent.no_recorded_value = true;
  return sent;
}

// One batch of one point.
void say(Feed& feed, const Sent& sent) {
  feed.send(sent);
  feed.store.publish(feed.now);
}

// Something else from the same sender, now.
void report(Feed& feed, const Labels& resource = shop) {
  say(feed, {.metric = "process.memory", .ago = 0, .resource = resource});
}

// So long, and `resource` reports every ten seconds.
void pass_reporting(Feed& feed, Duration d, const Labels& resource = shop) {
  for (; d > Duration{}; d -= 10s) {
    feed.pass(10s);
    report(feed, resource);
  }
  feed.pass(1s);
}

constexpr Duration window = 60s;

struct Case {
  const char* name;
  std::function<void(Feed&)> play;
  Answer::State state;
  bool ended;
};

const Case cases[] = {
    {"never anything", [](Feed& f) { pass_reporting(f, 200s); }, absent, false},

    // A no-recorded-value point.
    {"a gauge that its sender ended",
     [](Feed& f) {
       say(f, jobs());
       say(f, end_of(jobs()));
     },
     stale, true},
    {"long after its series was forgotten",
     [](Feed& f) {
       say(f, jobs());
       say(f, end_of(jobs()));
       f.pass(1h);
     },
     stale, true},
    {"a counter that its sender ended",
     [](Feed& f) {
       say(f, counter(jobs()));
       say(f, end_of(counter(jobs())));
     },
     stale, true},
    {"the end came before the newest sample",
     [](Feed& f) {
       say(f, jobs());
       say(f, end_of(jobs()));
       f.advance(2s);
       say(f, jobs());
     },
     value, false},
    {"and then silence",
     [](Feed& f) {
       say(f, jobs());
       say(f, end_of(jobs()));
       f.advance(2s);
       say(f, jobs());
       f.pass(window + 1s);
     },
     stale, false},
    {"two series, both ended",
     [](Feed& f) {
       for (const auto& one : {jobs(shop, "a"), jobs(other, "b")}) {
         say(f, one);
         say(f, end_of(one));
       }
     },
     stale, true},
    {"two series, one ended, one silent",
     [](Feed& f) {
       say(f, jobs(shop, "a"));
       say(f, jobs(shop, "b"));
       say(f, end_of(jobs(shop, "a")));
       pass_reporting(f, window);
     },
     stale, false},
    {"the silent one left first, within the window of the other's last sample",
     [](Feed& f) {
       say(f, jobs(shop, "a"));
       f.pass(window - 1s);
       say(f, jobs(shop, "b"));
       f.pass(2s);
       say(f, end_of(jobs(shop, "b")));
       f.pass(1s);
     },
     stale, false},
    {"the silent one had left long before",
     [](Feed& f) {
       say(f, jobs(shop, "a"));
       f.pass(window + 1s);
       say(f, jobs(shop, "b"));
       say(f, end_of(jobs(shop, "b")));
       f.pass(1s);
     },
     stale, true},

    // A delta stream.
    {"a silent delta stream, its resource reports",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, window);
     },
     stale, true},
    {"its value stands until it has left the window",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, window - 10s);
     },
     value, false},
    {"for as long as the resource reports",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, 600s);
     },
     stale, true},
    {"the whole resource is silent",
     [](Feed& f) {
       say(f, delta(jobs()));
       report(f);
       f.pass(window + 10s);
     },
     stale, false},
    {"the resource stopped before the window was over",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, window - 10s);
       f.pass(20s);
     },
     stale, false},
    {"the resource stopped afterwards",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, window);
       f.pass(window + 1s);
     },
     stale, false},
    {"and came back without it",
     [](Feed& f) {
       say(f, delta(jobs()));
       f.pass(600s);
       report(f);
       f.pass(1s);
     },
     stale, true},
    {"only another resource reports",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, 200s, other);
     },
     stale, false},
    {"two resources, one silent",
     [](Feed& f) {
       say(f, delta(jobs(shop)));
       say(f, delta(jobs(other)));
       pass_reporting(f, 200s, other);
     },
     stale, false},
    {"two resources, both report",
     [](Feed& f) {
       say(f, delta(jobs(shop)));
       say(f, delta(jobs(other)));
       pass_reporting(f, 200s, shop);
       report(f, other);
       f.pass(1s);
     },
     stale, true},
    {"one stream ended, the other is a silent delta",
     [](Feed& f) {
       say(f, delta(jobs(shop, "a")));
       say(f, delta(jobs(shop, "b")));
       say(f, end_of(delta(jobs(shop, "a"))));
       pass_reporting(f, window);
     },
     stale, true},
    {"a silent delta beside a silent gauge",
     [](Feed& f) {
       say(f, delta(jobs(shop, "a")));
       say(f, jobs(shop, "b"));
       pass_reporting(f, window);
     },
     stale, false},
    {"a silent cumulative sum",
     [](Feed& f) {
       say(f, counter(jobs()));
       pass_reporting(f, 200s);
     },
     stale, false},
    {"ends of other series are no report of the resource",
     [](Feed& f) {
       say(f, delta(jobs()));
       say(f, {.metric = "process.memory", .resource = shop});
       f.pass(window + 1s);
       say(f, {.metric = "process.memory", .ago = 0, .resource = shop, .no_recorded_value = true});
       f.pass(1s);
     },
     stale, false},
    {"a resource without attributes is nobody's",
     [](Feed& f) {
       say(f, delta(jobs({})));
       pass_reporting(f, 200s, {});
     },
     stale, false},
    {"a sender's clock ahead of ours delays it",
     [](Feed& f) {
       Sent ahead = delta(jobs());
       ahead.ago = -30;
       say(f, ahead);
       pass_reporting(f, window);
     },
     value, false},
    {"a point far ahead is no proof of the time until then",
     [](Feed& f) {
       Sent last = delta(jobs());
       last.ago = 30;
       say(f, last);
       say(f, {.metric = "process.memory", .ago = -50, .resource = shop});
       f.pass(window + 10s);
     },
     stale, false},
    {"it speaks again",
     [](Feed& f) {
       say(f, delta(jobs()));
       pass_reporting(f, 200s);
       say(f, delta(jobs()));
     },
     value, false},
};

TEST(Silence, OfAStandingQuery) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Feed feed({.retention = window});
    Answer heard;
    feed.store.subscribe(
        question("sum(jobs)"), [&](const Answer& answer) { heard = answer; }, feed.now);
    c.play(feed);
    feed.store.publish(feed.now);
    EXPECT_EQ(heard.state, c.state);
    EXPECT_EQ(heard.ended, c.ended);
  }
}

// With a window far within the retention all series are still there, and a fresh answer knows as
// much.
TEST(Silence, OfAFreshAnswer) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Feed feed({.retention = 24h});
    c.play(feed);
    const Answer answer = feed.ask("sum(jobs)", "last_one", window);
    EXPECT_EQ(answer.state, c.state);
    EXPECT_EQ(answer.ended, c.ended);
  }
}

TEST(Silence, OperationsThatLookBackEndWithTheirWindow) {
  Feed feed({.retention = window});
  Answer heard;
  feed.store.subscribe(
      question("jobs", "max"), [&](const Answer& answer) { heard = answer; }, feed.now);
  say(feed, jobs());
  say(feed, end_of(jobs()));
  feed.pass(window - 1s);
  EXPECT_EQ(heard.value, 3);
  feed.pass(1s);
  EXPECT_EQ(heard.state, stale);
  EXPECT_TRUE(heard.ended);
}

// What the resource sent may have been dropped, so its silence is our doing.
TEST(Silence, ARefusedPointIsNoSilence) {
  Feed feed({.retention = window, .series_max = 2});
  Answer heard;
  feed.store.subscribe(question("jobs"), [&](const Answer& answer) { heard = answer; }, feed.now);
  say(feed, delta(jobs()));
  report(feed);
  feed.pass(window + 1s);  // all of it is silent, and forgotten
  say(feed, {.metric = "somebody.else", .resource = other});
  report(feed);
  EXPECT_EQ(feed.send(delta(jobs())), Appended::series_limit);
  pass_reporting(feed, window - 10s);
  EXPECT_EQ(heard.state, stale);
  EXPECT_FALSE(heard.ended);
  pass_reporting(feed, 20s);
  EXPECT_TRUE(heard.ended) << "a whole window without one that was refused";
}

TEST(Silence, IsReportedWhenItsMeaningChanges) {
  Feed feed({.retention = window});
  std::vector<bool> heard;
  feed.store.subscribe(
      question("jobs"),
      [&](const Answer& answer) {
        if (answer.state == stale) heard.push_back(answer.ended);
      },
      feed.now);
  say(feed, delta(jobs()));
  for (int i = 0; i < 5; ++i) feed.pass(20s);
  report(feed);
  for (int i = 0; i < 5; ++i) feed.pass(20s);
  EXPECT_EQ(heard, (std::vector{false, true, false}));
}

TEST(Silence, AResetKeepsWhatIsKnownOfSilence) {
  Feed feed({.retention = window});
  Answer heard;
  feed.store.subscribe(question("jobs"), [&](const Answer& answer) { heard = answer; }, feed.now);
  say(feed, delta(jobs()));
  feed.store.reset();
  feed.store.publish(feed.now);
  EXPECT_EQ(heard.state, stale);
  EXPECT_FALSE(heard.ended);
  pass_reporting(feed, window);
  EXPECT_TRUE(heard.ended);
}

}  // namespace
}  // namespace tsdb
