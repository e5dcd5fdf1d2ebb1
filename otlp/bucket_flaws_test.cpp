// What becomes of a histogram, by what is in it; the table of otlp/README.md.

#include "otlp/bucket_flaws.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/testing/fake_clock.h"
#include "otlp/decode.h"
#include "otlp/encode.h"
#include "otlp/fields.h"
#include "otlp/receiver.h"
#include "otlp/testing/seen.h"
#include "proto/reader.h"
#include "proto/writer.h"

namespace otlp {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

Request request_of(MetricType type, const DataPoint& point) {
  return {{{.scopes = {{.metrics = {{.name = "h",
                                     .type = type,
                                     .temporality = tsdb::Temporality::cumulative,
                                     .points = {point}}}}}}}};
}

DataPoint with_bounds(std::uint64_t count, std::vector<double> bounds,
                      std::vector<std::uint64_t> counts) {
  DataPoint point{.time_ns = 5, .count = count, .sum = 1.5};
  point.bounds = std::move(bounds);
  point.counts = std::move(counts);
  return point;
}

struct Scaled {
  std::int32_t scale = 0;
  std::uint64_t zeros = 0;
  double threshold = 0;
  ExponentialBuckets positive = {};
  ExponentialBuckets negative = {};
};

DataPoint with_scale(std::uint64_t count, Scaled scaled) {
  DataPoint point{.time_ns = 5, .count = count, .sum = 1.5};
  point.scale = scaled.scale;
  point.zero_count = scaled.zeros;
  point.zero_threshold = scaled.threshold;
  point.positive = std::move(scaled.positive);
  point.negative = std::move(scaled.negative);
  return point;
}

struct Case {
  const char* name;
  MetricType type;
  DataPoint point;
  std::optional<Flaw> flaw = std::nullopt;
  bool kept = true;  // with its buckets
};

std::vector<Case> cases() {
  constexpr auto bounded = MetricType::histogram;
  constexpr auto scaled = MetricType::exponential_histogram;
  constexpr auto last = std::numeric_limits<std::int32_t>::max();
  std::vector<double> many;
  for (std::size_t i = 0; i <= bounds_max; ++i) many.push_back(static_cast<double>(i));
  DataPoint ended = with_bounds(9, {2, 1}, {1});
  ended.no_recorded_value = true;
  return {
      {"sound", bounded, with_bounds(6, {1, 2}, {1, 2, 3})},
      {"no counts in a bucket", bounded, with_bounds(0, {1, 2}, {0, 0, 0})},
      {"infinite bounds", bounded, with_bounds(6, {-infinity, infinity}, {1, 2, 3})},
      {"one bucket", bounded, with_bounds(6, {}, {6})},
      {"no buckets", bounded, with_bounds(6, {}, {}), std::nullopt, false},
      {"without a value", bounded, ended, std::nullopt, false},
      {"as many buckets as bounds", bounded, with_bounds(3, {1, 2}, {1, 2}), Flaw::number, false},
      {"bounds alone", bounded, with_bounds(3, {1, 2}, {}), Flaw::number, false},
      {"buckets without bounds", bounded, with_bounds(3, {}, {1, 2}), Flaw::number, false},
      {"bounds that descend", bounded, with_bounds(6, {2, 1}, {1, 2, 3}), Flaw::bounds, false},
      {"equal bounds", bounded, with_bounds(6, {1, 1}, {1, 2, 3}), Flaw::bounds, false},
      {"a bound that is no number", bounded, with_bounds(3, {nan}, {1, 2}), Flaw::bounds, false},
      {"one among others", bounded, with_bounds(6, {1, nan}, {1, 2, 3}), Flaw::bounds, false},
      {"too many bounds", bounded,
       with_bounds(0, many, std::vector<std::uint64_t>(many.size() + 1)), Flaw::many_bounds, false},
      {"less than the count", bounded, with_bounds(7, {1, 2}, {1, 2, 3}), Flaw::total, false},
      {"more than the count", bounded, with_bounds(5, {1, 2}, {1, 2, 3}), Flaw::total, false},
      {"a total beyond 64 bits", bounded, with_bounds(1, {1}, {most, 2}), Flaw::total, false},
      {"scaled", scaled, with_scale(9, {.scale = 3, .zeros = 2, .positive = {-5, {3, 0, 4}}})},
      {"scaled without buckets", scaled, with_scale(3, {}), std::nullopt, false},
      {"nothing observed", scaled, with_scale(0, {})},
      {"the coarsest scale", scaled, with_scale(1, {.scale = -11, .positive = {0, {1}}})},
      {"the finest scale", scaled, with_scale(1, {.scale = 21, .negative = {-7, {1}}})},
      {"scales nobody uses", scaled,
       with_scale(1, {.scale = std::numeric_limits<std::int32_t>::min(), .positive = {0, {1}}})},
      {"up to the last index", scaled, with_scale(2, {.positive = {last - 1, {1, 1}}})},
      {"beyond the last index", scaled, with_scale(3, {.positive = {last - 1, {1, 1, 1}}}),
       Flaw::offset, false},
      {"negative ones beyond it", scaled, with_scale(2, {.negative = {last, {1, 1}}}), Flaw::offset,
       false},
      {"zeros are not counted", scaled, with_scale(3, {.zeros = 2, .positive = {0, {3}}}),
       Flaw::total, false},
      {"a negative width", scaled, with_scale(0, {.threshold = -1}), Flaw::zero_threshold, false},
      {"a width that is no number", scaled, with_scale(0, {.threshold = nan}), Flaw::zero_threshold,
       false},
      {"an endless width", scaled, with_scale(0, {.threshold = infinity}), Flaw::zero_threshold,
       false},
  };
}

TEST(BucketFlaws, CostTheBucketsAndNothingElse) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Request request = request_of(c.type, c.point);
    const std::string bytes = encode(request);
    const std::string text = encode_json(request);
    Batch from_bytes;
    Batch from_text;
    Batch digested;
    ASSERT_TRUE(decode(bytes, from_bytes));
    const auto decoded = decode_json(text, from_text);
    ASSERT_TRUE(decoded) << decoded.error().what;
    ASSERT_TRUE(digest(bytes, digested, tsdb::Hasher(1)));
    for (const Batch* batch : {&from_bytes, &from_text, &digested}) {
      ASSERT_EQ(batch->rows.size(), 2u) << "count and sum";
      EXPECT_EQ(batch->histogram_of(batch->metrics[0], 0).has_value(), c.kept);
      for (const FlawRow& row : flaw_rows) {
        EXPECT_EQ(batch->flawed[static_cast<std::size_t>(row.flaw)], c.flaw == row.flaw ? 1u : 0u)
            << row.label;
      }
    }
    EXPECT_EQ(testing::see(from_bytes), testing::see(from_text));
  }
}

