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

 private:
  Task<Result<Response>> exchange(Request request, ClientLimits limits);
  Task<Result<http1::ResponseMessage>> receive(http1::ResponseParser parser);

  std::unique_ptr<Stream> stream_;
  std::string host_;
  std::vector<char> bytes_;
  std::string rest_;    // read, not yet used
  bool usable_ = true;  // the next request may go out
};

Task<Result<Response>> StreamConnection::send(Request request, ClientLimits limits) {
  if (!std::exchange(usable_, false)) co_return fail(Code::unavailable, "the connection has ended");
  auto operation = exchange(std::move(request), limits);
  auto response = co_await base::with_deadline(std::move(operation), limits.timeout);
  co_return response;
}

Task<Result<Response>> StreamConnection::exchange(Request request, ClientLimits limits) {
  const auto body = request.method == "HEAD" ? http1::ResponseParser::Body::none
                                             : http1::ResponseParser::Body::expected;
  const std::string text = http1::request_text(request, host_);
  const auto now = stream_->write_now(text);
  if (!now) co_return std::unexpected(now.error());
  if (*now < text.size()) CO_TRY_VOID(co_await stream_->write(std::string_view(text).substr(*now)));

  const http1::ParseLimits parse_limits{header_bytes_max, limits.body_bytes_max};
  CO_TRY(auto message, co_await receive(http1::ResponseParser(parse_limits, body)));
  co_return Response{.status = message.status,
                     .headers = std::move(message.headers),
                     .body = std::move(message.body)};
}

Task<Result<http1::ResponseMessage>> StreamConnection::receive(http1::ResponseParser parser) {
  while (true) {
    CO_TRY(const std::size_t used, parser.feed(rest_));
    rest_.erase(0, used);
    if (parser.done()) break;
    if (rest_.size() > header_bytes_max)
      co_return fail(Code::bad_data, "a line of the answer is too long");
    CO_TRY(const std::size_t n, co_await stream_->read_some(bytes_));
    if (n == 0) {
      CO_TRY_VOID(parser.end());
      co_return parser.take();
    }
    rest_.append(bytes_.data(), n);
  }
  usable_ = parser.keep_alive();
  co_return parser.take();
}

Task<Result<std::unique_ptr<Connection>>> open_within(Address to, Duration limit) {
  CO_TRY(auto stream, co_await base::with_deadline(tcp::connect(to), limit));
  co_return std::make_unique<StreamConnection>(std::move(stream), to_string(to));
}

Task<Result<Response>> open_and_send(Address to, Request request, ClientLimits limits) {
  CO_TRY(auto connection, co_await open_within(std::move(to), limits.timeout));
  auto response = co_await connection->send(std::move(request), limits);
  co_return response;
}

}  // namespace

Task<Result<std::unique_ptr<Connection>>> Connection::open(Address to) {
  co_return co_await open_within(std::move(to), ClientLimits{}.timeout);
}

Task<Result<Response>> send(Address to, Request request, ClientLimits limits) {
  auto operation = open_and_send(std::move(to), std::move(request), limits);
  co_return co_await base::with_deadline(std::move(operation), limits.timeout);
}

}  // namespace net::http
