#include <fmt/format.h>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "net/alarm.h"
#include "net/bounds.h"
#include "net/connection.h"
#include "net/http1_parser.h"
#include "net/http1_writer.h"
#include "net/inflate.h"

namespace net {
namespace {

// Up to here a body travels in one write with its head.
constexpr std::size_t joined_body_max = 64u << 10;

http::Response plain(int status, std::string_view why) {
  http::Response response{.status = status};
  response.headers.add("content-type", "text/plain; charset=utf-8");
  response.body = fmt::format("{}\n", why.empty() ? http::reason(status) : why);
  return response;
}

// Serves one HTTP/1.1 connection, one request after the other. Confined to the server's loop.
class Http1Connection final : public Connection, public http::BodyWriter {
 public:
  Http1Connection(Shared& shared, std::unique_ptr<Stream> stream)
      : shared_(shared),
        stream_(std::move(stream)),
        alarm_(shared.executor, [this] { on_alarm(); }),
        tasks_(shared.executor, shared.log) {}

  Task<void> run(std::string first) override;
  void drain() override;
  Task<Result<void>> write(std::string chunk) override;

 private:
  // What run() does after a request.
  enum class Next : std::uint8_t { request, close };

  Task<std::optional<http::Request>> read_request();
  Task<Result<std::string_view>> read();
  Task<bool> read_more();
  Task<Next> refuse(http1::Refusal refusal);
  Task<Next> answer(http::Request request);
  Task<http::Response> handle(http::Request request);
  Task<Next> send(http::Response response, bool head_only);
  Task<Next> send_stream(http::Response response);
  Task<void> run_stream(std::function<Task<void>(http::BodyWriter&)> body);
  Task<bool> send_bytes(std::string bytes);
  std::optional<http1::Refusal> parse(std::string_view fresh, Share<Budget>& held);
  std::optional<http1::Refusal> decode(http::Request& request) const;
  void on_alarm();
  void watch(Duration limit) { alarm_.set(shared_.clock.steady() + limit); }
  void count(const http1::Refusal& refusal);
  http1::ParseLimits parse_limits() const {
    return {shared_.limits.header_bytes_max, shared_.limits.body_bytes_max};
  }

