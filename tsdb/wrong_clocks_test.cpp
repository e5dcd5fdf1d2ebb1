#include "tsdb/wrong_clocks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::Feed;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::question;
using testing::Sent;

const Labels shop{{"host.name", "a"}, {"service.name", "shop"}};

Sent depth(double ago) {
  return {.metric = "queue.depth",
          .value = Value::of(1),
          .ago = ago,
          .attributes = {{"queue", "mail"}},
          .resource = shop};
}

TEST(WrongClocks, AreKnownByPointsThatAreRefused) {
  struct Case {
    const char* name;
    double ago;
    std::optional<Duration> want;
  };
  const Case cases[] = {
      {"in time", 1, {}},     {"a little late", 119, {}}, {"a little early", -59, {}},
      {"behind", 600, -600s}, {"ahead", -600, 600s},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Feed feed;
    feed.send(depth(c.ago));
    const auto clock = feed.store.wrong_clock(question("queue_depth"), feed.now);
    ASSERT_EQ(clock.has_value(), c.want.has_value());
    if (!clock) continue;
    EXPECT_EQ(clock->offset, *c.want);
    EXPECT_EQ(clock->resource, shop);
    EXPECT_EQ(clock->points, 1u);
  }
}

TEST(WrongClocks, ConcernQuestionsThatMatchTheRefusedPoint) {
  Feed feed;
  feed.send(depth(600));
  for (const char* query : {"queue_depth", "sum(queue.depth{queue=mail})", "queue_depth{a=\"\"}",
                            "queue_depth{queue=~\"m.*\",service.name=shop,host.name=a}"}) {
    EXPECT_TRUE(feed.store.wrong_clock(question(query), feed.now)) << query;
  }
  for (const char* query : {"queue", "queue_depth{queue=video}", "queue_depth{host.name=b}"}) {
    EXPECT_FALSE(feed.store.wrong_clock(question(query), feed.now)) << query;
  }
}

TEST(WrongClocks, ConcernAQuestionForItsWindowAndAreListedForTenMinutes) {
  Feed feed;
  feed.send(depth(600));
  feed.pass(120s);
  EXPECT_TRUE(feed.store.wrong_clock(question("queue_depth"), feed.now));
  EXPECT_FALSE(feed.store.wrong_clock(question("queue_depth", "rate", 60s), feed.now));
  feed.pass(1s);
  EXPECT_FALSE(feed.store.wrong_clock(question("queue_depth"), feed.now));
  feed.pass(479s);
  EXPECT_EQ(feed.store.wrong_clocks().size(), 1u);
  feed.pass(1s);
  EXPECT_THAT(feed.store.wrong_clocks(), IsEmpty());
}

TEST(WrongClocks, ChangeNoRateWhenTheyJumpUnderLoad) {
  for (const double off : {600.0, -600.0}) {
    Feed feed;
    for (int i = 0; i <= 10; ++i) {
      feed.advance(5s);
      feed.send(testing::counter(
          {.metric = "jobs", .value = Value::of_int(50 * i), .ago = i > 5 ? off : 0}));
    }
    EXPECT_DOUBLE_EQ(feed.ask("jobs", "rate").value, 10) << off;
  }
}

TEST(WrongClocks, AddUpBySender) {
  Feed feed;
  const Timestamp first = feed.now;
  feed.send(depth(700));
  feed.advance(1s);
  feed.send({.metric = "other", .ago = 600, .resource = shop});
  EXPECT_THAT(
      feed.store.wrong_clocks(),
      ElementsAre(WrongClock{
          .resource = shop, .offset = -600s, .points = 2, .first = first, .last = feed.now}));
}

TEST(WrongClocks, OfSeveralTheLatestIsNamed) {
  Feed feed;
  for (const char* host : {"c", "b", "a"}) {
    Sent sent = depth(600);
    sent.resource = {{"host.name", host}};
    feed.advance(1s);
    feed.send(sent);
  }
  const auto clock = feed.store.wrong_clock(question("queue_depth"), feed.now);
  ASSERT_TRUE(clock);
  EXPECT_THAT(clock->resource, ElementsAre(Label{"host.name", "a"}));
}

TEST(WrongClocks, AreLoggedOncePerSender) {
  std::vector<std::string> lines;
  Feed feed({}, Log::to(base::LogLevel::warn, base::LogFormat::text,
                        [&](std::string_view line) { lines.emplace_back(line); }));
  for (const double ago : {600.0, 601.0, -600.0}) feed.send(depth(ago));
  feed.store.publish(feed.now);
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr("points are refused for their time"));
  EXPECT_THAT(lines[0], HasSubstr("service.name=shop host.name=a"));
  EXPECT_THAT(lines[0], HasSubstr("-10m"));
}

TEST(WrongClocks, RememberNoMoreThanTheirLimits) {
  Feed feed;
  for (std::size_t i = 0; i <= WrongClocks::senders_max; ++i) {
    feed.send({.metric = "m", .ago = 600, .resource = {{"pod", std::to_string(i)}}});
  }
  EXPECT_EQ(feed.store.wrong_clocks().size(), WrongClocks::senders_max);
  for (std::size_t i = 0; i <= WrongClocks::series_max; ++i) {
    feed.send({.metric = "n",
               .ago = 600,
               .attributes = {{"i", std::to_string(i)}},
               .resource = {{"pod", "0"}}});
  }
  const auto last = "n{i=\"" + std::to_string(WrongClocks::series_max) + "\"}";
  EXPECT_FALSE(feed.store.wrong_clock(question(last), feed.now));
  EXPECT_TRUE(feed.store.wrong_clock(question("n{i=\"0\"}"), feed.now));
  feed.pass(WrongClocks::kept + 1s);
  feed.send({.metric = "n", .ago = 600, .attributes = {{"i", "new"}}});
  EXPECT_TRUE(feed.store.wrong_clock(question("n{i=new}"), feed.now));
}

TEST(WrongClocks, TimesThatNoClockShowsAreFarBehind) {
  Feed feed;
  const SeriesView view{.metric = "m"};
  feed.store.append(view, {.time = {std::numeric_limits<std::int64_t>::min()}}, feed.now);
  const auto clock = feed.store.wrong_clock(question("m"), feed.now);
  ASSERT_TRUE(clock);
  EXPECT_EQ(clock->offset, Timestamp{0} - feed.now);
  EXPECT_EQ(describe(*clock),
            "points are refused, their time is 500000h behind ours: check the clock of a sender "
            "whose resource does not name it");
}

TEST(WrongClocks, NameTheirSenderWithoutGrowing) {
  EXPECT_EQ(sender_name({{"color", "red"}, {"pod", "p"}, {"service.name", "s"}}),
            "service.name=s pod=p");
  EXPECT_EQ(sender_name({{"pod", "p"}, {"service.name", std::string(1'000, 's')}}), "pod=p");
}

}  // namespace
}  // namespace tsdb
