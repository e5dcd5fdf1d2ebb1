#include "json/packed.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace json {
namespace {

constexpr std::array<std::string_view, 3> words = {"at", "kind", "max"};

std::string packed(const Value& value) {
  std::string out;
  pack(value, words, out);
  return out;
}

Value parsed(std::string_view text) {
  return parse(text).value();
}

// The number 1 in so many arrays.
std::string nested(int levels) {
  std::string bytes;
  for (int i = 0; i < levels; ++i) bytes += "\x06\x01";
  return bytes + "\x41";
}

TEST(Packed, TakesFewBytes) {
  struct Case {
    const char* name;
    const char* text;
    std::size_t bytes;
  };
  const Case cases[] = {
      {"null", "null", 1},
      {"a flag", "true", 1},
      {"a small integer", "63", 1},
      {"a larger integer", "64", 3},
      {"a negative integer", "-1", 2},
      {"a word", R"("max")", 1},
      {"another string", R"("none")", 6},
      {"a time of ours", R"("2027-01-15T08:00:00.000000001Z")", 9},
      {"another time is a string", R"("2027-01-15T08:00:00Z")", 22},
      {"a time that does not exist is a string", R"("2027-02-31T08:00:00.000000000Z")", 32},
      {"the last day of a month", R"("2027-01-31T08:00:00.000000001Z")", 9},
      {"a leap second is a string", R"("2027-01-15T08:00:60.000000000Z")", 32},
      {"an offset is a string", R"("2027-01-15T08:00:00.0000+01:00")", 32},
      {"an object", R"({"kind":"max","at":1})", 6},
      {"an array", "[1,2,3]", 5},
      {"a number", "0.5", 9},
      {"the largest integer", "18446744073709551615", 11},
      {"the smallest integer", "-9223372036854775808", 11},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Value value = parsed(c.text);
    const std::string bytes = packed(value);
    EXPECT_EQ(bytes.size(), c.bytes);
    const auto back = unpack(bytes, words);
    ASSERT_TRUE(back) << back.error().what;
    EXPECT_EQ(print(*back), print(value));
  }
}

TEST(Packed, KeepsDoublesExactly) {
  for (const double v : {0.0, -0.0, 42.0, -42.0, 0.1, 1e15, -1e300, 5e-324}) {
    const auto back = unpack(packed(v), words);
    ASSERT_TRUE(back && back->is_double()) << v;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(back->get_double()), std::bit_cast<std::uint64_t>(v));
  }
  EXPECT_EQ(packed(42.0).size(), 2u);
  EXPECT_EQ(packed(std::numeric_limits<double>::infinity()), packed(nullptr));
}

TEST(Packed, RefusesWhatItNeverWrote) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* wanted;
  };
  const Case cases[] = {
      {"nothing", "", "cut short at byte 0"},
      {"an unknown tag", "\x20", "unknown tag at byte 1"},
      {"half a double", std::string("\x04\0\0", 3), "cut short at byte 1"},
      {"a string that ends early", "\x05\x04no", "cut short at byte 2"},
      {"an array of more than there is", "\x06\x7f", "cut short at byte 2"},
      {"a key that is a number", "\x07\x01\x41\x41", "a key that is no string"},
      {"a word that is none", "\x83", "a word that the dictionary lacks"},
      {"an endless varint", std::string(12, '\xff').replace(0, 1, "\x03"), "a varint too long"},
      {"two values", "\x41\x41", "bytes after the value at byte 1"},
      {"a NaN", std::string("\x04\0\0\0\0\0\0\xf8\x7f", 9), "a number that is none"},
      {"deep nesting", nested(100), "nested too deep"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto value = unpack(c.bytes, words);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, Code::bad_data);
    EXPECT_NE(value.error().what.find(c.wanted), std::string::npos) << value.error().what;
  }
}

}  // namespace
}  // namespace json
