#include "net/tls_gate.h"

#include <utility>

namespace net::tls {

Gate::Gate(FileContext files, Shared& shared, const std::string& server)
    : files_(std::move(files)), shared_(shared), metrics_(shared.registry, server) {
  announce();
}

Task<std::unique_ptr<Stream>> Gate::enter(std::unique_ptr<Stream> stream) {
  if (entering_ >= shared_.limits.handshakes_max) {
    shared_.metrics.violated(Violation::too_many_connections);
    co_return nullptr;
  }
  ++entering_;
  auto entered = co_await base::with_deadline(accept(std::move(stream), files_.context()),
                                              shared_.limits.request_timeout);
  --entering_;
  if (!entered) count(entered.error());
  if (!entered) co_return nullptr;
  metrics_.handshakes.add();
  co_return std::move(*entered);
}

void Gate::count(const Error& error) {
  switch (error.code) {
    case Code::timeout:
      return shared_.metrics.violated(Violation::request_timeout);
    case Code::bad_data:
      return shared_.metrics.violated(Violation::no_tls);
    case Code::cancelled:
      return;  // we are closing
    default:
      return shared_.metrics.violated(Violation::bad_handshake);
  }
}

Task<void> Gate::watch(Duration interval) {
  while (co_await base::sleep_for(interval)) look();
}

void Gate::look() {
  const auto changed = files_.look();
  if (!changed) metrics_.reload_failures.add();
  const std::string problem = changed ? "" : changed.error().what;
  if (!problem.empty() && problem != problem_) {
    shared_.log.error("the tls files cannot be used: the last good ones serve",
                      {{"error", problem}});
  }
  problem_ = problem;
  if (changed && *changed) {
    shared_.log.info("the tls files have changed, new connections use them");
    announce();
  }
}

void Gate::announce() const {
  const auto expires = files_.context()->expires();
  if (!expires) return;
  metrics_.expiry.set(static_cast<double>(expires->ns) / 1e9);
  if (*expires <= shared_.clock.now()) {
    shared_.log.warn("the certificate has expired, clients will refuse it",
                     {{"expired", base::format_time(*expires)}});
  }
}

}  // namespace net::tls
