#include <algorithm>
#include <utility>
#include <vector>

#include "net/connection.h"
#include "net/tls.h"
#include "net/tls_session.h"

namespace net::tls {
namespace {

// One record with what surrounds it, and a little more.
constexpr std::size_t read_bytes = 17u << 10;
// While hands are shaken: most peers' part of it.
constexpr std::size_t handshake_bytes = 4u << 10;
// Plain bytes that are encrypted together: one record.
constexpr std::size_t record_bytes = 16u << 10;

// Confined to its loop.
//
// What arrives is read into the buffer of whoever reads, and decrypted from there, so that a
// connection that waits holds none of its own.
//
// Reading may have something to send (the answer to a key change); it goes out at once when the
// socket takes it, and else with the next write. An interrupted write leaves the peer with half a
// record, so that later ones fail.
class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> lower, Session session)
      : lower_(std::move(lower)), session_(std::move(session)) {}

  Task<Result<void>> shake_hands();
  // Ends the connection after a failed handshake.
  Task<void> leave() { return close_gently(*lower_); }

  Task<Result<std::size_t>> read_some(std::span<char> into) override;
  Result<std::size_t> write_now(std::string_view bytes) override;
  Task<Result<void>> write(std::string_view bytes) override;

  void interrupt() override {
    interrupted_ = true;
    lower_->interrupt();
  }
  void shutdown() override;
  const std::string& peer() const override { return lower_->peer(); }

 private:
  Task<Result<void>> receive(std::span<char> through);
  Result<bool> send_now();
  Task<Result<void>> send();
  std::string_view unseen(std::string_view bytes) const;

  std::unique_ptr<Stream> lower_;
  Session session_;
  std::string pending_;       // ciphertext that waits for the socket
  std::size_t ahead_ = 0;     // plain bytes in it that write_now() has not owned up to
  bool interrupted_ = false;  // since the last read began
  bool sending_ = false;      // send() is under way
  bool torn_ = false;         // the peer has part of a record
};

Task<Result<void>> TlsStream::shake_hands() {
  std::vector<char> through(handshake_bytes);
  for (;;) {
    auto done = session_.handshake();
    auto sent = co_await send();  // after a failure too: the peer hears why
    if (!done) co_return std::unexpected(std::move(done).error());
    if (!sent) co_return sent;
    if (*done) co_return Result<void>{};
    CO_TRY_VOID(co_await receive(through));
  }
}

// What arrives may be for TLS alone (tickets), so an interruption can come too late for the socket
// and still be in time here.
Task<Result<std::size_t>> TlsStream::read_some(std::span<char> into) {
  interrupted_ = false;
  for (;;) {
    CO_TRY(const auto n, session_.read(into));
    if (n) co_return *n;
    if (interrupted_) co_return fail(Code::cancelled, "read: interrupted");
    CO_TRY_VOID(send_now());
    CO_TRY_VOID(co_await receive(into));
  }
}

// Takes what the peer sent next, by way of a buffer that is free again afterwards. An end without a
// goodbye may be somebody cutting the answer short.
Task<Result<void>> TlsStream::receive(std::span<char> through) {
  through = through.first(std::min(through.size(), read_bytes));
  CO_TRY(const std::size_t n, co_await lower_->read_some(through));
  if (n == 0) co_return fail(Code::unavailable, "read: the connection was cut");
  session_.receive({through.data(), n});
  co_return Result<void>{};
}

// The part of `bytes` that is not encrypted yet: after write_now() has taken less than it was
// given, the caller comes again with the rest.
std::string_view TlsStream::unseen(std::string_view bytes) const {
  return bytes.substr(std::min(ahead_, bytes.size()));
}

// Sends what waits, as far as the socket takes it; whether nothing is left.
Result<bool> TlsStream::send_now() {
  pending_ += session_.take_output();
  if (sending_) return false;
  if (torn_) return fail(Code::unavailable, "write: an earlier one was interrupted");
  TRY(const std::size_t n, lower_->write_now(pending_));
  pending_.erase(0, n);
  if (!pending_.empty()) return false;
  return true;
}

Result<std::size_t> TlsStream::write_now(std::string_view bytes) {
  std::size_t taken = 0;
  for (;;) {
    TRY(const bool sent, send_now());
    if (!sent) return taken;
    taken += std::exchange(ahead_, 0);
    const std::string_view record = bytes.substr(taken, record_bytes);
    if (record.empty()) return taken;
    TRY_VOID(session_.write(record));
    ahead_ = record.size();
  }
}

Task<Result<void>> TlsStream::write(std::string_view bytes) {
  bytes = unseen(bytes);
  ahead_ = 0;
  do {
    CO_TRY_VOID(session_.write(bytes.substr(0, record_bytes)));
    bytes.remove_prefix(std::min(bytes.size(), record_bytes));
    CO_TRY_VOID(co_await send());
  } while (!bytes.empty());
  co_return Result<void>{};
}

// Sends all that waits, and what a read adds meanwhile.
Task<Result<void>> TlsStream::send() {
  if (torn_) co_return fail(Code::unavailable, "write: an earlier one was interrupted");
  pending_ += session_.take_output();
  while (!pending_.empty()) {
    const std::string going = std::exchange(pending_, {});
    sending_ = true;
    auto sent = co_await lower_->write(going);
    sending_ = false;
    torn_ = !sent;
    if (!sent) co_return std::unexpected(std::move(sent).error());
  }
  co_return Result<void>{};
}

void TlsStream::shutdown() {
  session_.close();
  static_cast<void>(send_now());  // who does not take it now sees the connection end
  lower_->shutdown();
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect(std::unique_ptr<Stream> lower,
                                              std::shared_ptr<const Context> context, Peer peer) {
  auto session = Session::client(std::move(context), peer);
  auto stream = std::make_unique<TlsStream>(std::move(lower), std::move(session));
  CO_TRY_VOID(co_await stream->shake_hands());
  co_return stream;
}

Task<Result<std::unique_ptr<Stream>>> accept(std::unique_ptr<Stream> lower,
                                             std::shared_ptr<const Context> context) {
  auto session = Session::server(std::move(context));
  auto stream = std::make_unique<TlsStream>(std::move(lower), std::move(session));
  auto shaken = co_await stream->shake_hands();
  if (shaken) co_return stream;
  // Bytes that nobody has read would turn the end into a reset, which may overtake the alert.
  if (shaken.error().code != Code::cancelled) co_await stream->leave();
  co_return std::unexpected(std::move(shaken).error());
}

}  // namespace net::tls
