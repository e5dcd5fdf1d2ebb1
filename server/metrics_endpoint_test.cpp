#include "server/metrics_endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/rest_fixture.h"

namespace server {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::sample_object;

// The endpoint over a board, asked through the REST fixture's loop.
class Scrape {
 public:
  Scrape() {
    rest.handler = make_metrics_endpoint(rest.board, rest.registry,
                                         {.retention = std::chrono::seconds(120),
                                          .scaler_port = 4318,
                                          .otlp_port = 4317,
                                          .metrics_port = 8080,
                                          .rest_port = 9090});
  }
  std::string text() { return rest.get("/metrics").body; }

  testing::RestFixture rest;
};

// otel-add-on's labels, all of them and no other.
TEST(MetricsEndpoint, SaysWhatRuns) {
  Scrape scrape;
  EXPECT_THAT(scrape.text(),
              ContainsRegex("# TYPE keda_otel_scaler_runtime_info gauge\n"
                            "keda_otel_scaler_runtime_info\\{arch=\"[^\"]+\",gitSha=\"[^\"]+\","
                            "goVersion=\"[^\"]+\",internalMetricsPort=\"8080\",os=\"[^\"]+\","
                            "otlpPort=\"4317\",restApiPort=\"9090\",retentionSeconds=\"120\","
                            "scalerPort=\"4318\",version=\"[^\"]+\"\\} 1\n"));
}

TEST(MetricsEndpoint, AnswersOnlyAtItsPath) {
  Scrape scrape;
  EXPECT_EQ(scrape.rest.get("/").status, 404);
  EXPECT_EQ(scrape.rest.post("/metrics").status, 405);
}

TEST(MetricsEndpoint, ShowsEachObjectAndTrigger) {
  Scrape scrape;
  scrape.rest.board.put(sample_object());
  const std::string text = scrape.text();
  for (const char* line : {
           "tidewheel_object_replicas{namespace=\"shop\",scaledObject=\"mail\"} 3\n",
           "tidewheel_object_ready_replicas{namespace=\"shop\",scaledObject=\"mail\"} 3\n",
           "tidewheel_object_desired_replicas{namespace=\"shop\",scaledObject=\"mail\"} 4\n",
           "tidewheel_object_problems{namespace=\"shop\",scaledObject=\"mail\"} 0\n",
           "tidewheel_trigger_value{namespace=\"shop\",scaledObject=\"mail\",trigger=\"queue-"
           "depth\"} 42\n",
           "tidewheel_trigger_target{namespace=\"shop\",scaledObject=\"mail\",trigger=\"queue-"
           "depth\"} 10\n",
           "tidewheel_trigger_active{namespace=\"shop\",scaledObject=\"mail\",trigger=\"queue-"
           "depth\"} 1\n",
           "{namespace=\"shop\",scaledObject=\"mail\",state=\"value\",trigger=\"queue-depth\"} 1\n",
           "{namespace=\"shop\",scaledObject=\"mail\",state=\"stale\",trigger=\"queue-depth\"} 0\n",
       }) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(MetricsEndpoint, FollowsTheState) {
  Scrape scrape;
  auto object = sample_object();
  scrape.rest.board.put(object);
  scrape.text();
  object.triggers[0].reading.state = scale::Reading::State::stale;
  object.replicas.reset();
  scrape.rest.board.put(object);
  EXPECT_THAT(scrape.text(),
              AllOf(HasSubstr("state=\"stale\",trigger=\"queue-depth\"} 1\n"),
                    HasSubstr("state=\"value\",trigger=\"queue-depth\"} 0\n"),
                    HasSubstr("trigger_value{namespace=\"shop\",scaledObject=\"mail\",trigger="
                              "\"queue-depth\"} NaN\n"),
                    HasSubstr("object_replicas{namespace=\"shop\",scaledObject=\"mail\"} NaN\n")));
}

TEST(MetricsEndpoint, ForgetsRemovedObjectsAndRenamedTriggers) {
  Scrape scrape;
  auto object = sample_object();
  scrape.rest.board.put(object);
  scrape.rest.board.put(sample_object("video"));
  scrape.text();
  object.triggers[0].spec.name = "renamed";
  scrape.rest.board.put(object);
  scrape.rest.board.remove({"shop", "video"});
  EXPECT_THAT(scrape.text(), AllOf(HasSubstr("trigger=\"renamed\""), Not(HasSubstr("queue-depth")),
                                   Not(HasSubstr("video"))));
  scrape.rest.board.remove({"shop", "mail"});
  EXPECT_THAT(scrape.text(), Not(HasSubstr("scaledObject")));
}

TEST(MetricsEndpoint, KeepsTriggersOfOneNameApart) {
  Scrape scrape;
  auto object = sample_object();
  object.triggers.push_back(object.triggers[0]);
  scrape.rest.board.put(object);
  EXPECT_THAT(scrape.text(), AllOf(HasSubstr("trigger=\"queue-depth\"} 42"),
                                   HasSubstr("trigger=\"queue-depth#1\"} 42")));
  object.triggers.pop_back();
  scrape.rest.board.put(object);
  EXPECT_THAT(scrape.text(),
              AllOf(HasSubstr("trigger=\"queue-depth\"} 42"), Not(HasSubstr("queue-depth#1"))));
}

TEST(MetricsEndpoint, KnowsObjectsThatWereThereBefore) {
  testing::RestFixture rest;
  rest.board.put(sample_object());
  rest.handler = make_metrics_endpoint(rest.board, rest.registry, {});
  EXPECT_THAT(rest.get("/metrics").body, HasSubstr("scaledObject=\"mail\""));
}

}  // namespace
}  // namespace server
