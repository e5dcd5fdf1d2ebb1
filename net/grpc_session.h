#pragma once

// The server's side of one gRPC connection as a machine of bytes and moments: no sockets, no
// coroutines, no clock.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "net/bounds.h"
#include "net/grpc.h"
#include "net/grpc_call.h"
#include "net/http2.h"
#include "net/metrics.h"
#include "net/rate.h"
#include "net/server.h"

namespace net::grpc {

// Turns HTTP/2 bytes into calls, and answers into HTTP/2 bytes. Confined to its loop.
// After anything that may have produced output or events: take_ready(), take_heard(),
// take_abandoned(), collect().
class ServerSession {
 public:
  // All references outlive it.
  struct Parts {
    const Limits& limits;
    const Services& services;
    Bounds& bounds;
    Metrics& metrics;
    std::string peer;
  };

  ServerSession(Parts parts, Instant now);
  ~ServerSession();
  ServerSession(const ServerSession&) = delete;
  ServerSession& operator=(const ServerSession&) = delete;

  // Takes bytes of the peer, cut anywhere, beginning with the preface. What breaks the protocol is
  // answered by GOAWAY; done() tells.
  void feed(std::string_view bytes, Instant now);

  // Calls whose request, or head of a conversation, has arrived since the last time: run their
  // handlers.
  std::vector<std::shared_ptr<Call>> take_ready();
  // Conversations with something in `arrived`, or whose request has ended. They were ready before.
  std::vector<std::shared_ptr<Call>> take_heard();
  // Calls that were ready and that nobody waits for any more: stop their handlers.
  std::vector<std::shared_ptr<Call>> take_abandoned();

  // What a handler is to have: the request of a call that is ready, what a conversation has heard.
  // Its bytes are the handler's from now on.
  std::string take_request(Call& call);
  std::vector<std::string> take_arrived(Call& call);

  // Queues one message of the answer. Dropped when the call is over. Errors: exhausted, when peers
  // leave too much untaken.
  Result<void> send(Call& call, std::string message);
  // Ends the answer. Without a message before it, it is a trailers-only answer.
  void finish(Call& call, Status status);

  // Appends what is to be sent, until `out` holds `bytes_max`.
  void collect(std::string& out, std::size_t bytes_max);

  // Applies every limit that has to do with time; returns when to come again.
  Instant tick(Instant now);

  // Announces the end (GOAWAY in two steps); done() once the calls that began before are answered.
  void drain();

  // Nothing more will be read or written.
  bool done() const;

 private:
  struct Callbacks;
  static http2::Session open(ServerSession& owner);
  static nghttp2_data_source_read_callback read_callback();

  void begin_call(std::int32_t stream);
  void take_header(Call& call, std::string_view name, std::string_view value);
  void check_head(Call& call);
  void take_data(Call& call, std::string_view bytes);
  Result<void> take_messages(Call& call, std::string_view bytes);
  void refuse(Call& call, const Error& error);
  bool count(Call& call);
  void hold(Call& call);
  void end_conversation(Call& call);
  void note_heard(Call& call);
  void end_request(Call& call);
  void make_ready(Call& call, std::string message);
  void close_call(Call& call);
  void on_control_frame(const nghttp2_frame& frame);
  void on_window_update();
  void calm();
  void on_ping_answer();
  void on_reset();
  void on_frame_sent(const nghttp2_frame& frame);
  void answer_http(Call& call, std::string_view status);
  void submit_trailers(Call& call);
  void submit_head(Call& call);
  long read_answer(Call& call, std::uint8_t* buffer, std::size_t length, std::uint32_t* flags);
  void end_connection(std::uint32_t http2_error);
  void abandon(Call& call);
  Instant tick_calls(Instant now);
  Instant tick_peer(Instant now);
  std::shared_ptr<Call> find(std::int32_t stream) const;

  Parts parts_;
  Part inflight_;
  Part answers_;
  Part call_count_;
  http2::Session session_;
  std::unordered_map<std::int32_t, std::shared_ptr<Call>> calls_;  // until their stream is closed
  std::vector<std::shared_ptr<Call>> ready_;
  std::vector<std::shared_ptr<Call>> heard_from_;
  std::vector<std::shared_ptr<Call>> abandoned_;
  std::vector<Context> unknown_;  // calls of methods that are not offered
  Instant now_;                   // of the latest feed or tick
  Instant heard_;                 // when the peer last sent something
  Instant due_;                   // nothing is due before it
  Instant asked_{};               // when we asked for a sign of life; zero: we have not
  RateLimit resets_;
  RateLimit controls_;
  std::uint64_t updates_due_ = 0;  // WINDOW_UPDATE frames that what we sent may bring
  bool draining_ = false;
  bool goaway_sent_ = false;
  bool deaf_ = false;    // what follows a fatal error means nothing
  bool broken_ = false;  // nobody is there
};

}  // namespace net::grpc
