#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/alarm.h"
#include "net/connection.h"
#include "net/grpc_session.h"
#include "net/http2_writer.h"

namespace net {
namespace {

using grpc::Call;

// A streaming handler may be so far ahead of its peer.
constexpr std::size_t stream_ahead_bytes_max = 64u << 10;
// A connection may keep its loop to itself for so long, give or take one slice of what it sent.
constexpr Duration turn_max = std::chrono::milliseconds(2);
constexpr std::size_t slice_bytes = 16u << 10;

Result<void> shutting_down() {
  return fail(Code::unavailable, "the server is shutting down");
}

class GrpcConnection;

// The side of a streaming call that its handler sees. Confined to the server's loop.
class CallWriter final : public grpc::StreamWriter {
 public:
  CallWriter(GrpcConnection& connection, std::shared_ptr<Call> call, const Executor& executor);
  ~CallWriter() override;

  Task<Result<void>> write(std::string message) override;
  // Lets a waiting write go on when there is room.
  void wake() {
    if (has_room()) taken_.notify();
  }
  void stop() { call_->task.stop(); }

 private:
  bool has_room() const { return call_->out.bytes() <= stream_ahead_bytes_max; }

  GrpcConnection& connection_;
  std::shared_ptr<Call> call_;
  base::Signal taken_;
};

// One conversation and the side of its call that it sees. Confined to the server's loop.
class Talk final : public grpc::Reply {
 public:
  Talk(GrpcConnection& connection, std::shared_ptr<Call> call)
      : connection_(connection), call_(std::move(call)) {}

  void begin(const grpc::Conversing& handler) { conversation_ = handler(call_->context, *this); }
  // Hands over what has arrived.
  void deliver();

  void send(std::string message) override;
  void finish(Result<void> outcome) override;

