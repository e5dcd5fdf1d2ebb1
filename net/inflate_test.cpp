#include "net/inflate.h"

#include <gtest/gtest.h>

#include "net/testing/deflate.h"

namespace net {
namespace {

using testing::compress;

constexpr std::size_t mega = 1u << 20;

std::string sample(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += std::to_string(text.size() * 7919) + " ";
  text.resize(bytes);
  return text;
}

TEST(Inflate, UndoesEveryCoding) {
  for (const std::size_t size : {0u, 1u, 100u, 100'000u, 1u << 20}) {
    const std::string text = sample(size);
    SCOPED_TRACE(size);
    EXPECT_EQ(inflate(Coding::identity, text, mega), text);
    EXPECT_EQ(inflate(Coding::gzip, compress(Coding::gzip, text), mega), text);
    EXPECT_EQ(inflate(Coding::deflate, compress(Coding::deflate, text), mega), text);
    EXPECT_EQ(inflate(Coding::deflate, testing::compress_raw(text), mega), text);
  }
}

TEST(Inflate, TakesSeveralGzipMembers) {
  const std::string text = sample(50'000);
  const std::string members =
      compress(Coding::gzip, text) + compress(Coding::gzip, "") + compress(Coding::gzip, "x");
  EXPECT_EQ(inflate(Coding::gzip, members, mega), text + "x");
}

TEST(Inflate, StopsAtItsBound) {
  const std::string bomb = compress(Coding::gzip, std::string(16 * mega, '\0'));
  const auto got = inflate(Coding::gzip, bomb, mega);
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error(), (Error{Code::exhausted, "more than 1048576 bytes after decompression"}));
  EXPECT_TRUE(inflate(Coding::gzip, compress(Coding::gzip, std::string(mega, '\0')), mega));
  EXPECT_FALSE(inflate(Coding::gzip, compress(Coding::gzip, std::string(mega + 1, '\0')), mega));
  EXPECT_FALSE(inflate(Coding::identity, std::string(11, 'x'), 10));
}

TEST(Inflate, RefusesDamage) {
  const std::string whole = compress(Coding::gzip, sample(1000));
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 0x10;
  std::string bad_sum = whole;
  bad_sum[whole.size() - 5] ^= 1;
  std::string bad_size = whole;
  bad_size.back() = '\x7f';
  const std::string cases[] = {"",
                               "x",
                               whole.substr(0, 10),
                               whole.substr(0, whole.size() - 1),
                               whole + "x",
                               flipped,
                               bad_sum,
                               bad_size,
                               "plain text, not compressed at all"};
  for (const std::string& bytes : cases) {
    const auto got = inflate(Coding::gzip, bytes, mega);
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, Code::invalid);
  }
  EXPECT_FALSE(inflate(Coding::deflate, compress(Coding::deflate, "x") + "y", mega));
}

TEST(ParseCoding, KnowsTheOffered) {
  EXPECT_EQ(parse_coding("gzip"), Coding::gzip);
  EXPECT_EQ(parse_coding("GZIP"), Coding::gzip);
  EXPECT_EQ(parse_coding("deflate"), Coding::deflate);
  EXPECT_EQ(parse_coding("identity"), Coding::identity);
  EXPECT_EQ(parse_coding(""), Coding::identity);
  EXPECT_EQ(parse_coding("br"), std::nullopt);
  EXPECT_EQ(parse_coding("gzip, gzip"), std::nullopt);
}

}  // namespace
}  // namespace net
