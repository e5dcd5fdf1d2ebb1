#include "server/external_scaler_messages.h"

#include <gtest/gtest.h>

#include <limits>

#include "proto/reader.h"
#include "proto/writer.h"

namespace server {
namespace {

const ScaledObjectRef object{
    .name = "mail", .ns = "shop", .metadata = {{"metricQuery", "a"}, {"targetValue", "5"}}};

TEST(ExternalScalerMessages, ReadWhatTheyWrite) {
  EXPECT_EQ(decode_object(encode(object)), object);
  EXPECT_EQ(decode_object(""), ScaledObjectRef{});
  const MetricsRequest request{.object = object, .metric_name = "s0-shop-mail"};
  EXPECT_EQ(decode_metrics_request(encode(request)), request);
}

TEST(ExternalScalerMessages, SkipWhatTheyDoNotKnow) {
  std::string bytes = encode(object);
  proto::Writer out(bytes);
  out.uint64(9, 300);
  out.float64(10, 1.5);
  out.text(11, "later");
  EXPECT_EQ(decode_object(bytes), object);
}

TEST(ExternalScalerMessages, KeepTheLastOfTwoEqualKeys) {
  std::string bytes = encode(object);
  proto::Writer(bytes).message(3, [](proto::Writer& entry) {
    entry.text(1, "targetValue");
    entry.text(2, "7");
  });
  EXPECT_EQ(decode_object(bytes)->metadata.at("targetValue"), "7");
}

TEST(ExternalScalerMessages, RefuseWhatIsNotTheMessage) {
  const std::string whole = encode(object);
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    const auto decoded = decode_object(whole.substr(0, cut));
    // Some cuts fall between two fields.
    if (!decoded) EXPECT_EQ(decoded.error().code, Code::invalid);
  }
  for (const std::string bytes : {"\x08\x05",
                                  "\x0a\x05"
                                  "ab",
                                  "\x0a\x01\xff", "\x1a\x02\x0a\x05", "\xff\xff\xff"}) {
    EXPECT_EQ(decode_object(bytes).error().code, Code::invalid);
  }
  EXPECT_EQ(decode_metrics_request("\x0a\x02\x0a\x05").error().code, Code::invalid);
}

TEST(ExternalScalerMessages, BoundTheMetadata) {
  ScaledObjectRef large;
  for (std::size_t i = 0; i <= metadata_entries_max; ++i)
    large.metadata.emplace(std::to_string(i), "x");
  const auto decoded = decode_object(encode(large));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().what, "scalerMetadata: too many entries");
}

std::int64_t integer_of(double value) {
  const std::string bytes = encode(MetricValue{.metric_name = "x", .value = value});
  proto::Reader outer(bytes);
  if (!outer.next()) return -1;
  proto::Reader number = outer.message();
  while (number.next()) {
    if (number.field() == 2) return number.int64();
  }
  return -1;
}

TEST(ExternalScalerMessages, RoundIntegersUpWithinBounds) {
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  struct Case {
    double value;
    std::int64_t want;
  };
  const Case cases[] = {{0, 0},
                        {2.1, 3},
                        {-2.9, -2},
                        {5, 5},
                        {1e18, 1'000'000'000'000'000'000},
                        {1e300, max},
                        {-1e300, min},
                        {std::numeric_limits<double>::infinity(), max},
                        {std::numeric_limits<double>::quiet_NaN(), 0}};
  for (const auto& c : cases) EXPECT_EQ(integer_of(c.value), c.want) << c.value;
}

}  // namespace
}  // namespace server
