#include "proto/reader.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "proto/writer.h"

namespace proto {
namespace {

using namespace std::string_literals;

TEST(Reader, ReadsBackWhatTheWriterWrote) {
  std::string bytes;
  Writer out(bytes);
  out.uint64(1, std::numeric_limits<std::uint64_t>::max());
  out.int64(2, std::numeric_limits<std::int64_t>::min());
  out.int32(3, -1);
  out.boolean(4, true);
  out.fixed64(5, 1'800'000'000'000'000'000);
  out.sfixed64(6, -7);
  out.float64(7, -0.5);
  out.text(8, "größer");
  out.message(9, [](Writer& inner) { inner.uint64(1, 300); });

  Reader in(bytes);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.field(), 1u);
  EXPECT_EQ(in.uint64(), std::numeric_limits<std::uint64_t>::max());
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.int64(), std::numeric_limits<std::int64_t>::min());
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.int32(), -1);
  ASSERT_TRUE(in.next());
  EXPECT_TRUE(in.boolean());
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.fixed64(), 1'800'000'000'000'000'000u);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.sfixed64(), -7);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.float64(), -0.5);
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.text(), "größer");
  ASSERT_TRUE(in.next());
  Reader inner = in.message();
  ASSERT_TRUE(inner.next());
  EXPECT_EQ(inner.uint64(), 300u);
  EXPECT_FALSE(in.next());
  EXPECT_TRUE(in.finish());
}

TEST(Writer, WritesMessagesWithoutFields) {
  std::string bytes;
  Writer(bytes).message(1, [](Writer& inner) { inner.message(2, [](Writer&) {}); });
  EXPECT_EQ(bytes, "\x0a\x02\x12\x00"s);
}

TEST(Reader, SkipsFieldsThatNobodyReads) {
  const std::string bytes = "\x08\x80\x01\x11zzzzzzzz\x1a\x02hi\x25zzzz\x28\x07"s;
  Reader in(bytes);
  std::vector<std::uint32_t> fields;
  while (in.next()) fields.push_back(in.field());
  EXPECT_EQ(fields, (std::vector<std::uint32_t>{1, 2, 3, 4, 5}));
  EXPECT_TRUE(in.finish());
}

struct Damage {
  const char* name;
  std::string bytes;
  const char* want;
};

const Damage damages[] = {
    {"tag cut in the middle", "\x88"s, "field 0: cut short"},
    {"varint cut in the middle", "\x08\x80"s, "field 1: cut short"},
    {"no value after the tag", "\x10"s, "field 2: cut short"},
    {"fixed64 cut short", "\x11zzzzzzz"s, "field 2: cut short"},
    {"fixed32 cut short", "\x15zzz"s, "field 2: cut short"},
    {"length past the end", "\x1a\x03hi"s, "field 3: cut short"},
    {"length of 2^32+2 is not 2", "\x1a\x82\x80\x80\x80\x10hi"s, "field 3: cut short"},
    {"length of 2^64-1", "\x1a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01hi"s, "field 3: cut short"},
    {"varint of eleven bytes", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"s,
     "field 1: integer of more than 64 bits"},
    {"field number zero", "\x08\x01\x00\x01"s,
     "field 1: followed by a field number that cannot be"},
    {"field number past 2^29", "\x80\x80\x80\x80\x10\x01"s,
     "field 0: followed by a field number that cannot be"},
    {"group start", "\x0b\x0c"s, "field 1: of an unknown wire type"},
    {"wire type 6", "\x0e\x01"s, "field 1: of an unknown wire type"},
};

TEST(Reader, NamesTheDamageOfASkippedField) {
  for (const Damage& c : damages) {
    SCOPED_TRACE(c.name);
    Reader in(c.bytes);
    while (in.next()) {
    }
    const auto finished = in.finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error(), (Error{Code::invalid, c.want}));
  }
}

TEST(Reader, RefusesAWireTypeThatDoesNotFit) {
  Reader in("\x08\x01");
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.text(), "");
  EXPECT_FALSE(in.next());
  EXPECT_EQ(in.finish().error().what, "field 1: of the wrong wire type");
}

TEST(Reader, RefusesTextThatIsNotUtf8) {
  Reader in("\x0a\x02\xc3\x28");
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.text(), "");
  EXPECT_EQ(in.finish().error().what, "field 1: not UTF-8");
}

TEST(Reader, BytesMayBeAnything) {
  Reader in("\x0a\x02\xc3\x28");
  ASSERT_TRUE(in.next());
  EXPECT_EQ(in.bytes(), "\xc3\x28");
  EXPECT_TRUE(in.finish());
}

TEST(Reader, EndsAtTheNestingLimit) {
  const std::string bytes = "\x0a\x02\x0a\x00"s;
  Reader in(bytes, 1);
  ASSERT_TRUE(in.next());
  Reader inner = in.message();
  ASSERT_TRUE(inner.next());
  inner.message();
  EXPECT_TRUE(in.finish());
  EXPECT_EQ(inner.finish().error().what, "field 1: nested too deep");
}

TEST(Reader, KeepsTheFirstProblem) {
  Reader in("\x08\x01\x1a\x7f");
  ASSERT_TRUE(in.next());
  in.fixed64();
  EXPECT_FALSE(in.next());
  EXPECT_FALSE(in.next());
  EXPECT_EQ(in.finish().error().what, "field 1: of the wrong wire type");
}

}  // namespace
}  // namespace proto
