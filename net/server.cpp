#include "net/server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "net/alarm.h"
#include "net/connection.h"
#include "net/http2.h"
#include "net/tcp.h"
#include "net/tls_gate.h"

namespace net {
namespace {

constexpr std::size_t scratch_bytes = 128u << 10;
// Without a free descriptor, accepting again at once would only burn time.
constexpr Duration accept_pause = std::chrono::milliseconds(100);
constexpr Duration farewell_max = std::chrono::seconds(1);
constexpr std::size_t farewell_bytes_max = 1u << 20;

// Empty SETTINGS, then GOAWAY with HTTP_1_1_REQUIRED (0xd) and last stream 0.
constexpr std::string_view no_http2(
    "\0\0\0\4\0\0\0\0\0"
    "\0\0\x8\7\0\0\0\0\0"
    "\0\0\0\0\0\0\0\xd",
    26);

Task<Result<void>> read_to_end(Stream& stream) {
  char bytes[4096];
  for (std::size_t total = 0; total < farewell_bytes_max;) {
    auto n = co_await stream.read_some(bytes);
    if (!n || *n == 0) break;
    total += *n;
  }
  co_return Result<void>{};
}

}  // namespace

Task<void> close_gently(Stream& stream) {
  stream.shutdown();
  // Too late is as good as in time.
  static_cast<void>(co_await base::with_deadline(read_to_end(stream), farewell_max));
}

struct Server::State : std::enable_shared_from_this<Server::State> {
  State(std::string server, Executor executor, Limits limits, Handlers handlers, Log l,
        base::metrics::Registry& registry)
      : name(std::move(server)),
        shared{.executor = executor,
               .limits = limits,
               .handlers = std::move(handlers),
               .log = l,
               .metrics = Metrics(registry, name),
               .registry = registry,
               .bounds = std::make_shared<Bounds>(limits),
               .scratch = std::vector<char>(scratch_bytes),
               .clock = {}},
        accepting(executor, l),
        tasks(executor, l),
        ended(executor) {}

  Task<void> accept_loop(tcp::Acceptor acceptor);
  std::size_t open_at_all() const;
  State& emptiest();
  void place(tcp::Socket socket);
  void begin(std::unique_ptr<Stream> stream);
  Task<void> serve(std::unique_ptr<Stream> stream);
  Task<void> talk(std::unique_ptr<Stream> stream);
  Task<std::string> read_opening(Stream& stream);
  std::shared_ptr<Connection> make_connection(std::string_view opening,
                                              std::unique_ptr<Stream>& stream);

