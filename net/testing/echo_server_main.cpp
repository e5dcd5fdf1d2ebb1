// The echo service as a program, for clients in other languages.
// Usage: net_echo_server [STREAMS_MAX]. Prints its port on one line; ends after GET /drain once it
// has drained.

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/metrics.h"
#include "net/testing/echo.h"

namespace {

constexpr auto grace = std::chrono::seconds(10);

Task<void> serve(base::Loop* loop, net::Server* server, net::testing::EchoState* state) {
  static_cast<void>(co_await state->drain_asked.wait());
  co_await server->drain(grace);
  loop->stop();
}

}  // namespace

int main(int argc, char** argv) {
  base::Loop loop;
  const Log log = Log::make(base::LogLevel::info, base::LogFormat::text);
  base::metrics::Registry registry;
  net::testing::EchoState state(loop.executor());
  net::Limits limits;
  if (argc > 1) limits.streams_max = static_cast<std::uint32_t>(std::atoi(argv[1]));
  net::Server server("echo", loop.executor(), limits, net::testing::make_echo(state), log,
                     registry);
  const auto port = server.listen("localhost", 0);
  if (!port) {
    fmt::print(stderr, "{}\n", port.error().what);
    return 1;
  }
  fmt::print("{}\n", *port);
  std::fflush(stdout);
  base::TaskGroup tasks(loop.executor(), log);
  tasks.spawn(serve(&loop, &server, &state));
  loop.run();
  return 0;
}
