#pragma once

// A TLS client that does what ours never would: old versions, any ALPN list, coming back with a
// ticket. It says what came of it.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "net/address.h"
#include "net/tls.h"

namespace net::testing {

struct ProbeOptions {
  int version_max = 0;                 // such as TLS1_1_VERSION; 0: any
  std::vector<std::string> protocols;  // offered by ALPN
  std::optional<tls::Identity> identity;
};

struct ProbeResult {
  std::string problem;   // empty: it got an answer
  std::string version;   // "TLSv1.3"
  std::string protocol;  // chosen by ALPN; empty: none
  std::string subject;   // common name of the server's certificate
  bool resumed = false;  // by a ticket of an earlier ask()
  std::string answer;    // to GET /nope
};

// Confined to its loop. Trusts any server.
class TlsProbe {
 public:
  explicit TlsProbe(ProbeOptions options);
  ~TlsProbe();

  // Connects, shakes hands, sends one HTTP/1.1 request, and reads until the server ends.
  Task<ProbeResult> ask(Address to);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace net::testing
