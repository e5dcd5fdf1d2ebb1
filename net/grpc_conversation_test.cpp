// Conversations: messages as they come, in both directions, and every way in which a call ends.

#include <gtest/gtest.h>

#include "net/grpc_session.h"
#include "net/testing/echo_fixture.h"
#include "net/testing/http2_frames.h"
#include "net/testing/run.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using testing::data;
using testing::EchoServer;
using testing::end_stream;
using testing::eventually;
using testing::grpc_fields;
using testing::grpc_message;
using testing::headers;
using testing::run;

constexpr std::string_view chat = "/tidewheel.Echo/Chat";

std::string begin_chat(std::uint32_t stream, const testing::Fields& more = {}) {
  return headers(stream, grpc_fields(chat, more));
}

// A peer of raw frames that reads until it has seen what it waits for.
class RawPeer {
 public:
  explicit RawPeer(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}

  Task<void> send(std::string bytes) {
    auto written = co_await stream_->write(std::move(bytes));
    EXPECT_TRUE(written);
  }
  Task<void> read_until(std::function<bool(testing::FrameReader&)> seen) {
    while (!seen(frames)) {
      const std::string bytes = co_await testing::read_until(
          *stream_, [](const std::string& all) { return !all.empty(); });
      if (bytes.empty()) break;
      frames.feed(bytes);
    }
    EXPECT_TRUE(seen(frames));
  }
  Task<void> read_body(std::uint32_t stream, std::string want) {
    co_await read_until(
        [&](testing::FrameReader& seen) { return seen.on(stream).body.size() >= want.size(); });
    EXPECT_EQ(frames.on(stream).body, want);
  }
  Task<void> read_end(std::uint32_t stream) {
    co_await read_until([=](testing::FrameReader& seen) { return seen.on(stream).ended; });
  }

  testing::FrameReader frames;

 private:
  std::unique_ptr<Stream> stream_;
};

Task<void> to_and_fro(base::Loop& loop) {
  EchoServer server(loop);
  RawPeer peer(co_await server.connect());
  const std::string first = grpc_message("one");
  co_await peer.send(testing::opening() + begin_chat(1) + data(1, first.substr(0, 6)));
  co_await peer.send(data(1, first.substr(6) + grpc_message("") + grpc_message("three")));
  std::string want = first + grpc_message("") + grpc_message("three");
  co_await peer.read_body(1, want);
  EXPECT_EQ(server.state().talking, 1);
  co_await peer.send(data(1, grpc_message("last"), end_stream));
  want += grpc_message("last");
  co_await peer.read_body(1, want);
  co_await peer.read_end(1);
  EXPECT_EQ(peer.frames.on(1).field("grpc-status"), "0");
  EXPECT_EQ(server.state().talking, 0);
  co_await server.drain();
}

TEST(GrpcConversation, EchoesEachMessageAsItComes) {
  run(to_and_fro);
}

struct Ending {
  const char* name;
  std::string bytes;
  const char* status;
  const char* message;
};

Task<void> endings(base::Loop& loop) {
  const std::string bye = grpc_message("bye 5 no such häuser");
  const Ending cases[] = {
      {"by its handler", data(1, bye + grpc_message("ignored")), "5", "no such h%C3%A4user"},
      {"by its peer at once", data(1, "", end_stream), "0", ""},
      {"inside a message", data(1, grpc_message("hello").substr(0, 8), end_stream), "13",
       "ended inside a message"},
      {"bad flag", data(1, std::string("\x02\0\0\0\0", 5)), "13", "bad message flag 2"},
      {"compressed without a coding", data(1, grpc_message("x", true)), "13",
       "compressed without a grpc-encoding"},
      {"an exception", data(1, grpc_message("throw")), "13", "internal error"},
  };
  for (const Ending& c : cases) {
    SCOPED_TRACE(c.name);
    EchoServer server(loop);
    RawPeer peer(co_await server.connect());
    co_await peer.send(testing::opening() + begin_chat(1) + c.bytes);
    co_await peer.read_end(1);
    EXPECT_EQ(peer.frames.on(1).field("grpc-status"), c.status);
    EXPECT_EQ(peer.frames.on(1).field("grpc-message"), c.message);
    const bool destroyed = co_await eventually([&] { return server.state().talking == 0; });
    EXPECT_TRUE(destroyed);
    co_await server.drain();
  }
}

TEST(GrpcConversation, EndsInManyWays) {
  run(endings);
}

Task<void> left_alone(base::Loop& loop) {
  EchoServer server(loop, {.request_timeout = 50ms});
  RawPeer peer(co_await server.connect());
  co_await peer.send(testing::opening() + begin_chat(1, {{"grpc-timeout", "20m"}}) + begin_chat(3) +
                     begin_chat(5) + begin_chat(7) + data(7, grpc_message("still here")));
  const bool running = co_await eventually([&] { return server.state().talking == 4; });
  EXPECT_TRUE(running);
  co_await peer.send(testing::reset(5, NGHTTP2_CANCEL));
  co_await peer.read_end(1);
  EXPECT_EQ(peer.frames.on(1).field("grpc-message"), "deadline exceeded");
  co_await peer.read_end(3);
  EXPECT_EQ(peer.frames.on(3).field("grpc-message"), "the request did not arrive in time");
  const bool rest = co_await eventually([&] { return server.state().talking == 1; });
  EXPECT_TRUE(rest);  // it has spoken, and may be silent for ever after
  co_await server.drain(20ms);
  EXPECT_EQ(server.state().talking, 0);
  co_await peer.read_end(7);
  EXPECT_EQ(peer.frames.on(7).field("grpc-status"), "14");
  EXPECT_EQ(peer.frames.on(7).field("grpc-message"), "the server is shutting down");
}

TEST(GrpcConversation, EndsAtADeadlineACancellationAndADrain) {
  run(left_alone);
}

Task<void> deaf_peer(base::Loop& loop) {
  EchoServer server(loop);
  RawPeer peer(co_await server.connect());
  // The peer's window of 64 KiB is never opened again, nor ours of the answers.
  const std::string message = grpc_message(std::string(16'000, 'x'));
  co_await peer.send(testing::opening() + begin_chat(1));
  for (int i = 0; i < 10; ++i) co_await peer.send(data(1, message.substr(0, 16'005)));
  const bool ended = co_await eventually([&] { return server.state().talking == 0; });
  EXPECT_TRUE(ended);
  EXPECT_EQ(server.metric("net_requests_total", "outcome=\"resource_exhausted\""), 1);
  co_await server.drain();
}

TEST(GrpcConversation, EndsWhenItsAnswersAreNotTaken) {
  run(deaf_peer);
}

Task<void> lost_peer(base::Loop& loop) {
  EchoServer server(loop);
  {
    const auto stream = co_await server.connect();
    static_cast<void>(co_await stream->write(testing::opening() + begin_chat(1) +
                                             data(1, grpc_message("x")) + begin_chat(3)));
    const bool running = co_await eventually([&] { return server.state().talking == 2; });
    EXPECT_TRUE(running);
  }
  const bool ended = co_await eventually([&] { return server.state().talking == 0; });
  EXPECT_TRUE(ended);
  co_await server.drain();
}

TEST(GrpcConversation, EndsWithItsPeer) {
  run(lost_peer);
}

}  // namespace
}  // namespace net