// Fields that other senders write one by one, or in several runs.
TEST(BucketFlaws, RepeatedFieldsNeedNotBePacked) {
  const auto request = [](std::uint32_t type, auto fill) {
    std::string bytes;
    proto::Writer(bytes).message(1, [&](proto::Writer& resource) {
      resource.message(2, [&](proto::Writer& scope) {
        scope.message(2, [&](proto::Writer& metric) {
          metric.message(type, [&](proto::Writer& data) { data.message(1, fill); });
        });
      });
    });
    return bytes;
  };
  const std::string bounded = request(field::metric::histogram, [](proto::Writer& point) {
    point.fixed64(field::distribution::count, 6);
    point.float64(7, 1);
    point.fixed64(6, 1);
    point.packed_fixed64(6, {2, 3});
    point.float64(7, 2);
  });
  const std::string scaled =
      request(field::metric::exponential_histogram, [](proto::Writer& point) {
        point.fixed64(field::distribution::count, 10);
        point.message(8, [](proto::Writer& buckets) { buckets.uint64(2, 1); });
        point.message(9, [](proto::Writer& buckets) { buckets.packed_uint64(2, {4}); });
        point.message(8, [](proto::Writer& buckets) {
          buckets.uint64(2, 300 - 298);
          buckets.packed_uint64(2, {3});
          buckets.sint32(1, -7);
        });
      });
  Batch batch;
  ASSERT_TRUE(decode(bounded, batch));
  EXPECT_EQ(testing::see(batch)[0].histogram, "count 6 bounds 1 2 counts 1 2 3");
  ASSERT_TRUE(decode(scaled, batch));
  EXPECT_EQ(testing::see(batch)[0].histogram,
            "count 10 scale 0 zeros 0 within 0 positive -7 counts 1 2 3 negative 0 counts 4");
}

