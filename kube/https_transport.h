#pragma once

// A Transport to a real API server, over HTTP/1.1 and TLS.

#include <cstddef>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "kube/client.h"
#include "kube/kubeconfig.h"
#include "net/client.h"

namespace kube {

struct TransportOptions {
  Duration call_timeout = std::chrono::seconds(30);
  std::size_t answer_bytes_max = 256u << 20;
  std::size_t watch_line_bytes_max = 16u << 20;  // one object and what surrounds it
  // The server ends a watch after this time; one that is silent for half a minute more is dead.
  Duration watch_timeout = std::chrono::minutes(5);
  // How often, with growing waits, a watch that was cut is opened again before it gives up.
  int reopen_attempts = 8;
  Duration reopen_first = std::chrono::milliseconds(100);
  // How long a token is used before its file is read again; Kubernetes renews those of pods long
  // before they end.
  Duration token_age_max = std::chrono::minutes(1);
  net::http::PoolLimits pool;
};

// Confined to its loop. Watches and calls end before it is destroyed. Requests are not slowed down
// here: the server's own fairness does that.
//
// A watch goes on by itself where the last one ended, so that next() fails with `unavailable` only
// when the server has forgotten what came after (410), or cannot be reached for long: list again.
class HttpsTransport final : public Transport {
 public:
  // Errors: invalid, for certificates and keys that are none.
  static Result<std::unique_ptr<HttpsTransport>> make(Access access, ReadFile read,
                                                      const Clock& clock, Log log,
                                                      TransportOptions options = {});
  ~HttpsTransport() override;

  Task<Result<json::Value>> call(Request request) override;
  Task<Result<std::unique_ptr<Watch>>> watch(Request request) override;

 private:
  class Stream;
  struct State;
  explicit HttpsTransport(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace kube
