#include "base/base64.h"

#include <gtest/gtest.h>

#include <optional>

namespace base {
namespace {

TEST(Base64, EncodesAndDecodes) {
  struct Case {
    std::string_view bytes;
    std::string_view text;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {{"", ""},        {"f", "Zg=="},          {"fo", "Zm8="},
                        {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}, {"\0\xff\xfe"sv, "AP/+"}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(encode_base64(c.bytes), c.text);
    EXPECT_EQ(decode_base64(c.text), c.bytes);
  }
}

TEST(Base64, TakesBothAlphabetsAndForgivesPadding) {
  EXPECT_EQ(decode_base64("AP_-"), decode_base64("AP/+"));
  EXPECT_EQ(decode_base64("Zg"), "f");
  for (const char* text : {"Z", "Zg=a", "Zm 8", "=", "Zg==="}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(decode_base64(text));
  }
}

}  // namespace
}  // namespace base
