#include <algorithm>
#include <array>
#include <list>
#include <utility>

#include "net/client.h"

namespace net::http {
namespace {

// Requests that may be sent again when nobody knows whether the first one was read.
bool is_repeatable(const Request& request) {
  constexpr std::array<std::string_view, 4> methods = {"GET", "HEAD", "PUT", "DELETE"};
  return std::ranges::find(methods, request.method) != methods.end();
}

}  // namespace

struct Pool::State {
  struct Kept {
    std::unique_ptr<Connection> connection;
    Instant since;
  };

  Task<Result<Response>> send(Request request, ClientLimits limits);
  Task<Result<Response>> send_fresh(Request request, ClientLimits limits);
  Task<Result<Response>> send_on(std::unique_ptr<Connection> connection, Request request,
                                 ClientLimits limits);
  std::unique_ptr<Connection> take_kept();

  Origin origin;
  const Clock& clock;
  PoolLimits limits;
  std::list<Kept> kept;  // the newest last
  std::size_t running = 0;
  std::list<base::Signal> waiting;  // one per request, in their order
};

namespace {

// A request's place among those that run at once, given back at the end.
class Place {
 public:
  Place(std::size_t& running, std::list<base::Signal>& waiting)
      : running_(running), waiting_(waiting) {
    ++running_;
  }
  ~Place() {
    --running_;
    if (!waiting_.empty()) waiting_.front().notify();
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

 private:
  std::size_t& running_;
  std::list<base::Signal>& waiting_;
};

}  // namespace

Pool::Pool(Origin to, const Clock& clock, PoolLimits limits)
    : state_(std::make_unique<State>(std::move(to), clock, limits)) {}
Pool::~Pool() = default;

const Origin& Pool::origin() const {
  return state_->origin;
}

Task<Result<Response>> Pool::send(Request request, ClientLimits limits) {
  auto operation = state_->send(std::move(request), limits);
  co_return co_await base::with_deadline(std::move(operation), limits.timeout);
}

Task<Result<Response>> Pool::State::send(Request request, ClientLimits given) {
  while (running >= limits.connections_max) {
    const auto own = waiting.emplace(waiting.end(), co_await base::task_detail::current_executor());
    auto woken = co_await own->wait();
    waiting.erase(own);
    if (!woken) co_return std::unexpected(std::move(woken).error());
  }
  const Place place(running, waiting);
  auto connection = take_kept();
  if (!connection) co_return co_await send_fresh(std::move(request), given);
  if (!is_repeatable(request)) {
    co_return co_await send_on(std::move(connection), std::move(request), given);
  }
  Request again = request;
  auto response = co_await send_on(std::move(connection), std::move(request), given);
  const bool lost = !response && (response.error().code == Code::unavailable ||
                                  response.error().code == Code::bad_data);
  if (!lost) co_return response;
  co_return co_await send_fresh(std::move(again), given);
}

Task<Result<Response>> Pool::State::send_fresh(Request request, ClientLimits given) {
  CO_TRY(auto connection, co_await Connection::open(origin, given.timeout));
  co_return co_await send_on(std::move(connection), std::move(request), given);
}

Task<Result<Response>> Pool::State::send_on(std::unique_ptr<Connection> connection, Request request,
                                            ClientLimits given) {
  auto response = co_await connection->send(std::move(request), given);
  if (connection->usable()) kept.push_back({std::move(connection), clock.steady()});
  co_return response;
}

// The connection that was used last; those that were silent for too long go.
std::unique_ptr<Connection> Pool::State::take_kept() {
  const Instant now = clock.steady();
  std::erase_if(kept, [&](const Kept& one) { return now - one.since >= limits.idle_max; });
  if (kept.empty()) return nullptr;
  auto connection = std::move(kept.back().connection);
  kept.pop_back();
  return connection;
}

}  // namespace net::http
