#pragma once

// The door of a port that speaks TLS: handshakes, and certificates that change while it is open.

#include <cstddef>
#include <memory>
#include <string>

#include "base/task.h"
#include "net/connection.h"
#include "net/metrics.h"
#include "net/stream.h"
#include "net/tls_files.h"

namespace net::tls {

// Confined to its server's loop; `shared` outlives it.
class Gate {
 public:
  Gate(FileContext files, Shared& shared, const std::string& server);

  // Shakes hands, within the limits of a request. nullptr when that failed: the peer has been told,
  // and it is counted.
  Task<std::unique_ptr<Stream>> enter(std::unique_ptr<Stream> stream);

  // Looks at the files at that interval until it is stopped.
  Task<void> watch(Duration interval);
  // Looks at the files. What is wrong with them is logged once, and counted each time.
  void look();

 private:
  void count(const Error& error);
  void announce() const;

  FileContext files_;
  Shared& shared_;
  TlsMetrics metrics_;
  std::size_t entering_ = 0;
  std::string problem_;  // the last look's; empty: none
};

}  // namespace net::tls
