#include "otlp/workload.h"

#include <gtest/gtest.h>

#include "otlp/decode.h"
#include "otlp/latencies.h"
#include "otlp/testing/seen.h"

namespace otlp {
namespace {

using namespace std::chrono_literals;

struct ProfileCase {
  const char* name;
  ValueProfile profile;
  Duration elapsed;
  double want;
};

const ProfileCase profiles[] = {
    {"constant is its minimum", {Profile::constant, 5, 9, 10s}, 7s, 5},
    {"ramp begins at the minimum", {Profile::ramp, 2, 10, 10s}, 0s, 2},
    {"ramp is linear", {Profile::ramp, 2, 10, 10s}, 5s, 6},
    {"ramp stays at the maximum", {Profile::ramp, 2, 10, 10s}, 1h, 10},
    {"ramp of no period is over", {Profile::ramp, 2, 10, 0s}, 0s, 10},
    {"sine begins at the minimum", {Profile::sine, 2, 10, 10s}, 0s, 2},
    {"sine passes the middle", {Profile::sine, 2, 10, 8s}, 2s, 6},
    {"sine peaks after half a period", {Profile::sine, 2, 10, 10s}, 5s, 10},
    {"sine repeats", {Profile::sine, 2, 10, 10s}, 20s, 2},
    {"step is low first", {Profile::step, 2, 10, 10s}, 4999ms, 2},
    {"step is high then", {Profile::step, 2, 10, 10s}, 5s, 10},
    {"step repeats", {Profile::step, 2, 10, 10s}, 10s, 2},
};

TEST(ValueProfile, FollowsItsShape) {
  for (const ProfileCase& c : profiles) {
    SCOPED_TRACE(c.name);
    EXPECT_NEAR(profile_value(c.profile, c.elapsed), c.want, 1e-9);
  }
}

TEST(Workload, BulkIsOfItsStatedShape) {
  const Workload workload(bulk_request(3));
  EXPECT_EQ(workload.points(), 2000u);
  Batch batch;
  ASSERT_TRUE(decode(workload.bytes(), batch));
  EXPECT_EQ(batch.resources.size(), 20u);
  EXPECT_EQ(batch.metrics.size(), 200u);
  EXPECT_EQ(batch.rows.size(), 2000u);
  EXPECT_EQ(batch.resources[0].range.size(), 8u);
  EXPECT_EQ(batch.rows[0].attributes.range.size(), 4u);
}

TEST(Workload, SendersHaveSeriesOfTheirOwn) {
  const auto first_host = [](int sender) {
    Batch batch;
    const std::string body = encode(small_request(sender));
    EXPECT_TRUE(decode(body, batch));
    return testing::see(batch)[0].resource[3].value;
  };
  EXPECT_NE(first_host(0), first_host(1));
}

// A gauge and a sum, each with a double and an int.
Request mixed() {
  const DataPoint number{.start_ns = 1, .time_ns = 1, .value = 0.0};
  const DataPoint integer{.start_ns = 1, .time_ns = 1, .value = std::int64_t{0}};
  const Metric gauge{.name = "gauge", .points = {number, integer}};
  const Metric sum{.name = "sum", .type = MetricType::sum, .points = {integer, number}};
  return {{{.scopes = {{.metrics = {gauge, sum}}}}}};
}

TEST(Workload, AdvancingSetsGaugesAndAddsToSums) {
  Workload workload(mixed());
  workload.advance({10}, {20}, 3);
  workload.advance({10}, {30}, 2.5);
  Batch batch;
  ASSERT_TRUE(decode(workload.bytes(), batch));
  std::vector<std::string> values;
  for (const auto& seen : testing::see(batch)) {
    EXPECT_EQ(seen.start_ns, 10);
    EXPECT_EQ(seen.time_ns, 30);
    values.push_back(seen.metric + " " + seen.value);
  }
  EXPECT_EQ(values, (std::vector<std::string>{"gauge double 4004000000000000", "gauge int 3",
                                              "sum int 6", "sum double 4016000000000000"}));
}

TEST(Latencies, QuantilesAreWithinABucket) {
  Latencies latencies;
  EXPECT_EQ(latencies.quantile(0.5), 0ns);
  for (int ms = 1; ms <= 1000; ++ms) latencies.add(std::chrono::milliseconds(ms));
  const auto near = [&](double q, Duration want) {
    const Duration got = latencies.quantile(q);
    EXPECT_LE(got, want);
    EXPECT_GE(got, want - want / 64);
  };
  near(0.5, 500ms);
  near(0.99, 990ms);
  near(1, 1000ms);
}

TEST(Latencies, TakeEveryDuration) {
  Latencies latencies;
  latencies.add(Duration::min());
  EXPECT_EQ(latencies.quantile(1), 0ns);
  latencies.add(63ns);
  EXPECT_EQ(latencies.quantile(1), 63ns);
  latencies.add(Duration::max());
  EXPECT_GE(latencies.quantile(1), Duration::max() - Duration::max() / 64);
}

}  // namespace
}  // namespace otlp
