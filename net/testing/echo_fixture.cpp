#include "net/testing/echo_fixture.h"

#include <cstdlib>

#include "base/check.h"
#include "net/tcp.h"
#include "net/testing/run.h"

namespace net::testing {

EchoServer::EchoServer(base::Loop& loop, Limits limits, Log log)
    : state_(loop.executor()),
      server_("echo", loop.executor(), limits, make_echo(state_), std::move(log), registry_) {
  listen();
}

EchoServer::EchoServer(base::Loop& loop, tls::Files files, Limits limits, Duration look_interval)
    : state_(loop.executor()),
      server_("echo", loop.executor(), limits, make_echo(state_), Log{}, registry_) {
  const auto secured = server_.secure(std::move(files), look_interval);
  CHECK(secured.has_value());
  listen();
}

void EchoServer::listen() {
  const auto port = server_.listen("127.0.0.1", 0);
  CHECK(port.has_value());
  port_ = *port;
}

Task<std::unique_ptr<Stream>> EchoServer::connect() {
  auto stream = co_await tcp::connect(address());
  CHECK(stream.has_value());
  co_return std::move(*stream);
}

Task<std::string> EchoServer::answer_to(std::string bytes) {
  const auto stream = co_await connect();
  static_cast<void>(co_await stream->write(bytes));
  stream->shutdown();
  co_return co_await read_all(*stream);
}

double EchoServer::metric(std::string_view name, std::string_view label) const {
  const std::string text = registry_.render();
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (!line.starts_with("tidewheel_") || !line.substr(10).starts_with(name) ||
        !line.contains(label))
      continue;
    return std::atof(std::string(line.substr(line.rfind(' '))).c_str());
  }
  return 0;
}

}  // namespace net::testing