// What is no number of its field is no request, as in all of protobuf's JSON.
TEST(BucketFlaws, JsonThatIsNoNumberIsAnErrorByName) {
  struct Wrong {
    const char* type;
    const char* members;
    const char* want;
  };
  const Wrong wrong[] = {
      {"histogram", R"("count":-1)", "count: not an integer of its range"},
      {"histogram", R"("count":"1","bucketCounts":["1",-1])",
       "bucketCounts: not an integer of its range"},
      {"histogram", R"("bucketCounts":3)", "bucketCounts: not a list"},
      {"histogram", R"("explicitBounds":["x"])", "explicitBounds: not a number"},
      {"histogram", R"("exemplars":{})", "exemplars: not a list"},
      {"exponentialHistogram", R"("scale":2147483648)", "scale: not within 32 bits"},
      {"exponentialHistogram", R"("positive":{"offset":"-2147483649"})",
       "offset: not within 32 bits"},
      {"exponentialHistogram", R"("negative":[])", "negative: not an object"},
      {"exponentialHistogram", R"("zeroCount":-3)", "zeroCount: not an integer of its range"},
  };
  for (const Wrong& c : wrong) {
    SCOPED_TRACE(c.members);
    const std::string body =
        std::string(R"({"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"h",")") + c.type +
        R"(":{"dataPoints":[{)" + c.members + "}]}}]}]}]}";
    Batch batch;
    const auto decoded = decode_json(body, batch);
    ASSERT_FALSE(decoded);
    EXPECT_THAT(decoded.error().what, HasSubstr(c.want));
  }
}

TEST(BucketFlaws, AreToldToTheSenderAndCounted) {
  base::metrics::Registry metrics;
  base::testing::FakeClock clock;
  tsdb::Store store({}, Log{}, metrics);
  Receiver receiver(store, clock, Log{}, metrics);
  Request request = request_of(MetricType::histogram, with_bounds(6, {2, 1}, {1, 2, 3}));
  auto& points = request.resources[0].scopes[0].metrics[0].points;
  points[0].time_ns = static_cast<std::uint64_t>(clock.now().ns);
  points.push_back(points[0]);
  points[1].bounds = {1, 2};
  points[1].attributes = {{"k", {std::string("v")}}};
  points[1].exemplars = 3;
  EXPECT_EQ(receiver.receive(encode_json(request), Encoding::json),
            R"({"partialSuccess":{"rejectedDataPoints":"0","errorMessage":)"
            R"("1 histogram without its buckets: 1 with bounds that do not ascend"}})");
  const auto answer = receiver.receive(encode(request), Encoding::protobuf);
  ASSERT_TRUE(answer);
  proto::Reader response(*answer);
  ASSERT_TRUE(response.next());
  proto::Reader partial = response.message();
  ASSERT_TRUE(partial.next());
  EXPECT_EQ(partial.field(), field::partial_success::error_message) << "nothing was rejected";
  const std::string shown = metrics.render();
  EXPECT_THAT(shown, HasSubstr(R"(tidewheel_otlp_buckets_dropped_total{reason="bounds"} 2)"));
  EXPECT_THAT(shown, HasSubstr("tidewheel_otlp_points_accepted_total 4"));
  EXPECT_THAT(shown, HasSubstr("tidewheel_otlp_exemplars_total 6"));
  const auto query = tsdb::parse_metric_query("h");
  const auto rows = store.histograms(*query, std::nullopt, clock.now(), 10);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].labels, (tsdb::Labels{{"k", "v"}}));
}

}  // namespace
}  // namespace otlp
