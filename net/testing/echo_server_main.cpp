// The echo service as a program, for clients in other languages.
// Usage: net_echo_server [CERTIFICATE KEY [CLIENT_AUTHORITIES]], files in PEM; with them it speaks
// TLS. Prints its port on one line; ends after GET /drain once it has drained.

#include <fmt/format.h>

#include <cstdio>
#include <span>

#include "base/metrics.h"
#include "net/testing/echo.h"

namespace {

constexpr auto grace = std::chrono::seconds(10);

Task<void> serve(base::Loop* loop, net::Server* server, net::testing::EchoState* state) {
  static_cast<void>(co_await state->drain_asked.wait());
  co_await server->drain(grace);
  loop->stop();
}

// files: as on the command line.
Result<std::uint16_t> listen(net::Server& server, std::span<char* const> files) {
  if (files.size() >= 2) {
    const net::tls::Files pem{.certificate = files[0],
                              .key = files[1],
                              .client_authorities = files.size() > 2 ? files[2] : ""};
    TRY_VOID(server.secure(pem, std::chrono::hours(1)));
  }
  return server.listen("localhost", 0);
}

}  // namespace

int main(int argc, char** argv) {
  base::Loop loop;
  const Log log = Log::make(base::LogLevel::info, base::LogFormat::text);
  base::metrics::Registry registry;
  net::testing::EchoState state(loop.executor());
  net::Server server("echo", loop.executor(), net::Limits{}, net::testing::make_echo(state), log,
                     registry);
  const auto port = listen(server, std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
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
