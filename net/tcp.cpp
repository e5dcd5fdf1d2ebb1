#include "net/tcp.h"

#include <fmt/format.h>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace net::tcp {
namespace {

namespace asio = boost::asio;
using asio::use_awaitable;
using boost::system::error_code;
using Endpoint = asio::ip::tcp::endpoint;

constexpr int backlog = 1024;
// "localhost" with port 0 needs one free port on two addresses.
constexpr int shared_port_attempts = 16;

Code code_of(const error_code& error) {
  if (error == asio::error::operation_aborted) return Code::cancelled;
  if (error == asio::error::access_denied) return Code::denied;
  if (error == asio::error::no_descriptors || error.value() == ENFILE) return Code::exhausted;
  return Code::unavailable;
}

std::unexpected<Error> failure(std::string_view doing, const error_code& error) {
  return fail(code_of(error), fmt::format("{}: {}", doing, error.message()));
}

// IPv4 peers of a dual-stack socket keep their IPv4 spelling.
std::string text_of(const Endpoint& endpoint) {
  auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return to_string(Address{address.to_string(), endpoint.port()});
}

class TcpStream final : public Stream {
 public:
  explicit TcpStream(Socket socket) : socket_(std::move(socket)) {
    error_code ignored;  // a peer that is gone already shows at the first read
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    const Endpoint remote = socket_.remote_endpoint(ignored);
    peer_ = text_of(remote);
  }

  Task<Result<std::size_t>> read_some(std::span<char> into) override;
  Result<std::size_t> write_now(std::string_view bytes) override;
  Task<Result<void>> write(std::string_view bytes) override;

  void interrupt() override {
    error_code ignored;
    socket_.cancel(ignored);
  }
  void shutdown() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  const std::string& peer() const override { return peer_; }

 private:
  Socket socket_;
  std::string peer_;
  std::array<char, 4096> first_;
};

Task<bool> stopped() {
  const auto state = co_await asio::this_coro::cancellation_state;
  co_return state.cancelled() != asio::cancellation_type::none;
}

// Asio reads into a small buffer of our own, because it may do so long before we run again; only
// the rest of what has arrived goes straight into the shared one. A read that does not fill the
// small buffer also tells Asio that there is nothing more, which saves it a system call before the
// next wait.
Task<Result<std::size_t>> TcpStream::read_some(std::span<char> into) {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    co_return fail(Code::cancelled, "stopped");
  error_code error;
  const std::size_t waiting_max = std::min(into.size(), first_.size());
  const std::size_t n = co_await socket_.async_read_some(
      asio::buffer(first_.data(), waiting_max), asio::redirect_error(use_awaitable, error));
  if (error == asio::error::eof) co_return 0;
  if (error) co_return failure("read", error);
  std::copy_n(first_.data(), n, into.data());
  if (n < first_.size() || n == into.size()) co_return n;
  // Whatever goes wrong here will go wrong again at the next read.
  const std::size_t more = socket_.read_some(asio::buffer(into.data() + n, into.size() - n), error);
  co_return n + more;
}

Result<std::size_t> TcpStream::write_now(std::string_view bytes) {
  error_code error;
  const std::size_t n = socket_.write_some(asio::buffer(bytes), error);
  if (error == asio::error::would_block) return 0;
  if (error) return failure("write", error);
  return n;
}

Task<Result<void>> TcpStream::write(std::string_view bytes) {
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    co_return fail(Code::cancelled, "stopped");
  error_code error;
  co_await asio::async_write(socket_, asio::buffer(bytes),
                             asio::redirect_error(use_awaitable, error));
  if (error) co_return failure("write", error);
  co_return Result<void>{};
}

// --- listening

Result<Acceptor> open(const Executor& executor, const Endpoint& endpoint, bool dual) {
  Acceptor acceptor(executor);
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error && endpoint.address().is_v6()) {
    acceptor.set_option(asio::ip::v6_only(!dual), error);
  }
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(backlog, error);
  if (error == asio::error::address_in_use) {
    const bool everywhere = endpoint.address().is_unspecified();
    return fail(Code::unavailable, everywhere
                                       ? fmt::format("port {} is in use", endpoint.port())
                                       : fmt::format("port {} on {} is in use", endpoint.port(),
                                                     endpoint.address().to_string()));
  }
  if (error) return failure(fmt::format("listen on {}", text_of(endpoint)), error);
  return acceptor;
}

