// A server that takes every OTLP export and throws it away: what the framing alone costs
// (bench/run_ingest). Prints "ready otlp=PORT"; ends with its process.

#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/metrics.h"
#include "net/server.h"

namespace {

Task<Result<std::string>> take(const net::grpc::Context&, std::string) {
  co_return std::string();
}

}  // namespace

int main() {
  base::Loop loop;
  const Log log = Log::make(base::LogLevel::info, base::LogFormat::text);
  base::metrics::Registry registry;
  auto services = std::make_shared<net::grpc::Services>();
  services->add("/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
                net::grpc::Unary(take));
  net::Server server("null", loop.executor(), {}, {.grpc = services}, log, registry);
  const auto port = server.listen("127.0.0.1", 0);
  if (!port) {
    fmt::print(stderr, "{}\n", port.error().what);
    return 1;
  }
  fmt::print("ready otlp={}\n", *port);
  std::fflush(stdout);
  loop.run();
  return 0;
}
