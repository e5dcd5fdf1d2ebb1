#pragma once

// One side of a TLS connection as a machine: ciphertext in, plain bytes out, and back. It knows no
// socket and never waits.

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/tls.h"

namespace net::tls {

// Confined to its loop.
class Session {
 public:
  static Session client(std::shared_ptr<const Context> context, const Peer& peer);
  static Session server(std::shared_ptr<const Context> context);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  // What the peer sent. Read it all before the next call, so that no more than that is held.
  void receive(std::string_view ciphertext);

  // Goes on shaking hands; false until it has what it needs from the peer. Errors: denied,
  // unavailable; bad_data for a peer that does not speak TLS.
  Result<bool> handshake();

  // Plain bytes of what was received: nullopt when more has to come first, 0 when the peer has
  // said goodbye. Errors: unavailable; denied where a server wants another client certificate.
  Result<std::optional<std::size_t>> read(std::span<char> into);

  // Encrypts all of `plain`. Errors: unavailable.
  Result<void> write(std::string_view plain);

  // Says goodbye.
  void close();

  // What has to go to the peer since the last call.
  std::string take_output();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace net::tls