using Acceptors = std::vector<Acceptor>;

template <class... A>
Acceptors list(A&&... acceptors) {
  Acceptors out;
  (out.push_back(std::forward<A>(acceptors)), ...);
  return out;
}

// Every address of both families; IPv4 alone where the kernel has no IPv6.
Result<Acceptors> open_everywhere(const Executor& executor, std::uint16_t port) {
  auto both = open(executor, Endpoint(asio::ip::address_v6::any(), port), true);
  if (both) return list(std::move(*both));
  if (both.error().what.ends_with("is in use")) return std::unexpected(both.error());
  TRY(auto v4, open(executor, Endpoint(asio::ip::address_v4::any(), port), false));
  return list(std::move(v4));
}

// Both loopback addresses on one port; IPv4 alone where the kernel has no IPv6.
Result<Acceptors> open_localhost(const Executor& executor, std::uint16_t port) {
  for (int attempt = 1;; ++attempt) {
    TRY(auto v4, open(executor, Endpoint(asio::ip::address_v4::loopback(), port), false));
    const std::uint16_t taken = v4.local_endpoint().port();
    auto v6 = open(executor, Endpoint(asio::ip::address_v6::loopback(), taken), false);
    if (v6) return list(std::move(v4), std::move(*v6));
    if (!v6.error().what.ends_with("is in use")) return list(std::move(v4));
    if (port != 0 || attempt == shared_port_attempts) return std::unexpected(v6.error());
  }
}

}  // namespace

Result<std::vector<Acceptor>> listen(const Executor& executor, const std::string& address,
                                     std::uint16_t port) {
  if (address.empty()) return open_everywhere(executor, port);
  if (address == "localhost") return open_localhost(executor, port);
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  if (error) {
    return fail(Code::invalid, fmt::format("\"{}\" is not an address to listen on", address));
  }
  TRY(auto acceptor, open(executor, Endpoint(parsed, port), false));
  return list(std::move(acceptor));
}

Task<Result<Socket>> accept(Acceptor& acceptor) {
  const bool stop = co_await stopped();
  if (stop) co_return fail(Code::cancelled, "stopped");
  error_code error;
  Socket socket = co_await acceptor.async_accept(asio::redirect_error(use_awaitable, error));
  if (error) co_return failure("accept", error);
  co_return socket;
}

Task<Result<std::unique_ptr<Stream>>> connect(Address to) {
  const bool stop = co_await stopped();
  if (stop) co_return fail(Code::cancelled, "stopped");
  const Executor executor = co_await asio::this_coro::executor;
  asio::ip::tcp::resolver resolver(executor);
  error_code error;
  const auto found = co_await resolver.async_resolve(to.host, std::to_string(to.port),
                                                     asio::redirect_error(use_awaitable, error));
  if (error) co_return failure(fmt::format("resolve {}", to.host), error);
  Socket socket(executor);
  co_await asio::async_connect(socket, found, asio::redirect_error(use_awaitable, error));
  if (error) co_return failure(fmt::format("connect to {}", to_string(to)), error);
  co_return make_stream(std::move(socket));
}

std::unique_ptr<Stream> make_stream(Socket socket) {
  return std::make_unique<TcpStream>(std::move(socket));
}

namespace {

// A connection of no loop, closed where nobody takes it.
class Loose {
 public:
  explicit Loose(int descriptor) : descriptor_(descriptor) {}
  ~Loose() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Loose(Loose&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Loose& operator=(Loose&&) = delete;

  std::unique_ptr<Stream> stream_on(const Executor& loop, const asio::ip::tcp& protocol) {
    Socket socket(loop);
    error_code error;
    socket.assign(protocol, descriptor_, error);
    if (error) return nullptr;
    descriptor_ = -1;
    return make_stream(std::move(socket));
  }

 private:
  int descriptor_;
};

}  // namespace

void move_to(const Executor& loop, Socket socket,
             std::move_only_function<void(std::unique_ptr<Stream>)> then) {
  error_code error;
  const Endpoint local = socket.local_endpoint(error);
  Loose loose(error ? -1 : socket.release(error));
  asio::post(loop, [loop, loose = std::move(loose), protocol = local.protocol(),
                    then = std::move(then)]() mutable { then(loose.stream_on(loop, protocol)); });
}

}  // namespace net::tcp
