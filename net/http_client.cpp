#include <utility>
#include <vector>

#include "net/client.h"
#include "net/http1_parser.h"
#include "net/http1_writer.h"
#include "net/stream.h"
#include "net/tcp.h"

namespace net::http {
namespace {

constexpr std::size_t read_bytes = 64u << 10;
constexpr std::size_t header_bytes_max = 64u << 10;

// One request after the other on one connection. Confined to its loop.
class StreamConnection final : public Connection {
 public:
  StreamConnection(std::unique_ptr<Stream> stream, std::string host)
      : stream_(std::move(stream)), host_(std::move(host)), bytes_(read_bytes) {}

  Task<Result<Response>> send(Request request, ClientLimits limits) override;
  Task<Result<Response>> begin(Request request, ClientLimits limits) override;
  Task<Result<std::string>> read_body() override;
  bool usable() const override { return usable_; }

 private:
  Task<Result<Response>> exchange(Request request, ClientLimits limits);
  Task<Result<Response>> start(Request request, ClientLimits limits);
  Task<Result<void>> write(Request request, ClientLimits limits, http1::ResponseParser::Body body);
  Task<Result<void>> read_more();
  void end_answer();

  std::unique_ptr<Stream> stream_;
  std::string host_;
  std::vector<char> bytes_;
  std::string rest_;    // read, not yet used
  bool usable_ = true;  // the next request may go out
  http1::ResponseParser answer_{{}, http1::ResponseParser::Body::expected};
  bool cut_ = false;  // the peer has ended its side
};

Task<Result<Response>> StreamConnection::send(Request request, ClientLimits limits) {
  auto operation = exchange(std::move(request), limits);
  co_return co_await base::with_deadline(std::move(operation), limits.timeout);
}

Task<Result<Response>> StreamConnection::begin(Request request, ClientLimits limits) {
  auto operation = start(std::move(request), limits);
  co_return co_await base::with_deadline(std::move(operation), limits.timeout);
}

Task<Result<Response>> StreamConnection::exchange(Request request, ClientLimits limits) {
  using Body = http1::ResponseParser::Body;
  const auto body = request.method == "HEAD" ? Body::none : Body::expected;
  CO_TRY_VOID(co_await write(std::move(request), limits, body));
  while (!answer_.done()) CO_TRY_VOID(co_await read_more());
  end_answer();
  auto message = answer_.take();
  co_return Response{.status = message.status,
                     .headers = std::move(message.headers),
                     .body = std::move(message.body)};
}

Task<Result<Response>> StreamConnection::start(Request request, ClientLimits limits) {
  const auto body = http1::ResponseParser::Body::streamed;
  CO_TRY_VOID(co_await write(std::move(request), limits, body));
  while (!answer_.head_done()) CO_TRY_VOID(co_await read_more());
  auto head = answer_.take_head();
  co_return Response{.status = head.status, .headers = std::move(head.headers)};
}

Task<Result<std::string>> StreamConnection::read_body() {
  for (;;) {
    std::string piece = answer_.take_body();
    if (!piece.empty()) co_return piece;
    if (answer_.done()) break;
    CO_TRY_VOID(co_await read_more());
  }
  end_answer();
  co_return std::string{};
}

Task<Result<void>> StreamConnection::write(Request request, ClientLimits limits,
                                           http1::ResponseParser::Body body) {
  if (!std::exchange(usable_, false)) co_return fail(Code::unavailable, "the connection has ended");
  answer_ = http1::ResponseParser({header_bytes_max, limits.body_bytes_max}, body);
  const std::string text = http1::request_text(request, host_);
  CO_TRY(const std::size_t now, stream_->write_now(text));
  if (now == text.size()) co_return Result<void>{};
  co_return co_await stream_->write(std::string_view(text).substr(now));
}

// Feeds the parser with what the peer sends next; what it does not use comes again, with more.
Task<Result<void>> StreamConnection::read_more() {
  CO_TRY(const std::size_t n, co_await stream_->read_some(bytes_));
  if (n == 0) {
    cut_ = true;
    co_return answer_.end();
  }
  rest_.append(bytes_.data(), n);
  if (!answer_.head_done()) CO_TRY_VOID(tls::check_plain(rest_));
  CO_TRY(const std::size_t used, answer_.feed(rest_));
  rest_.erase(0, used);
  if (!answer_.done() && rest_.size() > header_bytes_max) {
    co_return fail(Code::bad_data, "a line of the answer is too long");
  }
  co_return Result<void>{};
}

// Bytes after an answer are none that we asked for.
void StreamConnection::end_answer() {
  usable_ = !cut_ && rest_.empty() && answer_.keep_alive();
}

Task<Result<std::unique_ptr<Stream>>> connect(Origin to) {
  CO_TRY(auto stream, co_await tcp::connect(to.address));
  if (!to.tls) co_return stream;
  tls::Peer peer{.name = std::move(to.name), .protocol = "http/1.1"};
  co_return co_await tls::connect(std::move(stream), std::move(to.tls), std::move(peer));
}

Task<Result<Response>> open_and_send(Origin to, Request request, ClientLimits limits) {
  CO_TRY(auto connection, co_await Connection::open(std::move(to), limits.timeout));
  co_return co_await connection->send(std::move(request), limits);
}

}  // namespace

Task<Result<std::unique_ptr<Connection>>> Connection::open(Origin to, Duration limit) {
  std::string host = to_string(to.address);
  CO_TRY(auto stream, co_await base::with_deadline(connect(std::move(to)), limit));
  co_return std::make_unique<StreamConnection>(std::move(stream), std::move(host));
}

Task<Result<Response>> send(Origin to, Request request, ClientLimits limits) {
  auto operation = open_and_send(std::move(to), std::move(request), limits);
  co_return co_await base::with_deadline(std::move(operation), limits.timeout);
}

}  // namespace net::http