  Shared& shared_;
  std::unique_ptr<Stream> stream_;
  Alarm alarm_;
  base::TaskGroup tasks_;  // the body stream of the current answer
  base::TaskHandle stream_task_;
  std::string buffer_;  // read, not yet used
  http1::RequestParser parser_{http1::ParseLimits{}};
  bool timed_out_ = false;
  bool draining_ = false;
  bool idle_ = true;           // waiting for a request's first byte
  bool stream_ended_ = false;  // the body stream has written all
  bool broken_ = false;        // the peer can take nothing more
  bool chunked_ = false;       // framing of the body stream
  bool farewell_ = false;      // the last answer is on its way, maybe past unread requests
};

void Http1Connection::on_alarm() {
  timed_out_ = true;
  stream_->interrupt();
}

void Http1Connection::drain() {
  draining_ = true;
  stream_task_.stop();
  if (idle_) stream_->interrupt();
}

Task<void> Http1Connection::run(std::string first) {
  buffer_ = std::move(first);
  auto next = Next::request;
  while (next == Next::request && !draining_) {
    auto request = co_await read_request();
    if (!request) break;
    next = co_await answer(std::move(*request));
  }
  alarm_.clear();
  if (farewell_ && !broken_) co_await close_gently(*stream_);
}

// nullopt when there is none: the peer left, or it was refused.
Task<std::optional<http::Request>> Http1Connection::read_request() {
  parser_ = http1::RequestParser(parse_limits());
  Share<Budget> held(shared_.bounds->inflight);
  bool continued = false;
  idle_ = buffer_.empty();
  watch(idle_ ? shared_.limits.idle_timeout : shared_.limits.request_timeout);
  auto refusal = parse({}, held);
  while (!refusal && !parser_.done()) {
    if (parser_.expects_continue() && parser_.body_bytes() == 0 &&
        !std::exchange(continued, true)) {
      const bool sent = co_await send_bytes("HTTP/1.1 100 Continue\r\n\r\n");
      if (!sent) co_return std::nullopt;
      watch(shared_.limits.request_timeout);
    }
    auto fresh = co_await read();
    if (fresh && !fresh->empty()) {
      if (std::exchange(idle_, false)) watch(shared_.limits.request_timeout);
      refusal = parse(*fresh, held);
    } else if (timed_out_ && !idle_) {
      refusal = {408, "the request did not arrive in time"};
    } else {
      co_return std::nullopt;
    }
  }
  alarm_.clear();
  http::Request request;
  if (!refusal) {
    request = parser_.take();
    request.peer = stream_->peer();
    refusal = decode(request);
  }
  if (!refusal) co_return request;
  co_await refuse(std::move(*refusal));
  co_return std::nullopt;
}

// What the peer sent next, in the shared buffer; empty when it has ended.
Task<Result<std::string_view>> Http1Connection::read() {
  if (timed_out_) co_return fail(Code::cancelled, "timed out");
  auto n = co_await stream_->read_some(shared_.scratch);
  if (!n && n.error().code != Code::cancelled) broken_ = true;
  if (!n) co_return std::unexpected(std::move(n).error());
  co_return std::string_view(shared_.scratch.data(), *n);
}

// Feeds the parser with what was left over and then `fresh`; what it does not use stays. `held`
// pays for the body.
std::optional<http1::Refusal> Http1Connection::parse(std::string_view fresh, Share<Budget>& held) {
  const bool joined = !buffer_.empty();
  if (joined) buffer_ += fresh;
  std::string_view bytes = joined ? std::string_view(buffer_) : fresh;
  // Empty lines before a request are forgiven, as RFC 9112 section 2.2 asks.
  while (!parser_.head_done() && bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  const auto used = parser_.feed(bytes);
  if (!used) return used.error();
  buffer_ = std::string(bytes.substr(*used));
  if (!held.grow_to(parser_.body_bytes() + buffer_.size()))
    return http1::Refusal{503, "too many bodies in flight"};
  if (parser_.done() || buffer_.size() <= shared_.limits.header_bytes_max) return std::nullopt;
  return http1::Refusal{parser_.head_done() ? 400 : 431, "a line is too long"};
}

std::optional<http1::Refusal> Http1Connection::decode(http::Request& request) const {
  const auto encoding = request.headers.find("content-encoding");
  if (!encoding) return std::nullopt;
  const auto coding = parse_coding(*encoding);
  if (!coding)
    return http1::Refusal{415, "content-encoding must be gzip, deflate, zstd, snappy or identity"};
  if (*coding == Coding::identity) return std::nullopt;
  auto body = inflate(*coding, request.body, shared_.limits.body_bytes_max);
  if (!body)
    return http1::Refusal{body.error().code == Code::exhausted ? 413 : 400, body.error().what};
  request.body = std::move(*body);
  return std::nullopt;
}

void Http1Connection::count(const http1::Refusal& refusal) {
  constexpr std::pair<int, Violation> kinds[] = {
      {408, Violation::request_timeout},
      {413, Violation::body_too_large},
      {431, Violation::header_too_large},
      {503, Violation::too_much_in_flight},
  };
  auto kind = Violation::bad_http;
  for (const auto& [status, violation] : kinds) {
    if (status == refusal.status) kind = violation;
  }
  shared_.metrics.violated(kind);
}

Task<Http1Connection::Next> Http1Connection::refuse(http1::Refusal refusal) {
  count(refusal);
  draining_ = true;  // after a refusal the bytes that follow mean nothing
  http::Response response = plain(refusal.status, refusal.why);
  if (refusal.status == 415) response.headers.add("accept-encoding", "gzip, deflate");
  if (refusal.status == 503)
    response.headers.add("retry-after", std::to_string(busy_retry_after.count()));
  co_return co_await send(std::move(response), false);
}

Task<Http1Connection::Next> Http1Connection::answer(http::Request request) {
  const bool head_only = request.method == "HEAD";
  if (head_only) request.method = "GET";
  http::Response response = co_await handle(std::move(request));
  if (response.stream && !head_only) co_return co_await send_stream(std::move(response));
  co_return co_await send(std::move(response), head_only);
}

// An exception of a handler is a bug of ours; the peer hears 500.
Task<http::Response> Http1Connection::handle(http::Request request) {
  if (!shared_.handlers.http) co_return plain(404, {});
  try {
    co_return co_await shared_.handlers.http(std::move(request));
  } catch (const std::exception& e) {
    shared_.log.error("an http handler threw: this is a bug", {{"error", e.what()}});
  } catch (...) {
    shared_.log.error("an http handler threw: this is a bug");
  }
  co_return plain(500, {});
}

Task<Http1Connection::Next> Http1Connection::send(http::Response response, bool head_only) {
  const bool close = draining_ || !parser_.keep_alive() || !parser_.chunks_allowed();
  shared_.metrics.answered_http(response.status);
  std::string text = http1::response_head(
      response.status, response.headers,
      {.kind = http1::Framing::Kind::length, .length = response.body.size(), .close = close});
  const bool bodyless = head_only || response.status == 204 || response.status == 304;
  bool sent = true;
  if (!bodyless && response.body.size() > joined_body_max) {
    sent = co_await send_bytes(std::move(text));
    text = std::move(response.body);
  } else if (!bodyless) {
    text += response.body;
  }
  if (sent) sent = co_await send_bytes(std::move(text));
  farewell_ = close;
  co_return sent && !close ? Next::request : Next::close;
}

// Writes all of it within the request timeout; false ends the connection.
Task<bool> Http1Connection::send_bytes(std::string bytes) {
  auto now = stream_->write_now(bytes);
  if (now && *now == bytes.size()) co_return true;
  if (now) {
    watch(shared_.limits.request_timeout);
    auto rest = co_await stream_->write(std::string_view(bytes).substr(*now));
    alarm_.clear();
    if (rest) co_return true;
    if (timed_out_) shared_.metrics.violated(Violation::slow_reader);
  }
  broken_ = true;
  co_return false;
}

Task<Http1Connection::Next> Http1Connection::send_stream(http::Response response) {
  chunked_ = parser_.chunks_allowed();
  const bool close = draining_ || !chunked_ || !parser_.keep_alive();
  shared_.metrics.answered_http(response.status);
  const auto kind = chunked_ ? http1::Framing::Kind::chunked : http1::Framing::Kind::until_close;
  const bool started = co_await send_bytes(
      http1::response_head(response.status, response.headers, {.kind = kind, .close = close}));
  if (!started) co_return Next::close;

  stream_ended_ = false;
  stream_task_ = tasks_.spawn(run_stream(std::move(response.stream)));
  if (draining_) stream_task_.stop();
  // Watching the peer meanwhile shows early that it left; a bounded part of the next requests waits
  // in the buffer.
  while (!stream_ended_ && buffer_.size() < shared_.limits.header_bytes_max) {
    auto fresh = co_await read();
    if (!stream_ended_ && (!fresh || fresh->empty())) stream_task_.stop();
    if (!fresh || fresh->empty()) break;
    buffer_ += *fresh;
  }
  co_await tasks_.join();
  if (broken_ || draining_) co_return Next::close;
  if (chunked_) {
    const bool ended = co_await send_bytes(http1::chunk({}));
    if (!ended) co_return Next::close;
  }
  co_return close ? Next::close : Next::request;
}

Task<void> Http1Connection::run_stream(std::function<Task<void>(http::BodyWriter&)> body) {
  try {
    co_await body(*this);
  } catch (const std::exception& e) {
    broken_ = true;  // the missing last chunk tells the peer
    shared_.log.error("an http body stream threw: this is a bug", {{"error", e.what()}});
  }
  stream_ended_ = true;
  stream_->interrupt();  // run() waits for the peer meanwhile
}

Task<Result<void>> Http1Connection::write(std::string chunk) {
  const bool stop = co_await base::stopping();
  if (stop || draining_ || broken_)
    co_return fail(Code::cancelled, "the peer left or the server drains");
  if (chunk.empty()) co_return Result<void>{};
  const bool sent = co_await send_bytes(chunked_ ? http1::chunk(chunk) : std::move(chunk));
  if (!sent) co_return fail(Code::cancelled, "the peer left");
  co_return Result<void>{};
}

}  // namespace

std::shared_ptr<Connection> make_http1_connection(Shared& shared, std::unique_ptr<Stream> stream) {
  return std::make_shared<Http1Connection>(shared, std::move(stream));
}

}  // namespace net
