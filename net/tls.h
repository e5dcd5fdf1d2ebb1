#pragma once

// TLS over any Stream: what each side trusts and shows, and the handshakes.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "net/stream.h"

namespace net::tls {

// A certificate, with the chain that leads to it, and its private key; both PEM.
struct Identity {
  std::string certificates;
  std::string key;
  bool operator==(const Identity&) const = default;
};

struct ClientOptions {
  std::string authorities;  // PEM of who may have signed the server; empty: the system's
  std::optional<Identity> identity;
  bool verify = true;  // false: any certificate is taken, for clusters that say so themselves
};

struct ServerOptions {
  Identity identity;
  std::string client_authorities;      // not empty: clients must show a certificate signed by one
  std::vector<std::string> protocols;  // answers to ALPN, preferred first; empty: ALPN is ignored
  bool operator==(const ServerOptions&) const = default;
};

// Which authorities are trusted and which identity is shown. Immutable; TLS 1.2 and newer.
class Context {
 public:
  // Errors: invalid, saying which text is not what it should be, and which key is not its
  // certificate's.
  static Result<std::shared_ptr<const Context>> for_client(const ClientOptions& options);
  static Result<std::shared_ptr<const Context>> for_server(const ServerOptions& options);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  // When the certificate that it shows is no longer valid; nullopt when it shows none.
  std::optional<Timestamp> expires() const;

 private:
  friend class Session;
  struct State;
  explicit Context(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// Whom a client wants to meet, and what it is going to speak.
struct Peer {
  std::string name;      // what its certificate must be for: a host name, or an IP address
  std::string protocol;  // offered by ALPN, such as "h2"; empty: ALPN is left out
};

// Shakes hands over `lower`. Errors: denied (a certificate that does not convince either side, with
// the reason), bad_data (the server does not speak TLS), unavailable, cancelled. Give it a
// deadline. A server that takes client certificates late (TLS 1.3) may deny at the first read.
Task<Result<std::unique_ptr<Stream>>> connect(std::unique_ptr<Stream> lower,
                                              std::shared_ptr<const Context> context, Peer peer);

// For a client in plain text, about the first bytes that it hears. Errors: bad_data when they are a
// TLS alert, as servers send it to who does not speak TLS.
Result<void> check_plain(std::string_view first);

// The server's side of connect(). A peer that does not speak TLS is answered with an alert, where
// OpenSSL would leave it guessing.
Task<Result<std::unique_ptr<Stream>>> accept(std::unique_ptr<Stream> lower,
                                             std::shared_ptr<const Context> context);

}  // namespace net::tls
