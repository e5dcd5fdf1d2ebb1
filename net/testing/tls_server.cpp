#include "net/testing/tls_server.h"

#include <utility>

#include "base/check.h"
#include "net/tcp.h"

namespace net::testing {

struct TlsServer::Listener {
  tcp::Acceptor acceptor;
};

TlsServer::TlsServer(base::Loop& loop, std::shared_ptr<const tls::Context> context,
                     http::Handler handler)
    : context_(std::move(context)),
      shared_{.executor = loop.executor(),
              .limits = {},
              .handlers = {.http = std::move(handler), .grpc = nullptr},
              .log = {},
              .metrics = Metrics(registry_, "test"),
              .registry = registry_,
              .bounds = std::make_shared<Bounds>(Limits{}),
              .scratch = std::vector<char>(64u << 10),
              .clock = {}},
      accepting_(std::make_unique<base::TaskGroup>(loop.executor(), Log{})),
      serving_(std::make_unique<base::TaskGroup>(loop.executor(), Log{})) {
  auto acceptors = tcp::listen(loop.executor(), "127.0.0.1", 0);
  CHECK(acceptors.has_value());
  port_ = acceptors->front().local_endpoint().port();
  listener_ = std::make_shared<Listener>(std::move(acceptors->front()));
  accepting_->spawn(accept_loop());
}

Task<void> TlsServer::accept_loop() {
  for (;;) {
    auto socket = co_await tcp::accept(listener_->acceptor);
    if (!socket) co_return;
    running_.push_back(serving_->spawn(serve(tcp::make_stream(std::move(*socket)))));
  }
}

Task<void> TlsServer::serve(std::unique_ptr<Stream> stream) {
  if (context_) {
    auto shaken = co_await tls::accept(std::move(stream), context_);
    if (!shaken) {
      refusal_ = shaken.error().what;
      co_return;
    }
    stream = std::move(*shaken);
  }
  ++connections_;
  const auto connection = make_http1_connection(shared_, std::move(stream));
  co_await connection->run({});
}

void TlsServer::cut() {
  for (const base::TaskHandle& task : running_) task.stop();
  running_.clear();
}

Task<void> TlsServer::close() {
  accepting_->stop();
  co_await accepting_->join();
  listener_.reset();
  serving_->stop();
  co_await serving_->join();
}

}  // namespace net::testing
