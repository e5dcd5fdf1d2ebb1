#include "net/address.h"

#include <gtest/gtest.h>

namespace net {
namespace {

TEST(ParseAddress, ReadsWhatPeopleWrite) {
  struct Case {
    const char* text;
    Address want;
  };
  const Case cases[] = {
      {"localhost", {"localhost", 80}},
      {"localhost:4317", {"localhost", 4317}},
      {"127.0.0.1:1", {"127.0.0.1", 1}},
      {"[::1]:4317", {"::1", 4317}},
      {"[::1]", {"::1", 80}},
      {"http://keda.svc:9090", {"keda.svc", 9090}},
      {"http://keda.svc/", {"keda.svc", 80}},
      {"keda.svc:0", {"keda.svc", 0}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(parse_address(c.text, 80), c.want);
  }
}

TEST(ParseAddress, RefusesTheRest) {
  const char* cases[] = {"",         ":80",      "host:",   "host:x",     "host:65536", "host:-1",
                         "::1",      "[::1",     "[::1]80", "[]:80",      "https://h",  "h/path",
                         "u@host:1", "host: 80", "http://", "ftp://h:21", "h?x:1"};
  for (const char* text : cases) {
    SCOPED_TRACE(text);
    const auto got = parse_address(text, 80);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::invalid);
    EXPECT_TRUE(got.error().what.starts_with('"'));
  }
}

TEST(Address, PrintsWithBracketsWhereNeeded) {
  EXPECT_EQ(to_string({"::1", 80}), "[::1]:80");
  EXPECT_EQ(to_string({"a", 80}), "a:80");
}

}  // namespace
}  // namespace net
