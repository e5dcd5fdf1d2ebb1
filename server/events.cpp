#include "server/events.h"

#include <fmt/format.h>

#include <utility>

#include "server/handlers.h"
#include "server/platform.h"
#include "server/views.h"

namespace server {
namespace {

constexpr std::string_view heartbeat = ": heartbeat\n\n";
// How long a browser waits before it connects again.
constexpr std::string_view retry_hint = "retry: 2000\n";

// A connected client: listens to the board as long as its response lives. Confined to the control
// loop.
class EventClient {
 public:
  explicit EventClient(std::shared_ptr<RestState> rest)
      : rest_(std::move(rest)),
        pending_(rest_->with.events.pending_max),
        signal_(rest_->with.executor),
        listener_(rest_->with.board.listen([this](const control::BoardEvent& event) {
          pending_.add(event);
          signal_.notify();
        })) {
    ++rest_->event_clients;
  }
  ~EventClient() {
    rest_->with.board.unlisten(listener_);
    --rest_->event_clients;
  }
  EventClient(const EventClient&) = delete;
  EventClient& operator=(const EventClient&) = delete;

  // The next thing to write. Errors: cancelled.
  Task<Result<std::string>> next() {
    const auto woken = co_await signal_.wait_for(rest_->with.events.heartbeat);
    if (!woken && woken.error().code != Code::timeout) co_return std::unexpected(woken.error());
    std::string batch = pending_.take(rest_->with.board, rest_->with.clock.now());
    co_return batch.empty() ? std::string(heartbeat) : std::move(batch);
  }

  Duration pace() const { return rest_->with.events.pace; }

 private:
  std::shared_ptr<RestState> rest_;
  PendingEvents pending_;
  base::Signal signal_;
  control::Board::ListenerId listener_;
};

Task<void> serve(std::shared_ptr<EventClient> client, net::http::BodyWriter& out) {
  const json::Object hello{{"version", platform::version}};
  auto sent = co_await out.write(std::string(retry_hint) + format_event("hello", hello));
  while (sent) {
    auto batch = co_await client->next();
    if (!batch) co_return;
    sent = co_await out.write(std::move(*batch));
    const auto paced = co_await base::sleep_for(client->pace());
    if (!paced) co_return;
  }
}

}  // namespace

void PendingEvents::add(const control::BoardEvent& event) {
  if (overflowed_) return;
  switch (event.type) {
    case control::BoardEvent::Type::changed:
      changed_.insert(event.key);
      break;
    case control::BoardEvent::Type::removed:
      changed_.erase(event.key);
      removed_.insert(event.key);
      break;
    case control::BoardEvent::Type::decided:
      decided_.insert_or_assign(event.record->id, *event.record);
      break;
  }
  if (size() <= pending_max_) return;
  changed_.clear();
  removed_.clear();
  decided_.clear();
  overflowed_ = true;
}

std::string PendingEvents::take(const control::Board& board, Timestamp now) {
  if (std::exchange(overflowed_, false)) return format_event("resync", json::Object{});
  std::string batch;
  for (const auto& key : std::exchange(removed_, {})) {
    batch += format_event("removed", json::Object{{"namespace", key.ns}, {"name", key.name}});
  }
  for (const auto& key : std::exchange(changed_, {})) {
    if (const auto object = board.object(key))
      batch += format_event("object", to_json(*object, board, now));
  }
  for (const auto& [id, record] : std::exchange(decided_, {})) {
    if (board.object(record.key)) batch += format_event("decision", to_json(record));
  }
  return batch;
}

std::string format_event(std::string_view name, const json::Value& data) {
  return fmt::format("event: {}\ndata: {}\n\n", name, json::print(data));
}

Result<Response> stream_events(const Call& call) {
  if (call.rest->event_clients >= call.rest->with.events.clients_max) {
    return fail(Code::unavailable, "too many listeners");
  }
  auto client = std::make_shared<EventClient>(call.rest);
  Response response{
      .headers = {{"content-type", "text/event-stream"}, {"cache-control", "no-store"}}};
  response.stream = [client](net::http::BodyWriter& out) { return serve(client, out); };
  return response;
}

}  // namespace server
