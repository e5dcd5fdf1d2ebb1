#include "tsdb/points_written.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using testing::Feed;
using ::testing::HasSubstr;
using ::testing::Not;

std::string line(const std::string& name, int points) {
  return "keda_otel_scaler_metric_points_written{name=\"" + name + "\"} " + std::to_string(points) +
         "\n";
}

TEST(PointsWritten, CountsWhatIsKeptByFoldedName) {
  Feed feed;
  feed.send({.metric = "queue.depth", .ago = 2});
  feed.send({.metric = "queue/depth", .ago = 1});
  feed.send({.metric = "queue_depth", .ago = 1});
  feed.send({.metric = "queue_depth", .ago = 1});     // a duplicate
  feed.send({.metric = "queue_depth", .ago = 1000});  // too old
  feed.send({.metric = "queue_depth", .ago = 1, .no_recorded_value = true});
  feed.store.tick(feed.now);
  EXPECT_THAT(feed.registry.render(), HasSubstr(line("queue_depth", 3)));
  feed.send({.metric = "queue_depth", .ago = 0});
  feed.store.tick(feed.now);
  EXPECT_THAT(feed.registry.render(), HasSubstr(line("queue_depth", 4)));
}

TEST(PointsWritten, AMetricThatGoesTakesItsNumberAlong) {
  Feed feed({.retention = 10s});
  feed.send({.metric = "gone", .ago = 9});
  feed.send({.metric = "asked", .ago = 9});
  const auto id = feed.store.subscribe(testing::question("asked"), [](const Answer&) {}, feed.now);
  feed.pass(5s);
  EXPECT_THAT(feed.registry.render(), Not(HasSubstr("\"gone\"")));
  EXPECT_THAT(feed.registry.render(), HasSubstr(line("asked", 1)));  // its standing query keeps it
  feed.store.unsubscribe(id);
  EXPECT_THAT(feed.registry.render(), Not(HasSubstr("\"asked\"")));
  feed.send({.metric = "lost"});
  feed.store.reset();
  EXPECT_THAT(feed.registry.render(), Not(HasSubstr("\"lost\"")));
  feed.pass(1s);
}

TEST(PointsWritten, ShowsAtMostSoManyNames) {
  Feed feed({.retention = 10s, .written_names_max = 2});
  for (const char* name : {"a", "b", "c"})
    feed.send({.metric = name, .ago = name[0] == 'a' ? 9.0 : 1});
  feed.store.tick(feed.now);
  EXPECT_THAT(feed.registry.render(), HasSubstr(line("b", 1)));
  EXPECT_THAT(feed.registry.render(), Not(HasSubstr("\"c\"")));
  feed.pass(3s);  // a goes, and c finds room
  feed.send({.metric = "c", .ago = 0});
  feed.store.tick(feed.now);
  EXPECT_THAT(feed.registry.render(), HasSubstr(line("c", 1)));
  EXPECT_THAT(feed.registry.render(), Not(HasSubstr("\"a\"")));
}

}  // namespace
}  // namespace tsdb
