// The scaler's streams over real connections: edges, repeats, and every way in which they end.

#include <gtest/gtest.h>

#include <optional>

#include "net/server.h"
#include "net/tcp.h"
#include "net/testing/http2_frames.h"
#include "net/testing/run.h"
#include "server/external_scaler.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using net::testing::eventually;

constexpr std::string_view method = "/externalscaler.ExternalScaler/StreamIsActive";

// A scaler on a free port of loopback. Confined to its loop; await drain() before destruction.
class Scaler {
 public:
  explicit Scaler(base::Loop& loop, Duration repeat_interval = 1h)
      : store_({}, 1, {}, registry_),
        scaler_({.store = store_, .clock = clock_, .executor = loop.executor()},
                {.repeat_interval = repeat_interval}),
        server_("scaler", loop.executor(), {}, {.grpc = services()}, {}, registry_) {
    port_ = *server_.listen("127.0.0.1", 0);
  }

  Task<std::unique_ptr<net::Stream>> connect() {
    auto stream = co_await net::tcp::connect({"127.0.0.1", port_});
    EXPECT_TRUE(stream);
    co_return std::move(*stream);
  }

  void send(double value) {
    const Timestamp now = clock_.now();
    const auto appended =
        store_.append({.metric = "depth"}, {.time = now, .value = tsdb::Value::of(value)}, now);
    EXPECT_EQ(appended, tsdb::Appended::stored);
    store_.publish(now);
  }

  double metric(std::string_view name) {
    store_.publish(clock_.now());
    const std::string text = "\n" + registry_.render();
    const std::size_t at = text.find("\n" + std::string(name) + " ");
    return at == text.npos ? -1 : std::stod(text.substr(at + name.size() + 2));
  }
  double standing() { return metric("tidewheel_store_standing_queries"); }

  Task<void> drain(Duration grace = {}) { return server_.drain(grace); }

 private:
  std::shared_ptr<net::grpc::Services> services() {
    auto services = std::make_shared<net::grpc::Services>();
    scaler_.add_to(*services);
    return services;
  }

  base::SystemClock clock_;
  base::metrics::Registry registry_;
  tsdb::Shards store_;
  ExternalScaler scaler_;
  net::Server server_;
  std::uint16_t port_ = 0;
};

std::string open(std::uint32_t stream, const net::testing::Fields& more = {}) {
  const std::string request =
      encode(ScaledObjectRef{.name = "mail", .ns = "shop", .metadata = {{"metricQuery", "depth"}}});
  return net::testing::headers(stream, net::testing::grpc_fields(method, more)) +
         net::testing::data(stream, net::testing::grpc_message(request), net::testing::end_stream);
}

// Reads until the first stream's body has so many bytes.
Task<std::string> read_body(net::Stream* stream, net::testing::FrameReader* frames,
                            std::size_t bytes_wanted) {
  while (frames->on(1).body.size() < bytes_wanted) {
    const std::string bytes = co_await net::testing::read_until(
        *stream, [](const std::string& all) { return !all.empty(); });
    if (bytes.empty()) break;
    frames->feed(bytes);
  }
  co_return frames->on(1).body;
}

Task<void> edges(base::Loop& loop) {
  Scaler scaler(loop);
  const auto stream = co_await scaler.connect();
  static_cast<void>(co_await stream->write(net::testing::opening() + open(1)));
  const bool known = co_await eventually([&] { return scaler.standing() == 1; });
  EXPECT_TRUE(known);
  net::testing::FrameReader frames;
  std::string want;
  for (const double value : {3.0, 0.0, 2.0}) {
    scaler.send(value);
    want += net::testing::grpc_message(encode_active(value > 0));
    const std::string got = co_await read_body(stream.get(), &frames, want.size());
    EXPECT_EQ(got, want);
  }
  co_await scaler.drain();
  EXPECT_EQ(scaler.standing(), 0);
}

TEST(ExternalScalerStreams, CarryEachEdge) {
  net::testing::run(edges);
}

Task<void> repeats(base::Loop& loop) {
  Scaler scaler(loop, 10ms);
  scaler.send(3);
  const auto stream = co_await scaler.connect();
  static_cast<void>(co_await stream->write(net::testing::opening() + open(1)));
  net::testing::FrameReader frames;
  std::string want;
  for (int i = 0; i < 4; ++i) want += net::testing::grpc_message(encode_active(true));
  const std::string got = co_await read_body(stream.get(), &frames, want.size());
  EXPECT_TRUE(got.starts_with(want));
  co_await scaler.drain();
}

TEST(ExternalScalerStreams, RepeatByTheirOwnAlarm) {
  net::testing::run(repeats);
}

Task<void> ends(base::Loop& loop) {
  Scaler scaler(loop);
  {
    const auto stream = co_await scaler.connect();
    std::string calls = net::testing::opening();
    for (std::uint32_t i = 0; i < 100; ++i) calls += open(1 + 2 * i);
    calls += open(201, {{"grpc-timeout", "20m"}});
    static_cast<void>(co_await stream->write(calls));
    const bool known = co_await eventually([&] { return scaler.standing() == 1; });
    EXPECT_TRUE(known);  // one for them all
    for (std::uint32_t i = 0; i < 50; ++i)
      static_cast<void>(co_await stream->write(net::testing::reset(1 + 2 * i, NGHTTP2_CANCEL)));
    net::testing::FrameReader frames;
    while (!frames.on(201).ended) {
      frames.feed(co_await net::testing::read_until(
          *stream, [](const std::string& all) { return !all.empty(); }));
    }
    EXPECT_EQ(frames.on(201).field("grpc-status"), "4");
    EXPECT_EQ(scaler.standing(), 1);
  }  // the others lose their peer
  const bool gone = co_await eventually([&] { return scaler.standing() == 0; });
  EXPECT_TRUE(gone);

  const auto stream = co_await scaler.connect();
  static_cast<void>(co_await stream->write(net::testing::opening() + open(1)));
  const bool again = co_await eventually([&] { return scaler.standing() == 1; });
  EXPECT_TRUE(again);
  co_await scaler.drain(20ms);
  EXPECT_EQ(scaler.standing(), 0);
  net::testing::FrameReader frames;
  frames.feed(co_await net::testing::read_all(*stream));
  EXPECT_EQ(frames.on(1).field("grpc-status"), "14");
  EXPECT_EQ(frames.on(1).field("grpc-message"), "the server is shutting down");
}

TEST(ExternalScalerStreams, LeaveNothingBehindHoweverTheyEnd) {
  net::testing::run(ends);
}

}  // namespace
}  // namespace server