 private:
  GrpcConnection& connection_;
  std::shared_ptr<Call> call_;
  std::unique_ptr<grpc::Conversation> conversation_;
  bool end_told_ = false;
};

// Runs the handlers of one HTTP/2 connection. Confined to the server's loop.
class GrpcConnection final : public Connection,
                             public std::enable_shared_from_this<GrpcConnection> {
 public:
  GrpcConnection(Shared& shared, std::unique_ptr<Stream> stream)
      : shared_(shared),
        stream_(std::move(stream)),
        session_(
            {shared.limits, *shared.handlers.grpc, *shared.bounds, shared.metrics, stream_->peer()},
            shared.clock.steady()),
        alarm_(shared.executor, [this] { on_alarm(); }),
        tasks_(shared.executor, shared.log),
        writer_(
            {*stream_, tasks_,
             [this](std::string& out, std::size_t bytes_max) { session_.collect(out, bytes_max); },
             [this] { on_written(); }}),
        written_(shared.executor) {}

  Task<void> run(std::string first) override;
  void drain() override;

  // Queues one message of a streaming answer. Errors: exhausted.
  Result<void> send(Call& call, std::string message);
  void add(CallWriter* writer) { streaming_.push_back(writer); }
  void remove(CallWriter* writer) { std::erase(streaming_, writer); }

  std::vector<std::string> take_arrived(Call& call);
  // The same of a conversation, whose messages of one turn of the loop share a write.
  void reply(Call& call, std::string message);
  void end(Call& call, const Result<void>& outcome);

 private:
  bool finished() const { return writer_.lost() || (session_.done() && !writer_.waiting()); }
  Task<void> consume(std::string_view bytes);
  void advance();
  void start(std::shared_ptr<Call> call);
  Task<void> handle(std::shared_ptr<Call> call);
  Task<Result<void>> answer(std::shared_ptr<Call> call);
  Task<Result<void>> stream_answer(std::shared_ptr<Call> call,
                                   const grpc::ServerStreaming& handler);
  void converse(const std::shared_ptr<Call>& call);
  void deliver(const std::shared_ptr<Call>& call);
  template <class Step>
  void guarded(Call& call, Step step);
  void flush();
  void flush_soon();
  void on_written();
  void on_alarm();

  Shared& shared_;
  std::unique_ptr<Stream> stream_;
  grpc::ServerSession session_;
  Alarm alarm_;
  base::TaskGroup tasks_;
  http2::Writer writer_;
  base::Signal written_;
  std::vector<CallWriter*> streaming_;
  std::unordered_map<const Call*, std::unique_ptr<Talk>> talks_;
  std::vector<const Call*> over_;      // whose talks are to be destroyed
  Instant stuck_at_ = Instant::max();  // the pending write must have ended by then
  bool advancing_ = false;             // handlers that end meanwhile share its flush
  bool flush_posted_ = false;
  bool draining_ = false;
};

Task<void> GrpcConnection::run(std::string first) {
  co_await consume(first);
  while (!finished()) {
    if (writer_.waiting()) {  // who does not read is not read from
      auto written = co_await written_.wait();
      if (!written) break;
      continue;
    }
    auto n = co_await stream_->read_some(shared_.scratch);
    if (!n || *n == 0) break;
    co_await consume({shared_.scratch.data(), *n});
  }
  alarm_.clear();
  talks_.clear();
  tasks_.stop();
  co_await tasks_.join();
  if (!writer_.lost()) co_await close_gently(*stream_);
}

// Takes what was read. What turns out to be much work, such as messages that were small before they
// were decompressed, is done in turns with the other connections.
Task<void> GrpcConnection::consume(std::string_view bytes) {
  std::string rest;  // the scratch belongs to whoever reads next
  Instant begun = shared_.clock.steady();
  while (!bytes.empty() && !finished()) {
    const std::string_view slice = bytes.substr(0, slice_bytes);
    bytes.remove_prefix(slice.size());
    session_.feed(slice, shared_.clock.steady());
    advance();
    if (bytes.empty() || shared_.clock.steady() - begun < turn_max) continue;
    rest = std::string(bytes);
    bytes = rest;
    auto others_had_theirs = co_await base::sleep_for(Duration{0});
    if (!others_had_theirs) co_return;
    begun = shared_.clock.steady();
  }
}

// Carries out what the session has come to.
void GrpcConnection::advance() {
  advancing_ = true;
  session_.tick(shared_.clock.steady());
  for (auto& call : session_.take_ready()) start(std::move(call));
  for (const auto& call : session_.take_heard()) deliver(call);
  for (const auto& call : session_.take_abandoned()) {
    call->task.stop();
    talks_.erase(call.get());
  }
  advancing_ = false;
  flush();
}

void GrpcConnection::flush() {
  writer_.flush();
  for (CallWriter* writer : streaming_) writer->wake();
  const Instant now = shared_.clock.steady();
  if (writer_.waiting() && stuck_at_ == Instant::max())
    stuck_at_ = now + shared_.limits.request_timeout;
  alarm_.set(std::min(session_.tick(now), stuck_at_));
  if (finished()) stream_->interrupt();  // run() may be waiting for the peer
}

// Once the handlers of this turn are through, in one write, whatever their number.
void GrpcConnection::flush_soon() {
  if (std::exchange(flush_posted_, true)) return;
  boost::asio::post(shared_.executor, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->flush_posted_ = false;
    for (const Call* call : std::exchange(self->over_, {})) self->talks_.erase(call);
    self->flush();
  });
}

void GrpcConnection::on_written() {
  stuck_at_ = Instant::max();
  flush();
  written_.notify();
}

void GrpcConnection::on_alarm() {
  if (shared_.clock.steady() >= stuck_at_) {
    shared_.metrics.violated(Violation::slow_reader);
    stuck_at_ = Instant::max();
    stream_->interrupt();  // ends the pending write, and with it the connection
  }
  advance();
}

void GrpcConnection::drain() {
  draining_ = true;
  session_.drain();
  for (CallWriter* writer : std::vector(streaming_)) writer->stop();
  for (const auto& [call, talk] : talks_) talk->finish(shutting_down());
  advance();
}

// --- handlers

void GrpcConnection::start(std::shared_ptr<Call> call) {
  if (call->status) return;  // its deadline has passed already
  if (call->conversing()) return converse(call);
  const base::TaskHandle task = tasks_.spawn(handle(call));
  call->task = task;
}

Task<void> GrpcConnection::handle(std::shared_ptr<Call> call) {
  auto outcome = co_await answer(call);
  if (!outcome && draining_ && outcome.error().code == Code::cancelled) {
    outcome = shutting_down();
  }
  session_.finish(*call, grpc::status_of(outcome));
  if (!advancing_) advance();
}

void GrpcConnection::converse(const std::shared_ptr<Call>& call) {
  if (draining_) return session_.finish(*call, grpc::status_of(shutting_down()));
  const auto& talk = talks_.emplace(call.get(), std::make_unique<Talk>(*this, call)).first->second;
  guarded(*call, [&] { talk->begin(std::get<grpc::Conversing>(*call->method)); });
}

void GrpcConnection::deliver(const std::shared_ptr<Call>& call) {
  const auto talk = talks_.find(call.get());
  if (talk != talks_.end()) guarded(*call, [&] { talk->second->deliver(); });
}

// An exception of a handler is a bug of ours; the peer hears INTERNAL.
template <class Step>
void GrpcConnection::guarded(Call& call, Step step) {
  try {
    return step();
  } catch (const std::exception& e) {
    shared_.log.error("a grpc handler threw: this is a bug",
                      {{"method", call.context.method}, {"error", e.what()}});
  } catch (...) {
    shared_.log.error("a grpc handler threw: this is a bug", {{"method", call.context.method}});
  }
  if (!call.status) end(call, fail(Code::internal, "internal error"));
}

void GrpcConnection::reply(Call& call, std::string message) {
  if (call.out.bytes() > grpc::reply_bytes_max)
    return end(call, fail(Code::exhausted, "the answers are not taken"));
  if (const auto sent = session_.send(call, std::move(message)); !sent) return end(call, sent);
  if (!advancing_) flush_soon();
}

void GrpcConnection::end(Call& call, const Result<void>& outcome) {
  session_.finish(call, grpc::status_of(outcome));
  over_.push_back(&call);
  flush_soon();
}

// An exception of a handler is a bug of ours; the peer hears INTERNAL.
Task<Result<void>> GrpcConnection::answer(std::shared_ptr<Call> call) {
  try {
    if (const auto* streaming = std::get_if<grpc::ServerStreaming>(call->method)) {
      co_return co_await stream_answer(call, *streaming);
    }
    const auto& unary = std::get<grpc::Unary>(*call->method);
    auto message = co_await unary(call->context, session_.take_request(*call));
    if (!message) co_return std::unexpected(std::move(message).error());
    co_return session_.send(*call, std::move(*message));
  } catch (const std::exception& e) {
    shared_.log.error("a grpc handler threw: this is a bug",
                      {{"method", call->context.method}, {"error", e.what()}});
  } catch (...) {
    shared_.log.error("a grpc handler threw: this is a bug", {{"method", call->context.method}});
  }
  co_return fail(Code::internal, "internal error");
}

Task<Result<void>> GrpcConnection::stream_answer(std::shared_ptr<Call> call,
                                                 const grpc::ServerStreaming& handler) {
  if (draining_) co_return fail(Code::cancelled, "draining");
  CallWriter writer(*this, call, shared_.executor);
  auto outcome = co_await handler(call->context, session_.take_request(*call), writer);
  co_return outcome;
}

Result<void> GrpcConnection::send(Call& call, std::string message) {
  TRY_VOID(session_.send(call, std::move(message)));
  if (!advancing_) flush();
  return {};
}

std::vector<std::string> GrpcConnection::take_arrived(Call& call) {
  return session_.take_arrived(call);
}

void Talk::deliver() {
  for (std::string& message : connection_.take_arrived(*call_)) {
    if (call_->status) return;
    conversation_->take(std::move(message));
  }
  if (call_->status || !call_->request_ended || std::exchange(end_told_, true)) return;
  conversation_->take_end();
}

void Talk::send(std::string message) {
  if (!call_->closed && !call_->status) connection_.reply(*call_, std::move(message));
}

void Talk::finish(Result<void> outcome) {
  if (!call_->closed && !call_->status) connection_.end(*call_, outcome);
}

CallWriter::CallWriter(GrpcConnection& connection, std::shared_ptr<Call> call,
                       const Executor& executor)
    : connection_(connection), call_(std::move(call)), taken_(executor) {
  connection_.add(this);
}

CallWriter::~CallWriter() {
  connection_.remove(this);
}

Task<Result<void>> CallWriter::write(std::string message) {
  while (true) {
    const bool stop = co_await base::stopping();
    if (stop || call_->closed || call_->status)
      co_return fail(Code::cancelled, "nobody waits for the answer");
    if (has_room()) break;
    auto taken = co_await taken_.wait();
    if (!taken) co_return std::unexpected(taken.error());
  }
  co_return connection_.send(*call_, std::move(message));
}

}  // namespace

std::shared_ptr<Connection> make_grpc_connection(Shared& shared, std::unique_ptr<Stream> stream) {
  return std::make_shared<GrpcConnection>(shared, std::move(stream));
}

}  // namespace net
