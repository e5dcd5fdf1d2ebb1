#include "net/inflate.h"

#include <gtest/gtest.h>
#include <zstd.h>

#include <memory>

#include "net/snappy.h"
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
    EXPECT_EQ(inflate(Coding::zstd, compress(Coding::zstd, text), mega), text);
    EXPECT_EQ(inflate(Coding::snappy, compress(Coding::snappy, text), mega), text);
    EXPECT_EQ(inflate(Coding::snappy, testing::compress_framed(text), mega), text);
  }
}

TEST(Inflate, TakesSeveralGzipMembers) {
  const std::string text = sample(50'000);
  const std::string members =
      compress(Coding::gzip, text) + compress(Coding::gzip, "") + compress(Coding::gzip, "x");
  EXPECT_EQ(inflate(Coding::gzip, members, mega), text + "x");
}

TEST(Inflate, TakesSeveralZstdFrames) {
  const std::string text = sample(50'000);
  const std::string frames =
      compress(Coding::zstd, text) + compress(Coding::zstd, "") + compress(Coding::zstd, "x");
  EXPECT_EQ(inflate(Coding::zstd, frames, mega), text + "x");
}

TEST(Inflate, ReadsZstdWithoutAStatedSize) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  const std::string text(mega, 'x');  // many times what the first guess has room for
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  packed.resize(
      ZSTD_compress2(context.get(), packed.data(), packed.size(), text.data(), text.size()));
  EXPECT_EQ(inflate(Coding::zstd, packed, mega), text);
  EXPECT_EQ(inflate(Coding::zstd, packed, mega - 1).error().code, Code::exhausted);
  EXPECT_EQ(inflate(Coding::zstd, packed.substr(0, packed.size() - 1), mega).error().code,
            Code::invalid);
}

TEST(Inflate, RefusesZstdThatWantsMuchMemory) {
  const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                     ZSTD_freeCCtx);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, 27);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_contentSizeFlag, 0);
  std::string packed(1024, '\0');
  ZSTD_outBuffer out{packed.data(), packed.size(), 0};
  ZSTD_inBuffer in{"x", 1, 0};
  ASSERT_EQ(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_flush), 0u);
  ASSERT_EQ(ZSTD_compressStream2(context.get(), &out, &in, ZSTD_e_end), 0u);
  packed.resize(out.pos);
  EXPECT_EQ(inflate(Coding::zstd, packed, mega).error().code, Code::invalid);
}

// A real client's frames: the identifier, padding, a chunk of somebody else's, and one that must
// not be skipped.
TEST(Inflate, SkipsWhatSnappysFramesAllow) {
  const std::string data = testing::compress_framed("hello");
  const std::string skipped("\xfe\x02\x00\x00zz\x80\x01\x00\x00y", 11);
  EXPECT_EQ(inflate(Coding::snappy, data + skipped + data, mega), "hellohello");
  const std::string unknown("\x02\x01\x00\x00z", 5);
  EXPECT_EQ(inflate(Coding::snappy, data + unknown, mega).error().code, Code::invalid);
}

TEST(Inflate, EveryCodingRefusesBombsAndDamage) {
  struct Way {
    Coding coding;
    std::string (*compress)(std::string_view);
  };
  const Way ways[] = {
      {Coding::zstd, [](std::string_view text) { return compress(Coding::zstd, text); }},
      {Coding::snappy, [](std::string_view text) { return compress(Coding::snappy, text); }},
      {Coding::snappy, testing::compress_framed},
  };
  for (const Way& way : ways) {
    SCOPED_TRACE(static_cast<int>(way.coding));
    const std::string bomb = way.compress(std::string(16 * mega, '\0'));
    EXPECT_EQ(inflate(way.coding, bomb, mega).error(),
              (Error{Code::exhausted, "more than 1048576 bytes after decompression"}));
    EXPECT_TRUE(inflate(way.coding, way.compress(std::string(mega, '\0')), mega));
    EXPECT_FALSE(inflate(way.coding, way.compress(std::string(mega + 1, '\0')), mega));
    const std::string whole = way.compress(sample(1000));
    for (std::size_t size = 0; size < whole.size(); size += 7) {
      const auto cut = inflate(way.coding, whole.substr(0, size), mega);
      // A stream of chunks may end after any of them.
      if (cut) EXPECT_EQ(*cut, "") << size;
    }
    EXPECT_FALSE(inflate(way.coding, whole.substr(0, whole.size() - 1), mega));
    EXPECT_FALSE(inflate(way.coding, whole + "x", mega));
    EXPECT_FALSE(inflate(way.coding, "plain text, not compressed at all", mega));
    EXPECT_FALSE(inflate(way.coding, "", mega));
  }
  std::string wrong_sum = testing::compress_framed("hello");
  wrong_sum[14] ^= 1;
  EXPECT_EQ(inflate(Coding::snappy, wrong_sum, mega).error().code, Code::invalid);
}

TEST(Snappy, HasTheChecksumOfItsFormat) {
  EXPECT_EQ(masked_crc32c("123456789"), ((0xE3069283u >> 15) | (0xE3069283u << 17)) + 0xA282EAD8u);
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
  EXPECT_EQ(parse_coding("zstd"), Coding::zstd);
  EXPECT_EQ(parse_coding("snappy"), Coding::snappy);
  EXPECT_EQ(parse_coding("x-snappy-framed"), Coding::snappy);
  EXPECT_EQ(parse_coding("br"), std::nullopt);
  EXPECT_EQ(parse_coding("gzip, gzip"), std::nullopt);
}

}  // namespace
}  // namespace net
