// What one small unary call costs without its socket: HTTP/2 bytes in, handler's turn, HTTP/2 bytes
// out. The baseline takes a new connection for each call.

#include <benchmark/benchmark.h>

#include "base/check.h"
#include "net/grpc_session.h"
#include "net/testing/http2_frames.h"

namespace {

using namespace net;

Task<Result<std::string>> never(const grpc::Context&, std::string) {
  co_return std::string{};
}

// A server session and the little that a connection does around it.
struct Server {
  Server() {
    services.add("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                 grpc::Unary(never));
  }

  std::unique_ptr<grpc::ServerSession> connect() {
    auto session = std::make_unique<grpc::ServerSession>(
        grpc::ServerSession::Parts{limits, services, bounds, metrics, "127.0.0.1:40000"}, now);
    session->feed(testing::opening(), now);
    session->collect(out, 128u << 10);
    session->feed(testing::settings_ack(), now);
    return session;
  }

  void serve(grpc::ServerSession& session, std::string_view bytes) {
    session.feed(bytes, now);
    session.tick(now);
    for (const auto& call : session.take_ready()) {
      const std::string taken = session.take_request(*call);
      benchmark::DoNotOptimize(taken.data());
      static_cast<void>(session.send(*call, {}));
      session.finish(*call, {});
    }
    out.clear();
    session.collect(out, 128u << 10);
    benchmark::DoNotOptimize(out.data());
  }

  Limits limits;
  Bounds bounds{limits};
  base::metrics::Registry registry;
  Metrics metrics{registry, "bench"};
  grpc::Services services;
  Instant now = Instant{} + std::chrono::hours(1);
  std::string out;
};

// As grpc-go's OTLP exporter sends it.
std::string request(std::size_t message_bytes) {
  using namespace testing;
  const Fields more = {{"user-agent", "OTel OTLP Exporter Go/1.47.0 grpc-go/1.85.0"},
                       {"grpc-timeout", "9999m"}};
  // The answer is an empty message with its prefix; who takes it says so.
  return window_update(0, 5) +
         headers(1, grpc_fields("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                                more)) +
         data(1, grpc_message(std::string(message_bytes, 'x')), end_stream);
}

// Makes the same request another call of its connection: the number of the stream stands in the
// head of each frame.
void renumber(std::string& frames, std::uint32_t stream) {
  const auto byte = [&frames](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(frames[i]));
  };
  for (std::size_t at = 0; at < frames.size();
       at += 9 + (byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2))) {
    if (byte(at + 3) == NGHTTP2_WINDOW_UPDATE) continue;
    for (std::size_t i = 0; i < 4; ++i) frames[at + 8 - i] = static_cast<char>(stream >> (8 * i));
  }
}

void unary_calls(benchmark::State& state, bool keep_connection) {
  Server server;
  auto session = server.connect();
  std::string bytes = request(static_cast<std::size_t>(state.range(0)));
  std::uint32_t stream = 1;
  for (auto _ : state) {
    if (!keep_connection) session = server.connect();
    renumber(bytes, stream);
    server.serve(*session, bytes);
    stream = keep_connection ? stream + 2 : 1;
  }
  CHECK(!session->done());
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

BENCHMARK_CAPTURE(unary_calls, kept_connection, true)->Arg(500)->Arg(200'000);
BENCHMARK_CAPTURE(unary_calls, new_connection_baseline, false)->Arg(500);

}  // namespace
