#pragma once

// A listener that speaks HTTP/1.1 and gRPC on one port: a connection that opens with the HTTP/2
// preface is gRPC, anything else is HTTP/1.1. A port speaks TLS or not, never both; over TLS a
// client may ask which of the two it gets (ALPN), and what it then says still decides.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "base/task.h"
#include "net/grpc.h"
#include "net/http.h"
#include "net/tls_files.h"

namespace net {

// Every bound of a connection, of one port: where several servers take part in it, of all of them
// together, but for handshakes_max.
struct Limits {
  std::size_t body_bytes_max = 16u << 20;  // a request body or gRPC message, after decompression
  std::size_t header_bytes_max = 64u << 10;
  std::size_t connections_max = 10'000;
  std::uint32_t streams_max = 1'000;  // concurrent HTTP/2 streams of one connection
  // All connections together: bytes of requests on their way to a handler, decompressed ones too;
  // bytes of gRPC answers that peers do not take; gRPC calls.
  std::size_t inflight_bytes_max = 256u << 20;
  std::size_t answers_bytes_max = 128u << 20;
  std::size_t calls_max = 100'000;
  // What a gRPC connection may have of them whatever others hold: of bytes each way, and of calls.
  std::size_t guaranteed_bytes = 16u << 10;
  std::size_t guaranteed_calls = 16;
  Duration idle_timeout = std::chrono::minutes(5);  // no request for so long: closed
  Duration request_timeout =
      std::chrono::seconds(30);  // a started request, or a TLS handshake, must have arrived by then
  // One that has begun holds more than a connection that is through.
  std::size_t handshakes_max = 1'000;
};

struct Handlers {
  http::Handler http;                          // empty: 404 for everything
  std::shared_ptr<const grpc::Services> grpc;  // nullptr: the HTTP/2 preface is refused
};

// Confined to its loop, like every handler it calls. Once it listens, await drain() before
// destruction.
class Server {
 public:
  Server(std::string name, Executor executor, Limits limits, Handlers handlers, Log log,
         base::metrics::Registry& metrics);
  ~Server();

  // Listens on `address` ("", "0.0.0.0", "::", "127.0.0.1", "::1", "localhost"; "" is every address
  // of both families). Port 0 takes a free one. Returns the port. Errors: unavailable (in use),
  // invalid (bad address), denied.
  Result<std::uint16_t> listen(const std::string& address, std::uint16_t port);

  // The port will speak TLS alone, for connections accepted from now on; due before listen(). While
  // it listens, the files are read again at that interval, and what has changed holds for new
  // connections. Errors: those of tls::FileContext::open.
  Result<void> secure(tls::Files files, Duration look_interval);
  // Reads the files again now; a no-op without TLS.
  void look_at_files();

  // Takes part in the port of `first`, on a loop of its own: that one accepts, and hands each
  // connection to whichever of them has the fewest. Due before first.listen(), and before the loops
  // run; `first` is drained first.
  void take_part_in(Server& first);

  // Stops accepting, tells peers (GOAWAY, Connection: close), lets running requests end for at most
  // `grace`, then closes.
  Task<void> drain(Duration grace);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace net
