#include "net/bearer_token.h"

#include <gtest/gtest.h>

#include "base/testing/fake_clock.h"
#include "net/testing/folder.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using testing::Folder;

http::Headers with(std::string credentials) {
  return {{"content-type", "application/json"}, {"Authorization", std::move(credentials)}};
}

TEST(BearerToken, IsWantedWhole) {
  const Folder folder;
  const base::testing::FakeClock clock;
  folder.write("token", "  s3cret\n");
  auto token = BearerToken::open({folder / "token", 5s}, clock, Log{}).value();
  EXPECT_TRUE(token.check(with("Bearer s3cret")));
  EXPECT_TRUE(token.check(with("bearer  s3cret ")));
  EXPECT_EQ(token.check({}), fail(Code::unauthenticated, "a bearer token is needed"));
  for (const char* credentials : {"", "Bearer", "Bearer ", "s3cret", "Basic s3cret", "Bearers3cret",
                                  "Bearer s3cre", "Bearer s3cret2", "Bearer S3cret"}) {
    const auto checked = token.check(with(credentials));
    EXPECT_TRUE(!checked && checked.error().code == Code::unauthenticated) << credentials;
  }
}

TEST(BearerToken, HasAFileThatHoldsOne) {
  const Folder folder;
  const base::testing::FakeClock clock;
  struct Case {
    const char* text;
    const char* want;  // after the file's name; empty: no error
  };
  const std::string large(token_file_bytes_max + 1, 'x');
  const Case cases[] = {
      {"x", ""},
      {"", ": holds no token"},
      {" \n\t", ": holds no token"},
      {"two words", ": a token is one word of printable ASCII"},
      {"h\xc3\xa4user", ": a token is one word of printable ASCII"},
      {large.c_str(), ": larger than 65536 bytes"},
  };
  for (const Case& c : cases) {
    folder.write("token", c.text);
    const auto opened = BearerToken::open({folder / "token", 5s}, clock, Log{});
    EXPECT_EQ(opened.has_value(), std::string_view(c.want).empty());
    if (!opened) EXPECT_EQ(opened.error().what, folder / "token" + c.want);
  }
  EXPECT_EQ(BearerToken::open({folder / "gone", 5s}, clock, Log{}).error().code, Code::not_found);
}

TEST(BearerToken, IsReplacedWithItsFile) {
  const Folder folder;
  base::testing::FakeClock clock;
  std::vector<std::string> lines;
  const Log log = Log::to(base::LogLevel::error, base::LogFormat::text,
                          [&](std::string_view line) { lines.emplace_back(line); });
  folder.write("token", "first");
  auto token = BearerToken::open({folder / "token", 5s}, clock, log).value();
  folder.write("token", "second");
  clock.advance(4s);
  EXPECT_TRUE(token.check(with("Bearer first")));
  clock.advance(1s);
  EXPECT_FALSE(token.check(with("Bearer first")));
  EXPECT_TRUE(token.check(with("Bearer second")));

  folder.write("token", "");
  for (int i = 0; i < 3; ++i) {
    clock.advance(5s);
    EXPECT_TRUE(token.check(with("Bearer second")));
    EXPECT_FALSE(token.check(with("Bearer ")));
  }
  EXPECT_EQ(lines.size(), 1u);
  folder.write("token", "third");
  clock.advance(5s);
  EXPECT_TRUE(token.check(with("Bearer third")));
}

}  // namespace
}  // namespace net
