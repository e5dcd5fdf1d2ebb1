#include "net/grpc_message.h"

#include <gtest/gtest.h>

namespace net::grpc {
namespace {

using namespace std::string_literals;
using namespace std::chrono_literals;

std::string framed(char flag, std::string_view body) {
  const Prefix prefix = frame_prefix(body.size());
  std::string out(prefix.data(), prefix.size());
  out[0] = flag;
  return out.append(body);
}

// The outcome of a whole stream, fed in pieces of `step` bytes.
Result<Message> read(std::string_view stream, std::size_t step, std::size_t bytes_max) {
  MessageReader reader(bytes_max);
  for (std::size_t i = 0; i < stream.size(); i += step)
    TRY_VOID(reader.feed(stream.substr(i, step)));
  return reader.finish();
}

TEST(FramePrefix, IsTheLengthInNetworkOrder) {
  const Prefix prefix = frame_prefix(0x01020304);
  EXPECT_EQ(std::string(prefix.data(), prefix.size()), "\0\1\2\3\4"s);
}

TEST(MessageReader, ReadsOneMessageHoweverItIsCut) {
  struct Case {
    const char* name;
    std::string stream;
    std::string want;
    std::string error;
  };
  const Case cases[] = {
      {"a message", framed(0, "hello"), "hello", ""},
      {"an empty message", framed(0, ""), "", ""},
      {"at the limit", framed(0, "0123456789"), "0123456789", ""},
      {"nothing", "", "", "no message"},
      {"half a prefix", framed(0, "hello").substr(0, 3), "", "ended inside a message"},
      {"only a prefix", framed(0, "hello").substr(0, 5), "", "ended inside a message"},
      {"half a message", framed(0, "hello").substr(0, 7), "", "ended inside a message"},
      {"two messages", framed(0, "a") + framed(0, "b"), "", "more than one message"},
      {"bytes after it", framed(0, "a") + "x", "", "more than one message"},
      {"bytes after an empty one", framed(0, "") + "x", "", "more than one message"},
      {"a bad flag", framed(2, "hello"), "", "bad message flag 2"},
      {"over the limit", framed(0, "01234567890"), "",
       "message of 11 bytes is over the limit of 10"},
      {"an absurd length", "\0\xff\xff\xff\xff"s, "",
       "message of 4294967295 bytes is over the limit of 10"},
  };
  for (const Case& c : cases) {
    for (const std::size_t step : {1, 2, 5, 1000}) {
      SCOPED_TRACE(c.name + " in pieces of "s + std::to_string(step));
      const auto got = read(c.stream, step, 10);
      EXPECT_EQ(got ? "" : got.error().what, c.error);
      if (got) EXPECT_EQ(got->bytes, c.want);
    }
  }
}

TEST(MessageReader, TellsWhetherTheMessageIsCompressed) {
  EXPECT_FALSE(read(framed(0, "x"), 1, 10)->compressed);
  EXPECT_TRUE(read(framed(1, "x"), 1, 10)->compressed);
}

TEST(ReadMessage, RefusesCompressionThatDoesNotHold) {
  struct Case {
    const char* name;
    std::string stream;
    const char* encoding;
    Result<std::string> want;
  };
  const Case cases[] = {
      {"plain, whatever the encoding says", framed(0, "x"), "gzip", "x"},
      {"no encoding", framed(1, "x"), "",
       fail(Code::bad_data, "compressed without a grpc-encoding")},
      {"identity", framed(1, "x"), "identity",
       fail(Code::bad_data, "compressed without a grpc-encoding")},
      {"damaged", framed(1, "x"), "gzip",
       fail(Code::bad_data, "damaged or truncated compressed data")},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    MessageReader reader(100);
    ASSERT_TRUE(reader.feed(c.stream));
    EXPECT_EQ(read_message(reader, c.encoding, 100), c.want);
  }
}

TEST(StatusMessage, SurvivesTheHeader) {
  struct Case {
    std::string text;
    std::string header;
  };
  const Case cases[] = {
      {"", ""},
      {"plain text, with ~!@#$^&*()", "plain text, with ~!@#$^&*()"},
      {"100%", "100%25"},
      {"h\xC3\xA4", "h%C3%A4"},
      {"line\nbreak\r\0"s, "line%0Abreak%0D%00"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(encode_status_message(c.text), c.header);
    EXPECT_EQ(decode_status_message(c.header), c.text);
  }
  EXPECT_EQ(decode_status_message("50% off"), "50% off");
}

TEST(StatusMessage, IsCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "ä";
  const std::string decoded = decode_status_message(encode_status_message("x" + text));
  EXPECT_EQ(decoded.size() % 2, 1u);
  EXPECT_LE(decoded.size(), 2048u);
  EXPECT_GT(decoded.size(), 2000u);
}

TEST(Timeout, IsReadAsThePeersWriteIt) {
  struct Case {
    const char* text;
    Result<Duration> want;
  };
  const auto bad = [](const char* text) {
    return fail(Code::invalid, "malformed grpc-timeout \""s + text + "\"");
  };
  const Case cases[] = {
      {"10S", 10s},
      {"1H", 1h},
      {"2M", 2min},
      {"100m", 100ms},
      {"5u", 5us},
      {"7n", 7ns},
      {"0S", 0s},
      {"99999999n", 99999999ns},
      {"99999999H", Duration::max()},
      {"", bad("")},
      {"S", bad("S")},
      {"10", bad("10")},
      {"10s", bad("10s")},
      {"-1S", bad("-1S")},
      {"1.5S", bad("1.5S")},
      {"123456789S", bad("123456789S")},
      {"1 S", bad("1 S")},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(parse_timeout(c.text), c.want);
  }
}

TEST(Timeout, IsWrittenAsItIsRead) {
  for (const Duration d : {Duration(1ms), Duration(10s), Duration(1h)}) {
    EXPECT_EQ(parse_timeout(format_timeout(d)), d);
  }
  EXPECT_EQ(format_timeout(0s), "1m");
  EXPECT_EQ(format_timeout(1500us), "2m");
  EXPECT_EQ(format_timeout(24h * 365), "31536001S");
}

TEST(ContentType, IsGrpcOrNot) {
  for (const char* yes :
       {"application/grpc", "application/grpc+proto", "application/grpc;x=y", "Application/GRPC"}) {
    EXPECT_TRUE(is_grpc_content_type(yes)) << yes;
  }
  for (const char* no : {"", "application/grpc-web", "application/json", "application/grp"}) {
    EXPECT_FALSE(is_grpc_content_type(no)) << no;
  }
}

}  // namespace
}  // namespace net::grpc
