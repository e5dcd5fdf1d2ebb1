#include "base/time.h"

#include <gtest/gtest.h>

namespace base {
namespace {

using namespace std::chrono_literals;

TEST(ParseDuration, ReadsGoDurations) {
  struct Case {
    const char* text;
    std::optional<Duration> want;
  };
  const Case cases[] = {
      {"0", 0s},        {"30s", 30s}, {"5m", 5min},     {"1h30m", 90min}, {"1.5h", 90min},
      {"300ms", 300ms}, {"-2s", -2s}, {"250us", 250us}, {"7ns", 7ns},     {"", {}},
      {"s", {}},        {"5", {}},    {"5 s", {}},      {"1e3s", {}},     {"5d", {}},
      {"--5s", {}},     {"inf", {}},  {"nans", {}},     {"1h-5m", {}},    {"99999999999h", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_duration(c.text);
    EXPECT_EQ(got.has_value(), c.want.has_value());
    if (got && c.want) EXPECT_EQ(*got, *c.want);
  }
}

TEST(FormatDuration, KeepsTwoUnits) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(350ms), "350ms");
  EXPECT_EQ(format_duration(1500ms), "1.5s");
  EXPECT_EQ(format_duration(12s), "12s");
  EXPECT_EQ(format_duration(90s), "1m30s");
  EXPECT_EQ(format_duration(2h), "2h");
  EXPECT_EQ(format_duration(-5s), "-5s");
}

TEST(ParseTime, ReadsRfc3339AndRejectsTheRest) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z"), Timestamp{0});
  EXPECT_EQ(parse_time("2026-02-01T10:20:30.5Z"), Timestamp{1769941230500000000});
  EXPECT_EQ(parse_time("2026-02-01T12:20:30+02:00"), Timestamp{1769941230000000000});
  EXPECT_EQ(parse_time("2028-02-29T00:00:00Z"), Timestamp{1835395200000000000});
  EXPECT_EQ(parse_time("2000-02-29T00:00:00Z"), Timestamp{951782400000000000});
  for (const char* bad : {"", "2026-02-01", "2026-13-01T00:00:00Z", "2026-02-01T25:00:00Z",
                          "2026-02-01T10:20:30", "2026-02-01T10:20:30Zx", "-026-02-01T10:20:30Z",
                          "8055-01-12T13:50:00Z", "0001-01-01T00:00:00Z", "2027-02-31T00:00:00Z",
                          "2027-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2027-04-31T00:00:00Z",
                          "2027-01-32T00:00:00Z", "2027-01-00T00:00:00Z"}) {
    EXPECT_FALSE(parse_time(bad)) << bad;
  }
}

TEST(FormatTime, RoundTrips) {
  const Timestamp t{1769941230123456789};
  EXPECT_EQ(format_time(t), "2026-02-01T10:20:30Z");
  EXPECT_EQ(format_time_ns(t), "2026-02-01T10:20:30.123456789Z");
  EXPECT_EQ(parse_time(format_time_ns(t)), t);
}

}  // namespace
}  // namespace base
