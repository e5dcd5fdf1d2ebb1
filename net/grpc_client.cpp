#include <optional>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "base/clock.h"
#include "net/client.h"
#include "net/grpc_client_session.h"
#include "net/http2_writer.h"
#include "net/stream.h"
#include "net/tcp.h"

namespace net::grpc {
namespace {

constexpr std::size_t read_bytes = 64u << 10;
constexpr std::size_t message_bytes_max = 64u << 20;
constexpr Duration connect_limit = std::chrono::seconds(10);
constexpr Duration refused_wait_min = std::chrono::milliseconds(1);
constexpr Duration refused_wait_max = std::chrono::milliseconds(100);

class StreamChannel final : public Channel {
 public:
  // to: where the stream leads.
  StreamChannel(std::unique_ptr<Stream> stream, const Origin& to, http::Headers metadata,
                Executor executor)
      : stream_(std::move(stream)),
        authority_(to_string(to.address)),
        scheme_(to.tls ? "https" : "http"),
        metadata_(std::move(metadata)),
        executor_(std::move(executor)),
        session_(message_bytes_max),
        bytes_(read_bytes),
        tasks_(executor_, Log{}),
        writer_(
            {*stream_, tasks_,
             [this](std::string& out, std::size_t bytes_max) { session_.collect(out, bytes_max); },
             [this] { flush(); }}),
        greeting_(executor_) {
    tasks_.spawn(read_loop());
    flush();
  }

  // Waits for the server's settings. Errors: unavailable, bad_data, timeout.
  Task<Result<void>> greet();
  Task<Result<std::string>> unary(std::string method, std::string message,
                                  Duration timeout) override;
  Task<void> close() override;

 private:
  Task<Result<std::string>> attempt(std::shared_ptr<Exchange> exchange, std::string_view method,
                                    Instant end);
  Task<void> read_loop();
  Result<void> feed(std::string_view bytes);
  void flush();
  void lose(Error error);

  std::unique_ptr<Stream> stream_;
  std::string authority_;
  std::string_view scheme_;
  http::Headers metadata_;
  Executor executor_;
  base::SystemClock clock_;
  ClientSession session_;
  std::vector<char> bytes_;
  base::TaskGroup tasks_;
  http2::Writer writer_;
  base::Signal greeting_;
  std::optional<Error> lost_;  // why the connection has ended
};

// What a server refuses without looking at it (too many at once, by its count) is sent again while
// there is time.
Task<Result<std::string>> StreamChannel::unary(std::string method, std::string message,
                                               Duration timeout) {
  const Instant end = clock_.steady() + timeout;
  base::Backoff backoff(refused_wait_min, refused_wait_max);
  while (true) {
    const auto exchange =
        std::make_shared<Exchange>(executor_, std::move(message), message_bytes_max);
    auto outcome = co_await attempt(exchange, method, end);
    const Duration wait = backoff.next();
    if (!exchange->refused || clock_.steady() + wait >= end) co_return outcome;
    message = exchange->out.take();
    CO_TRY_VOID(co_await base::sleep_for(wait));
  }
}

Task<Result<std::string>> StreamChannel::attempt(std::shared_ptr<Exchange> exchange,
                                                 std::string_view method, Instant end) {
  const Duration limit = end - clock_.steady();
  CO_TRY_VOID(session_.start(exchange, {.method = method,
                                        .authority = authority_,
                                        .timeout = limit,
                                        .scheme = scheme_,
                                        .metadata = &metadata_}));
  flush();
  auto answered = co_await exchange->finished.wait_for(limit);
  if (!exchange->outcome) {
    session_.cancel(*exchange);
    flush();
    const bool stopped = !answered && answered.error().code == Code::cancelled;
    exchange->outcome = fail(stopped ? Code::cancelled : Code::timeout, "no answer in time");
  }
  // Some servers say so with a reset.
  const bool late = !*exchange->outcome && exchange->outcome->error().code == Code::cancelled &&
                    clock_.steady() >= end;
  if (late) co_return fail(Code::timeout, "no answer in time");
  co_return std::move(*exchange->outcome);
}

// Reads until either side ends the connection; then no call is left waiting.
Task<void> StreamChannel::read_loop() {
  Error error{Code::unavailable, "the connection has ended"};
  while (!session_.done() && !writer_.lost()) {
    auto n = co_await stream_->read_some(bytes_);
    if (!n) error = n.error();
    if (!n || *n == 0) break;
    const auto fed = feed({bytes_.data(), *n});
    if (!fed) {
      error = fed.error();
      break;
    }
    flush();
    if (session_.greeted()) greeting_.notify();
  }
  lose(std::move(error));
  stream_->shutdown();
}

Result<void> StreamChannel::feed(std::string_view bytes) {
  if (!session_.greeted()) TRY_VOID(tls::check_plain(bytes));
  return session_.feed(bytes);
}

Task<Result<void>> StreamChannel::greet() {
  while (!session_.greeted() && !lost_) CO_TRY_VOID(co_await greeting_.wait_for(connect_limit));
  if (lost_) co_return std::unexpected(*lost_);
  co_return Result<void>{};
}

void StreamChannel::flush() {
  writer_.flush();
  if (writer_.lost()) lose({Code::unavailable, "the connection has ended"});
}

void StreamChannel::lose(Error error) {
  session_.fail_all(error);
  if (!lost_) lost_ = std::move(error);
  greeting_.notify();
}

Task<void> StreamChannel::close() {
  session_.close();
  flush();
  tasks_.stop();
  co_await tasks_.join();
}

Task<Result<std::unique_ptr<Stream>>> connect(const Origin& to) {
  CO_TRY(auto stream, co_await tcp::connect(to.address));
  if (!to.tls) co_return stream;
  tls::Peer peer{.name = to.name, .protocol = "h2"};
  co_return co_await tls::connect(std::move(stream), to.tls, std::move(peer));
}

Task<Result<std::unique_ptr<Channel>>> open_now(Origin to, http::Headers metadata) {
  CO_TRY(auto stream, co_await base::with_deadline(connect(to), connect_limit));
  const Executor executor = co_await base::task_detail::current_executor();
  auto channel =
      std::make_unique<StreamChannel>(std::move(stream), to, std::move(metadata), executor);
  auto greeted = co_await channel->greet();
  if (greeted) co_return channel;
  co_await channel->close();
  co_return fail("no HTTP/2 at " + to_string(to.address), greeted.error());
}

}  // namespace

Task<Result<std::unique_ptr<Channel>>> Channel::open(Origin to, http::Headers metadata) {
  co_return co_await open_now(std::move(to), std::move(metadata));
}

}  // namespace net::grpc