  std::string name;
  Shared shared;
  std::unique_ptr<tls::Gate> gate;  // nullptr: plain TCP
  Duration look_interval{};
  // Of connections that were given to this one; also the server that accepts them counts and reads.
  std::atomic<std::size_t> open{0};
  std::vector<std::shared_ptr<State>> others;  // of the same port, where this one accepts
  std::size_t turn = 0;                        // of those that have equally few
  std::vector<Connection*> connections;
  base::TaskGroup accepting;
  base::TaskGroup tasks;  // one per connection
  base::Signal ended;     // a connection has
  bool draining = false;
};

namespace {

// How much of HTTP/2's preface `opening` shows: all of it, a beginning, or something else.
enum class Opening : std::uint8_t { http2, undecided, http1 };

Opening look_at(std::string_view opening) {
  const std::size_t n = std::min(opening.size(), http2::preface.size());
  if (opening.substr(0, n) != http2::preface.substr(0, n)) return Opening::http1;
  return n == http2::preface.size() ? Opening::http2 : Opening::undecided;
}

}  // namespace

Server::Server(std::string name, Executor executor, Limits limits, Handlers handlers, Log log,
               base::metrics::Registry& metrics)
    : state_(std::make_shared<State>(std::move(name), std::move(executor), limits,
                                     std::move(handlers), std::move(log), metrics)) {}

Server::~Server() = default;

Result<std::uint16_t> Server::listen(const std::string& address, std::uint16_t port) {
  TRY(auto acceptors, tcp::listen(state_->shared.executor, address, port));
  const std::uint16_t taken = acceptors.front().local_endpoint().port();
  for (tcp::Acceptor& acceptor : acceptors)
    state_->accepting.spawn(state_->accept_loop(std::move(acceptor)));
  if (state_->gate) state_->accepting.spawn(state_->gate->watch(state_->look_interval));
  return taken;
}

// Over HTTP/2 we speak gRPC alone. gRPC clients offer nothing else; to whom HTTP/1.1 is as good
// (browsers, curl, SDKs that send OTLP over HTTP) it is what they get.
Result<void> Server::secure(tls::Files files, Duration look_interval) {
  std::vector<std::string> protocols = {"http/1.1"};
  if (state_->shared.handlers.grpc) protocols.emplace_back("h2");
  TRY(auto context, tls::FileContext::open(std::move(files), std::move(protocols)));
  state_->gate = std::make_unique<tls::Gate>(std::move(context), state_->shared, state_->name);
  state_->look_interval = look_interval;
  return {};
}

void Server::look_at_files() {
  if (state_->gate) state_->gate->look();
}

Task<void> Server::State::accept_loop(tcp::Acceptor acceptor) {
  while (true) {
    auto socket = co_await tcp::accept(acceptor);
    if (socket && open_at_all() >= shared.limits.connections_max) {
      shared.metrics.violated(Violation::too_many_connections);
    } else if (socket) {
      place(std::move(*socket));
    } else if (socket.error().code == Code::cancelled) {
      co_return;
    } else {
      shared.log.warn("cannot accept a connection",
                      {{"server", name}, {"error", socket.error().what}});
      auto slept = co_await base::sleep_for(accept_pause);
      if (!slept) co_return;
    }
  }
}

std::size_t Server::State::open_at_all() const {
  std::size_t all = open;
  for (const auto& other : others) all += other->open;
  return all;
}

// The one with the fewest connections; of equals each in turn.
Server::State& Server::State::emptiest() {
  const auto at = [this](std::size_t i) -> State& { return i == 0 ? *this : *others[i - 1]; };
  const std::size_t count = others.size() + 1;
  std::size_t best = turn++ % count;
  for (std::size_t step = 1, i = best; step < count; ++step) {
    i = (i + 1) % count;
    if (at(i).open < at(best).open) best = i;
  }
  return at(best);
}

void Server::State::place(tcp::Socket socket) {
  State& taker = emptiest();
  ++taker.open;
  if (&taker == this) return begin(tcp::make_stream(std::move(socket)));
  tcp::move_to(taker.shared.executor, std::move(socket),
               [taker = taker.shared_from_this()](std::unique_ptr<Stream> stream) {
                 if (stream && !taker->draining) return taker->begin(std::move(stream));
                 --taker->open;
               });
}

void Server::State::begin(std::unique_ptr<Stream> stream) {
  tasks.spawn(serve(std::move(stream)));
}

Task<void> Server::State::serve(std::unique_ptr<Stream> stream) {
  shared.metrics.connections_open().add(1);
  if (gate) stream = co_await gate->enter(std::move(stream));
  if (stream) co_await talk(std::move(stream));
  --open;
  shared.metrics.connections_open().add(-1);
  ended.notify();
}

Task<void> Server::State::talk(std::unique_ptr<Stream> stream) {
  std::string opening = co_await read_opening(*stream);
  const auto connection = opening.empty() || draining ? nullptr : make_connection(opening, stream);
  if (connection) {
    connections.push_back(connection.get());
    co_await connection->run(std::move(opening));
    std::erase(connections, connection.get());
  } else if (!opening.empty()) {
    co_await close_gently(*stream);
  }
}

// The first bytes, as many as it takes to know the protocol; none when the peer did not say enough
// in time.
Task<std::string> Server::State::read_opening(Stream& stream) {
  bool late = false;
  Alarm alarm(shared.executor, [&late, &stream] {
    late = true;
    stream.interrupt();
  });
  alarm.set(shared.clock.steady() +
            std::min(shared.limits.idle_timeout, shared.limits.request_timeout));
  std::string opening;
  while (look_at(opening) == Opening::undecided && !late) {
    auto n = co_await stream.read_some(shared.scratch);
    if (!n || *n == 0) co_return std::string{};
    opening.append(shared.scratch.data(), *n);
  }
  co_return opening;
}

std::shared_ptr<Connection> Server::State::make_connection(std::string_view opening,
                                                           std::unique_ptr<Stream>& stream) {
  const bool http1 = look_at(opening) == Opening::http1;
  shared.metrics.connections(http1 ? Protocol::http1 : Protocol::http2).add();
  if (http1) return make_http1_connection(shared, std::move(stream));
  if (shared.handlers.grpc) return make_grpc_connection(shared, std::move(stream));
  static_cast<void>(
      stream->write_now(no_http2));  // it either arrives or the peer finds the connection closed
  return nullptr;
}

void Server::take_part_in(Server& first) {
  state_->shared.bounds = first.state_->shared.bounds;
  first.state_->others.push_back(state_);
  if (state_->gate) state_->accepting.spawn(state_->gate->watch(state_->look_interval));
}

Task<void> Server::drain(Duration grace) {
  const auto state = state_;
  state->draining = true;
  state->accepting.stop();
  co_await state->accepting.join();
  for (Connection* connection : std::vector(state->connections)) connection->drain();

  const Instant end = state->shared.clock.steady() + grace;
  while (!state->connections.empty()) {
    const Duration left = end - state->shared.clock.steady();
    if (left <= Duration::zero()) break;
    auto ended = co_await state->ended.wait_for(left);
    if (!ended && ended.error().code == Code::cancelled) break;
  }
  state->tasks.stop();
  co_await state->tasks.join();
}

}  // namespace net
