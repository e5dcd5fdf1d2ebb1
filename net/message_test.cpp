#include "net/message.h"

#include <gtest/gtest.h>

namespace net::http {
namespace {

TEST(PercentDecode, DecodesOrRefuses) {
  struct Case {
    const char* name;
    const char* text;
    bool plus_is_space;
    Result<std::string> want;
  };
  const Error bad{Code::invalid, "bad percent-encoding"};
  const Case cases[] = {
      {"plain", "abc", false, "abc"},
      {"empty", "", false, ""},
      {"a byte", "a%20b", false, "a b"},
      {"either case", "%2f%2F", false, "//"},
      {"utf-8", "h%C3%A4", false, "hä"},
      {"at the end", "x%41", false, "xA"},
      {"plus stays", "a+b", false, "a+b"},
      {"plus is a space", "a+b", true, "a b"},
      {"no digits", "%", false, std::unexpected(bad)},
      {"one digit", "%4", false, std::unexpected(bad)},
      {"not a digit", "%4g", false, std::unexpected(bad)},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(percent_decode(c.text, c.plus_is_space), c.want);
  }
}

TEST(PercentEncode, IsUndoneByDecoding) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  const std::string encoded = percent_encode(every_byte, "/ ");
  EXPECT_TRUE(encoded.contains('/'));
  EXPECT_TRUE(encoded.contains("%25"));
  EXPECT_EQ(percent_decode(encoded, false), every_byte);
}

TEST(Headers, FindsTheFirstFieldWithoutCase) {
  const Headers headers{{"Content-Type", "a"}, {"X", "1"}, {"content-type", "b"}};
  EXPECT_EQ(headers.find("CONTENT-TYPE"), "a");
  EXPECT_EQ(headers.find("x"), "1");
  EXPECT_EQ(headers.find("content"), std::nullopt);
}

TEST(Request, DecodesQueryParameters) {
  const Request request{.query = "a=1&b=x%20y+z&empty=&flag&a=2&bad=%zz&=nameless"};
  struct Case {
    const char* name;
    std::optional<std::string> want;
  };
  const Case cases[] = {
      {"a", "1"},          {"b", "x y z"},   {"empty", ""}, {"flag", ""}, {"bad", std::nullopt},
      {"c", std::nullopt}, {"", "nameless"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(request.parameter(c.name), c.want);
  }
}

TEST(Reason, KnowsWhatWeSend) {
  EXPECT_EQ(reason(200), "OK");
  EXPECT_EQ(reason(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason(299), "");
}

}  // namespace
}  // namespace net::http
