// The gRPC server as a machine of bytes and moments: framing, statuses, limits, floods.

#include "net/grpc_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/grpc_status_details.h"
#include "net/testing/deflate.h"
#include "net/testing/http2_frames.h"

namespace net::grpc {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace net::testing;

Task<Result<std::string>> never(const Context&, std::string) {
  co_return std::string{};
}

constexpr Limits small{.body_bytes_max = 100'000,
                       .header_bytes_max = 2000,
                       .streams_max = 10,
                       .inflight_bytes_max = 150'000,
                       .guaranteed_bytes = 0,
                       .idle_timeout = 60s,
                       .request_timeout = 5s};

// A session, its peer's eyes, and a clock that only the test moves.
class Peer {
 public:
  explicit Peer(Limits limits = small) : limits_(limits), bounds_(limits) {
    services_.add("/s/M", Unary(never));
    services_.on_unknown = [this](const Context& context) { unknown_.push_back(context.method); };
    session_ = std::make_unique<ServerSession>(
        ServerSession::Parts{limits_, services_, bounds_, metrics_, "peer:1"}, now_);
    send(opening());
  }

  void send(std::string_view bytes) {
    session_->feed(bytes, now_);
    look();
  }
  void pass(Duration d) {
    now_ += d;
    session_->tick(now_);
    look();
  }
  void look() {
    for (auto& call : session_->take_ready()) ready_.push_back(std::move(call));
    for (auto& call : session_->take_abandoned()) abandoned_.push_back(std::move(call));
    std::string out;
    session_->collect(out, 10u << 20);
    reader_.feed(out);
  }
  // Answers the oldest call that is ready.
  void answer(std::string message, Status status = {}) {
    ASSERT_FALSE(ready_.empty());
    const auto call = ready_.front();
    ready_.erase(ready_.begin());
    const auto sent = session_->send(*call, std::move(message));
    session_->finish(*call, sent ? std::move(status) : status_of(sent));
    look();
  }
  std::string metric(std::string_view what) const {
    const std::string text = registry_.render();
    const std::size_t at = text.find(what);
    if (at == text.npos) return "";
    const std::size_t space = text.find(' ', at);
    return text.substr(space + 1, text.find('\n', space) - space - 1);
  }

  Limits limits_;
  Bounds bounds_;
  base::metrics::Registry registry_;
  Metrics metrics_{registry_, "test"};
  Services services_;
  Instant now_ = Instant{} + 1h;
  std::unique_ptr<ServerSession> session_;
  FrameReader reader_;
  std::vector<std::shared_ptr<Call>> ready_;
  std::vector<std::shared_ptr<Call>> abandoned_;
  std::vector<std::string> unknown_;
};

TEST(ServerSession, HandsOutACallAndSendsItsAnswer) {
  Peer peer;
  peer.send(headers(1, grpc_fields("/s/M", {{"x-tenant", "a"}, {"grpc-timeout", "10S"}})));
  EXPECT_TRUE(peer.ready_.empty());
  peer.send(data(1, grpc_message("hello"), end_stream));
  ASSERT_EQ(peer.ready_.size(), 1u);
  const Call& call = *peer.ready_.front();
  EXPECT_EQ(call.request, "hello");
  EXPECT_EQ(call.context.method, "/s/M");
  EXPECT_EQ(call.context.peer, "peer:1");
  EXPECT_EQ(call.context.metadata.find("x-tenant"), "a");
  EXPECT_EQ(call.context.metadata.find("te"), std::nullopt);
  EXPECT_EQ(call.deadline, peer.now_ + 10s);

  peer.answer("world");
  const Answer& answer = peer.reader_.on(1);
  EXPECT_EQ(answer.field(":status"), "200");
  EXPECT_EQ(answer.field("content-type"), "application/grpc");
  EXPECT_EQ(answer.field("grpc-status"), "0");
  EXPECT_EQ(answer.field("grpc-message"), "");
  EXPECT_EQ(answer.body, grpc_message("world"));
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.reset, -1);
  EXPECT_EQ(peer.bounds_.inflight.used(), 0u);
}

