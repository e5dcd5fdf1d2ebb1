#include "proto/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace proto {
namespace {

using namespace std::string_literals;

struct Case {
  const char* name;
  std::string bytes;
  bool want;
};

const Case cases[] = {
    {"empty", "", true},
    {"ASCII longer than a word", "the quick brown fox", true},
    {"NUL is a character", "a\0b"s, true},
    {"two, three and four bytes", "ä€😀", true},
    {"behind a word of ASCII", "12345678ä", true},
    {"largest code point", "\xf4\x8f\xbf\xbf", true},
    {"lonely continuation", "\x80", false},
    {"cut short after ASCII", "12345678\xc3", false},
    {"overlong two bytes", "\xc0\xaf", false},
    {"overlong three bytes", "\xe0\x9f\xbf", false},
    {"overlong four bytes", "\xf0\x8f\xbf\xbf", false},
    {"surrogate", "\xed\xa0\x80", false},
    {"past U+10FFFF", "\xf4\x90\x80\x80", false},
    {"byte that never occurs", "\xff", false},
    {"bad third byte", "\xe2\x82\x28", false},
};

TEST(Utf8, AcceptsWellFormedTextOnly) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(is_utf8(c.bytes), c.want);
  }
}

}  // namespace
}  // namespace proto
