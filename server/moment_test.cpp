#include "server/moment.h"

#include <gtest/gtest.h>

namespace server {
namespace {

constexpr Timestamp now{1'800'000'000'000'000'000};

TEST(Moment, IsReadAsPeopleSayIt) {
  struct Case {
    const char* text;
    Timestamp wanted;
  };
  const Case cases[] = {
      {"2027-01-15T08:00:00Z", now},
      {"2027-01-15T09:00:00.5+01:00", now + std::chrono::milliseconds(500)},
      {"10m", now - std::chrono::minutes(10)},
      {"1h30m", now - std::chrono::minutes(90)},
      {"0", now},
      {"@1800000000", now},
      {"@0", {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto moment = parse_moment("at", c.text, now);
    ASSERT_TRUE(moment) << moment.error().what;
    EXPECT_EQ(*moment, c.wanted);
  }
}

TEST(Moment, IsRefusedWhenItIsNone) {
  for (const char* text : {"", "yesterday", "-10m", "1800000000", "@", "@-1", "@1.5", "@9223372037",
                           "2027-13-01T08:00:00Z", "2027-01-15"}) {
    SCOPED_TRACE(text);
    const auto moment = parse_moment("at", text, now);
    ASSERT_FALSE(moment);
    EXPECT_EQ(moment.error().code, Code::invalid);
    EXPECT_TRUE(moment.error().what.starts_with("at: ")) << moment.error().what;
  }
}

}  // namespace
}  // namespace server