TEST(ServerSession, TakesBytesCutAnywhere) {
  Peer peer;
  for (const char c : unary(1, "/s/M", "hello")) peer.send({&c, 1});
  ASSERT_EQ(peer.ready_.size(), 1u);
  EXPECT_EQ(peer.ready_.front()->request, "hello");
}

TEST(ServerSession, RefusesWhatIsNoProperCall) {
  const auto call = [](const Fields& more, std::string_view body) {
    return headers(1, grpc_fields("/s/M", more)) + data(1, body, end_stream);
  };
  const auto with = [](std::string_view name, std::string_view value) {
    Fields fields = grpc_fields("/s/M");
    for (auto& [n, v] : fields) {
      if (n == name) v = value;
    }
    return headers(1, fields) + data(1, grpc_message("x"), end_stream);
  };
  struct Case {
    const char* name;
    std::string bytes;
    const char* http_status;
    const char* grpc_status;
    const char* grpc_message;
  };
  const std::string zeros = compress(Coding::gzip, std::string(100'001, '\0'));
  const Case cases[] = {
      {"content type", with("content-type", "application/json"), "415", "", ""},
      {"http method", with(":method", "GET"), "405", "", ""},
      {"header list", call({{"x", std::string(2000, 'x')}}, grpc_message("x")), "431", "", ""},
      {"unknown method", unary(1, "/s/Nope", "x"), "200", "12", "unknown method /s/Nope"},
      {"unknown encoding", call({{"grpc-encoding", "br"}}, grpc_message("x", true)), "200", "12",
       "grpc-encoding \"br\" is not offered"},
      {"bad timeout", call({{"grpc-timeout", "soon"}}, grpc_message("x")), "200", "13",
       "malformed grpc-timeout \"soon\""},
      {"no message", headers(1, grpc_fields("/s/M"), end_headers | end_stream), "200", "13",
       "no message"},
      {"empty body", call({}, ""), "200", "13", "no message"},
      {"truncated message", call({}, grpc_message("hello").substr(0, 8)), "200", "13",
       "ended inside a message"},
      {"two messages", call({}, grpc_message("a") + grpc_message("b")), "200", "13",
       "more than one message"},
      {"bad flag", call({}, "\7\0\0\0\0"s), "200", "13", "bad message flag 7"},
      {"compressed without encoding", call({}, grpc_message("x", true)), "200", "13",
       "compressed without a grpc-encoding"},
      {"damaged gzip", call({{"grpc-encoding", "gzip"}}, grpc_message("x", true)), "200", "13",
       "damaged or truncated compressed data"},
      {"gzip bomb", call({{"grpc-encoding", "gzip"}}, grpc_message(zeros, true)), "200", "8",
       "more than 100000 bytes after decompression"},
      {"message limit", call({}, grpc_message(std::string(100'001, 'x')).substr(0, 5)), "200", "8",
       "message of 100001 bytes is over the limit of 100000"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Peer peer;
    peer.send(c.bytes);
    EXPECT_TRUE(peer.ready_.empty());
    const Answer& answer = peer.reader_.on(1);
    EXPECT_EQ(answer.field(":status"), c.http_status);
    EXPECT_EQ(answer.field("grpc-status"), c.grpc_status);
    EXPECT_EQ(answer.field("grpc-message"), c.grpc_message);
    EXPECT_EQ(answer.body, "");
    EXPECT_TRUE(answer.ended);
    EXPECT_EQ(peer.bounds_.inflight.used(), 0u);
    // The connection goes on.
    peer.send(unary(3, "/s/M", "next"));
    EXPECT_EQ(peer.ready_.size(), 1u);
  }
}

TEST(ServerSession, NamesTheEncodingsItTakes) {
  Peer peer;
  peer.send(headers(1, grpc_fields("/s/M", {{"grpc-encoding", "br"}})) +
            data(1, grpc_message("x"), end_stream));
  EXPECT_EQ(peer.reader_.on(1).field("grpc-accept-encoding"), "identity,deflate,gzip,zstd,snappy");
}

TEST(ServerSession, ReadsCompressedMessages) {
  for (const auto& [name, coding] :
       {std::pair("gzip", Coding::gzip), std::pair("deflate", Coding::deflate),
        std::pair("zstd", Coding::zstd), std::pair("snappy", Coding::snappy)}) {
    Peer peer;
    peer.send(headers(1, grpc_fields("/s/M", {{"grpc-encoding", name}})) +
              data(1, grpc_message(compress(coding, "hello"), true), end_stream));
    ASSERT_EQ(peer.ready_.size(), 1u);
    EXPECT_EQ(peer.ready_.front()->request, "hello");
  }
}

TEST(ServerSession, AnswersBeforeTheEndOfARequestItCannotTake) {
  Peer peer;
  peer.send(headers(1, grpc_fields("/s/M")) +
            data(1, grpc_message(std::string(100'001, 'x')).substr(0, 5000)));
  const Answer& answer = peer.reader_.on(1);
  EXPECT_EQ(answer.field("grpc-status"), "8");
  EXPECT_TRUE(answer.ended);
  EXPECT_EQ(answer.reset, NGHTTP2_NO_ERROR);
}

TEST(ServerSession, GivesBackTheWindowOfWhatItDoesNotRead) {
  Peer peer;
  peer.send(settings_ack());
  const std::string large = grpc_message(std::string(500'000, 'x'));
  for (std::uint32_t i = 0; i < 40; ++i) {
    peer.send(headers(1 + 2 * i, grpc_fields("/s/M")) + data(1 + 2 * i, large, end_stream));
    EXPECT_EQ(peer.reader_.on(1 + 2 * i).field("grpc-status"), "8");
  }
  // More than the connection's window went by: without being told so, the session would object.
  EXPECT_GT(40 * large.size(), static_cast<std::size_t>(http2::connection_window_bytes));
  EXPECT_FALSE(peer.session_->done());
}

TEST(ServerSession, ReportsUnknownMethods) {
  Peer peer;
  peer.send(unary(1, "/opentelemetry.proto.collector.trace.v1.TraceService/Export", "x"));
  ASSERT_EQ(peer.unknown_.size(), 1u);
  EXPECT_EQ(peer.unknown_.front(), "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
}

TEST(ServerSession, SendsAnErrorAsTrailersOnly) {
  Peer peer;
  peer.send(unary(1, "/s/M", "x"));
  const auto call = peer.ready_.front();
  peer.session_->finish(*call, {5, "no such häuser: 100%"});
  peer.look();
  const Answer& answer = peer.reader_.on(1);
  EXPECT_EQ(answer.field(":status"), "200");
  EXPECT_EQ(answer.field("grpc-status"), "5");
  EXPECT_EQ(answer.field("grpc-message"), "no such h%C3%A4user: 100%25");
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.ended);
}

TEST(ServerSession, StreamsMessagesAndThenTheStatus) {
  Peer peer;
  peer.send(unary(1, "/s/M", "x"));
  const auto call = peer.ready_.front();
  for (const char* message : {"a", "", "ccc"}) {
    ASSERT_TRUE(peer.session_->send(*call, message));
    peer.look();
  }
  EXPECT_EQ(peer.reader_.on(1).body, grpc_message("a") + grpc_message("") + grpc_message("ccc"));
  EXPECT_FALSE(peer.reader_.on(1).ended);
  peer.session_->finish(*call, {8, "enough"});
  peer.look();
  EXPECT_TRUE(peer.reader_.on(1).ended);
  EXPECT_EQ(peer.reader_.on(1).field("grpc-status"), "8");
}

TEST(ServerSession, WaitsForThePeersWindow) {
  Peer peer;
  peer.send(unary(1, "/s/M", "x"));
  const std::string large(200'000, 'x');
  peer.answer(large);
  EXPECT_EQ(peer.reader_.on(1).body.size(), 65'535u);  // HTTP/2's first window
  EXPECT_FALSE(peer.reader_.on(1).ended);
  peer.send(window_update(0, 1 << 20) + window_update(1, 100'000));
  EXPECT_EQ(peer.reader_.on(1).body.size(), 165'535u);
  peer.send(window_update(1, 1 << 20));
  EXPECT_EQ(peer.reader_.on(1).body, grpc_message(large));
  EXPECT_EQ(peer.reader_.on(1).field("grpc-status"), "0");
}

TEST(ServerSession, EnforcesDeadlines) {
  Peer peer;
  peer.send(headers(1, grpc_fields("/s/M", {{"grpc-timeout", "100m"}})) +
            data(1, grpc_message("x"), end_stream));
  peer.pass(99ms);
  EXPECT_TRUE(peer.abandoned_.empty());
  peer.pass(1ms);
  EXPECT_EQ(peer.reader_.on(1).field("grpc-status"), "4");
  ASSERT_EQ(peer.abandoned_.size(), 1u);
  // What the handler still says changes nothing.
  peer.answer("late");
  EXPECT_EQ(peer.reader_.on(1).body, "");
}

TEST(ServerSession, SaysWhenToComeAgain) {
  Peer peer;
  EXPECT_EQ(peer.session_->tick(peer.now_), peer.now_ + small.idle_timeout);
  peer.send(headers(1, grpc_fields("/s/M", {{"grpc-timeout", "1S"}})));
  EXPECT_EQ(peer.session_->tick(peer.now_), peer.now_ + 1s);
}

TEST(ServerSession, GivesUpOnARequestThatDoesNotArrive) {
  Peer peer;
  peer.send(headers(1, grpc_fields("/s/M")) + data(1, grpc_message("hello").substr(0, 7)));
  EXPECT_GT(peer.bounds_.inflight.used(), 0u);
  peer.pass(5s);
  EXPECT_EQ(peer.reader_.on(1).field("grpc-status"), "4");
  EXPECT_EQ(peer.metric("kind=\"request_timeout\""), "1");
  EXPECT_EQ(peer.bounds_.inflight.used(), 0u);
}

TEST(ServerSession, AbandonsACallThatThePeerResets) {
  Peer peer;
  peer.send(unary(1, "/s/M", "x") + reset(1, NGHTTP2_CANCEL));
  ASSERT_EQ(peer.abandoned_.size(), 1u);
  EXPECT_EQ(peer.abandoned_.front(), peer.ready_.front());
  EXPECT_TRUE(peer.abandoned_.front()->closed);
  peer.answer("late");
  EXPECT_EQ(peer.reader_.on(1).body, "");
  EXPECT_EQ(peer.metric("outcome=\"cancelled\""), "1");
}

TEST(ServerSession, BoundsConcurrentCalls) {
  Peer peer;
  for (std::uint32_t i = 0; i < 12; ++i) peer.send(unary(1 + 2 * i, "/s/M", "x"));
  EXPECT_EQ(peer.ready_.size(), 10u);
  EXPECT_EQ(peer.reader_.on(19).reset, -1);
  EXPECT_EQ(peer.reader_.on(21).reset, NGHTTP2_REFUSED_STREAM);
  // Who knows the limit and ignores it has to go.
  peer.send(settings_ack() + unary(25, "/s/M", "x"));
  EXPECT_TRUE(peer.session_->done());
}

TEST(ServerSession, BoundsTheBytesOfAllRequestsTogether) {
  Peer peer;
  const std::string almost = grpc_message(std::string(90'000, 'x')).substr(0, 80'000);
  peer.send(headers(1, grpc_fields("/s/M")) + data(1, almost));
  peer.send(headers(3, grpc_fields("/s/M")) + data(3, almost));
  EXPECT_EQ(peer.reader_.on(1).field("grpc-status"), "");
  EXPECT_EQ(peer.reader_.on(3).field("grpc-status"), "8");
  EXPECT_EQ(peer.metric("kind=\"too_much_in_flight\""), "1");
  peer.send(reset(1, NGHTTP2_CANCEL));
  EXPECT_EQ(peer.bounds_.inflight.used(), 0u);
}

TEST(ServerSession, CountsHeadersAmongTheBytesOfRequests) {
  Peer peer({.header_bytes_max = 2000, .inflight_bytes_max = 10'000, .guaranteed_bytes = 0});
  const Fields fields = grpc_fields("/s/M", {{"x", std::string(1500, 'x')}});
  for (std::uint32_t i = 0; i < 6; ++i) peer.send(headers(1 + 2 * i, fields));
  EXPECT_EQ(peer.reader_.on(1).field("grpc-status"), "");
  EXPECT_EQ(peer.reader_.on(11).field("grpc-status"), "8");
  EXPECT_EQ(peer.metric("kind=\"too_much_in_flight\""), "1");
}

TEST(ServerSession, BoundsAnswersThatNobodyTakes) {
  Peer peer({.streams_max = 1000});
  for (std::uint32_t i = 0; i < 70; ++i) {
    peer.send(unary(1 + 2 * i, "/s/M", "x"));
    if (!peer.ready_.empty()) peer.answer(std::string(1 << 20, 'x'));
  }
  EXPECT_EQ(peer.reader_.on(1 + 2 * 69).field("grpc-status"), "8");
}

// Two connections to one server.
class Neighbours {
 public:
  explicit Neighbours(Limits limits) : limits_(limits), bounds_(limits) {
    services_.add("/s/M", Unary(never));
  }

  std::unique_ptr<ServerSession> connect() {
    auto session = std::make_unique<ServerSession>(
        ServerSession::Parts{limits_, services_, bounds_, metrics_, "peer:1"}, now_);
    session->feed(opening(), now_);
    return session;
  }
  // A field of the answer to the call that these bytes are, empty while there is none.
  std::string field_of(ServerSession& session, std::uint32_t stream, const std::string& bytes,
                       std::string_view name) {
    session.feed(bytes, now_);
    FrameReader reader;
    std::string out;
    session.collect(out, 10u << 20);
    reader.feed(out);
    return reader.on(stream).field(name);
  }
  std::string status_of(ServerSession& session, std::uint32_t stream, const std::string& bytes) {
    return field_of(session, stream, bytes, "grpc-status");
  }

  Limits limits_;
  Bounds bounds_;
  base::metrics::Registry registry_;
  Metrics metrics_{registry_, "test"};
  Services services_;
  const Instant now_ = Instant{} + 1h;
};

TEST(ServerSession, BoundsTheCallsOfAllConnectionsAndGuaranteesAFew) {
  Neighbours two({.calls_max = 5, .guaranteed_calls = 2});
  const auto call = [](std::uint32_t stream) { return headers(stream, grpc_fields("/s/M")); };
  auto greedy = two.connect();
  const auto modest = two.connect();
  for (std::uint32_t id = 1; id < 11; id += 2) EXPECT_EQ(two.status_of(*greedy, id, call(id)), "");
  EXPECT_EQ(two.status_of(*greedy, 11, call(11)), "8");
  EXPECT_EQ(two.status_of(*modest, 1, call(1)), "");
  EXPECT_EQ(two.status_of(*modest, 3, call(3)), "");
  EXPECT_EQ(two.status_of(*modest, 5, call(5)), "8");
  EXPECT_THAT(two.registry_.render(),
              ::testing::HasSubstr("tidewheel_net_calls_open{server=\"test\"} 7"));
  EXPECT_EQ(two.status_of(*greedy, 1, reset(1, NGHTTP2_CANCEL)), "");
  greedy.reset();
  EXPECT_EQ(two.bounds_.calls.used(), 2u);
  EXPECT_THAT(two.registry_.render(),
              ::testing::HasSubstr("tidewheel_net_calls_open{server=\"test\"} 2"));
  EXPECT_EQ(two.status_of(*modest, 7, call(7)), "");
}

TEST(ServerSession, SaysWhenToTryAgainWhereABoundIsReached) {
  Neighbours two(
      {.inflight_bytes_max = 1000, .calls_max = 2, .guaranteed_bytes = 100, .guaranteed_calls = 1});
  const auto details = [&](std::uint32_t stream, std::size_t bytes) {
    const auto session = two.connect();
    const std::string half = data(stream, grpc_message(std::string(bytes, 'x')).substr(0, bytes));
    return two.field_of(*session, stream, headers(stream, grpc_fields("/s/M")) + half,
                        "grpc-status-details-bin");
  };
  const auto said = [](std::string what) {
    return retry_details(
        {.code = 8, .message = std::move(what), .retry_after = std::chrono::seconds(1)});
  };
  EXPECT_EQ(details(1, 10), "");
  EXPECT_EQ(details(1, 2000), said("too many request bytes in flight"));
  const auto session = two.connect();
  const auto call = [](std::uint32_t stream) { return headers(stream, grpc_fields("/s/M")); };
  EXPECT_EQ(two.status_of(*session, 1, call(1)), "");
  EXPECT_EQ(two.status_of(*session, 3, call(3)), "");
  EXPECT_EQ(two.field_of(*session, 5, call(5), "grpc-status-details-bin"), said("too many calls"));
}

TEST(ServerSession, BoundsWhatIsDecompressedUntilItsHandlerTakesIt) {
  Neighbours two({.inflight_bytes_max = 250'000, .guaranteed_bytes = 100});
  const std::string bomb = compress(Coding::gzip, std::string(100'000, 'x'));
  const auto call = [&](std::uint32_t stream) {
    return headers(stream, grpc_fields("/s/M", {{"grpc-encoding", "gzip"}})) +
           data(stream, grpc_message(bomb, true), end_stream);
  };
  const auto session = two.connect();
  EXPECT_EQ(two.status_of(*session, 1, call(1)), "");
  EXPECT_EQ(two.status_of(*session, 3, call(3)), "");
  EXPECT_EQ(two.status_of(*session, 5, call(5)), "8");
  for (const auto& ready : session->take_ready()) session->take_request(*ready);
  EXPECT_EQ(two.bounds_.inflight.used(), 0u);
  EXPECT_EQ(two.status_of(*session, 7, call(7)), "");
}

TEST(ServerSession, BoundsTheAnswersOfAllConnectionsTogether) {
  Neighbours two({.answers_bytes_max = 1000, .guaranteed_bytes = 100});
  const auto greedy = two.connect();
  const auto modest = two.connect();
  const auto ready = [&](ServerSession& session, std::uint32_t stream) {
    session.feed(unary(stream, "/s/M", "x"), two.now_);
    return session.take_ready().at(0);
  };
  EXPECT_TRUE(greedy->send(*ready(*greedy, 1), std::string(900, 'x')));
  EXPECT_EQ(greedy->send(*ready(*greedy, 3), std::string(100, 'x')).error().code, Code::exhausted);
  EXPECT_TRUE(modest->send(*ready(*modest, 1), std::string(90, 'x')));
  std::string out;
  greedy->collect(out, 1u << 20);
  modest->collect(out, 1u << 20);
  EXPECT_EQ(two.bounds_.answers.used(), 0u);
}

// --- floods: each ends the connection with ENHANCE_YOUR_CALM and is counted

struct Flood {
  const char* name;
  std::function<std::string(std::uint32_t)> piece;
  const char* violation;
};

TEST(ServerSession, CalmsFloods) {
  const auto id = [](std::uint32_t i) { return 1 + 2 * i; };
  const std::string half_call = headers(1, grpc_fields("/s/M"));
  const Flood floods[] = {
      {"rapid reset",
       [&](auto i) { return unary(id(i), "/s/M", "x") + reset(id(i), NGHTTP2_CANCEL); },
       "rapid_reset"},
      {"resets that we are made to send",
       [&](auto i) {
         return headers(id(i), grpc_fields("/s/M")) + window_update(id(i), 0x7fffffff);
       },
       "rapid_reset"},
      {"ping", [](auto) { return ping(); }, "control_flood"},
      {"settings", [](auto) { return settings(); }, "control_flood"},
      {"priority", [](auto) { return frame(NGHTTP2_PRIORITY, 0, 1, "\0\0\0\0\1"s); },
       "control_flood"},
      {"window update", [&](auto i) { return i == 0 ? half_call : window_update(0, 1); },
       "control_flood"},
      {"window update of a call", [&](auto i) { return i == 0 ? half_call : window_update(1, 1); },
       "control_flood"},
      {"empty data", [&](auto i) { return i == 0 ? half_call : data(1, ""); }, "control_flood"},
  };
  for (const Flood& flood : floods) {
    SCOPED_TRACE(flood.name);
    Peer peer;
    std::uint32_t sent = 0;
    while (!peer.session_->done() && sent < 5000) peer.send(flood.piece(sent++));
    EXPECT_GT(sent, 500u);
    EXPECT_LT(sent, 2000u);
    EXPECT_EQ(peer.reader_.goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
    EXPECT_EQ(peer.metric("kind=\""s + flood.violation), "1");
  }
}

TEST(ServerSession, CalmsContinuationFloods) {
  Peer peer;
  peer.send(headers(1, grpc_fields("/s/M"), 0));
  for (int i = 0; i < 100 && !peer.session_->done(); ++i) {
    peer.send(frame(NGHTTP2_CONTINUATION, 0, 1, header_block({{"x", "y"}})));
  }
  EXPECT_TRUE(peer.session_->done());
  EXPECT_EQ(peer.reader_.goaway(), NGHTTP2_ENHANCE_YOUR_CALM);
  EXPECT_EQ(peer.metric("kind=\"control_flood"), "1");
}

TEST(ServerSession, ForgivesWhatIsSpreadOverTime) {
  Peer peer;
  for (std::uint32_t i = 0; i < 3000; ++i) {
    peer.send(unary(1 + 2 * i, "/s/M", "x") + reset(1 + 2 * i, NGHTTP2_CANCEL) + ping());
    peer.pass(20ms);
  }
  EXPECT_FALSE(peer.session_->done());
  EXPECT_EQ(peer.reader_.ping_acks(), 3000);
}

TEST(ServerSession, TakesAnyNumberOfPingsBesideAnswers) {
  Peer peer;
  for (std::uint32_t i = 0; i < 300; ++i) {
    for (int pings = 0; pings < 10; ++pings) peer.send(ping());
    peer.send(unary(1 + 2 * i, "/s/M", "x"));
    peer.answer("x");
  }
  EXPECT_FALSE(peer.session_->done());
}

TEST(ServerSession, EndsAConnectionThatBreaksTheProtocol) {
  struct Case {
    const char* name;
    std::string bytes;
  };
  const Case cases[] = {
      {"data on an idle stream", data(1, "x")},
      {"an even stream", headers(2, grpc_fields("/s/M"))},
      {"a window of no bytes", window_update(0, 0)},
      {"a window too large", window_update(0, 0x7fffffff)},
      {"settings of half a size", frame(NGHTTP2_SETTINGS, 0, 0, "123")},
      {"settings on a stream", frame(NGHTTP2_SETTINGS, 0, 1, "")},
      {"a ping of the wrong size", frame(NGHTTP2_PING, 0, 0, "1")},
      {"a continuation of nothing", frame(NGHTTP2_CONTINUATION, end_headers, 1, "")},
      {"a push from a client", frame(NGHTTP2_PUSH_PROMISE, end_headers, 1, "\0\0\0\2"s)},
      {"broken compression", frame(NGHTTP2_HEADERS, end_headers, 1, "\xff\xff\xff\xff\xff\xff")},
      {"a frame too large", "\x01\x00\x00"s + "\0\0\0\0\0\1"s + std::string(65536, 'x')},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Peer peer;
    peer.send(c.bytes);
    EXPECT_TRUE(peer.session_->done());
    EXPECT_GT(peer.reader_.goaway(), 0);
    EXPECT_EQ(peer.metric("kind=\"bad_frame"), "1");
    peer.send(unary(1, "/s/M", "x"));
    EXPECT_TRUE(peer.ready_.empty());
  }
}

TEST(ServerSession, RefusesMalformedRequestsOneByOne) {
  const Fields cases[] = {
      {{":method", "POST"}, {":scheme", "http"}},                                     // no path
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/s/M"}, {":path", "/"}},  // two paths
      {{"x", "y"},
       {":method", "POST"},
       {":scheme", "http"},
       {":path", "/s/M"}},  // pseudo-fields late
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/s/M"}, {"connection", "close"}},
      {{":method", "POST"}, {":scheme", "http"}, {":path", "/s/M"}, {"Upper", "case"}},
  };
  Peer peer;
  std::uint32_t stream = 1;
  for (const Fields& fields : cases) {
    peer.send(headers(stream, fields) + data(stream, grpc_message("x"), end_stream));
    EXPECT_NE(peer.reader_.on(stream).reset, -1);
    stream += 2;
  }
  EXPECT_TRUE(peer.ready_.empty());
  EXPECT_FALSE(peer.session_->done());
}

// --- the end

TEST(ServerSession, DrainsInTwoSteps) {
  Peer peer;
  peer.send(unary(1, "/s/M", "x"));
  peer.session_->drain();
  peer.look();
  EXPECT_EQ(peer.reader_.goaway(), NGHTTP2_NO_ERROR);
  EXPECT_EQ(peer.reader_.goaway_last_stream(), 0x7fffffffu);
  EXPECT_EQ(peer.reader_.pings(), 1);

  // Sent before the notice arrived: still served.
  peer.send(unary(3, "/s/M", "y"));
  peer.send(frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, std::string(8, '\0')));
  EXPECT_EQ(peer.reader_.goaways(), 2);
  EXPECT_EQ(peer.reader_.goaway_last_stream(), 3u);

  // Sent after it: not.
  peer.send(unary(5, "/s/M", "z"));
  EXPECT_EQ(peer.ready_.size(), 2u);
  EXPECT_FALSE(peer.session_->done());
  peer.answer("x");
  peer.answer("y");
  EXPECT_EQ(peer.reader_.on(3).field("grpc-status"), "0");
  EXPECT_TRUE(peer.session_->done());
}

TEST(ServerSession, EndsAnIdleConnection) {
  Peer peer;
  peer.pass(59s);
  EXPECT_FALSE(peer.session_->done());
  peer.pass(1s);
  EXPECT_EQ(peer.reader_.goaway(), NGHTTP2_NO_ERROR);
  EXPECT_TRUE(peer.session_->done());
}

TEST(ServerSession, AsksASilentPeerForASignOfLife) {
  Peer peer;
  peer.send(unary(1, "/s/M", "x"));
  peer.pass(60s);
  EXPECT_EQ(peer.reader_.pings(), 1);
  peer.send(frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, std::string(8, '\0')));
  peer.pass(59s);
  EXPECT_FALSE(peer.session_->done());
  peer.pass(1s);
  EXPECT_EQ(peer.reader_.pings(), 2);
  peer.pass(5s);
  EXPECT_TRUE(peer.session_->done());
}

}  // namespace
}  // namespace net::grpc
