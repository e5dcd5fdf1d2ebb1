#pragma once

// A small HTTPS server for tests: one handler, on a free port of 127.0.0.1.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/task.h"
#include "net/address.h"
#include "net/connection.h"
#include "net/http.h"
#include "net/tls.h"

namespace net::testing {

// Confined to its loop; await close() before destruction.
class TlsServer {
 public:
  // nullptr: plain HTTP.
  TlsServer(base::Loop& loop, std::shared_ptr<const tls::Context> context, http::Handler handler);

  Address address() const { return {"127.0.0.1", port_}; }
  int connections() const { return connections_; }  // that shook hands, ever
  std::string refusal() const { return refusal_; }  // why the last handshake failed
  // Ends every connection, as a restart would; new ones are welcome.
  void cut();
  Task<void> close();

 private:
  Task<void> accept_loop();
  Task<void> serve(std::unique_ptr<Stream> stream);

  base::metrics::Registry registry_;
  std::shared_ptr<const tls::Context> context_;
  Shared shared_;
  std::unique_ptr<base::TaskGroup> accepting_;
  std::unique_ptr<base::TaskGroup> serving_;
  std::uint16_t port_ = 0;
  int connections_ = 0;
  std::string refusal_;
  std::vector<base::TaskHandle> running_;
  struct Listener;
  std::shared_ptr<Listener> listener_;
};

}  // namespace net::testing
