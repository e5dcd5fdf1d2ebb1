#include "kube/https_transport.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/backoff.h"
#include "kube/http_requests.h"

namespace kube {
namespace {

using net::http::Connection;

constexpr Duration reopen_ceiling = std::chrono::seconds(10);
constexpr Duration watch_grace = std::chrono::seconds(30);
constexpr std::string_view agent = "tidewheel/" TIDEWHEEL_VERSION;

Result<net::Origin> make_origin(const Access& access) {
  if (!access.tls) return net::Origin(access.address);
  TRY(auto context, net::tls::Context::for_client({.authorities = access.authorities,
                                                   .identity = access.identity,
                                                   .verify = access.verify}));
  net::Origin origin(access.address, std::move(context));
  origin.name = access.server_name;
  return origin;
}

bool is_success(int status) {
  return status / 100 == 2;
}

// The objects of a list do not say what they are, those of a watch do.
void put_kind(const Resource& resource, json::Value& object) {
  if (!object.is_object()) return;
  const std::string version = resource.api_version();
  object.get_object()["apiVersion"] = boost::json::string(version);
  object.get_object()["kind"] =
      boost::json::string_view(resource.kind.data(), resource.kind.size());
}

// Lines out of pieces of bytes.
class Lines {
 public:
  void add(std::string_view bytes) { text_.append(bytes); }

  // The next whole line without its end; nullopt when it has not arrived.
  std::optional<std::string> next() {
    const std::size_t end = text_.find('\n', looked_);
    looked_ = end == std::string::npos ? text_.size() : 0;
    if (end == std::string::npos) return std::nullopt;
    std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
  }
  std::size_t size() const { return text_.size(); }
  void clear() { *this = {}; }

 private:
  std::string text_;
  std::size_t looked_ = 0;  // there is no line's end before
};

}  // namespace

struct HttpsTransport::State {
  State(Access a, ReadFile r, const Clock& c, Log l, TransportOptions o, net::Origin origin)
      : access(std::move(a)),
        read(std::move(r)),
        clock(c),
        log(std::move(l)),
        options(o),
        pool(std::move(origin), clock, options.pool),
        token_read(clock.steady()) {}

  net::http::Request to_signed(const Request& request);
  void refresh_token();

  Access access;
  ReadFile read;
  const Clock& clock;
  Log log;
  TransportOptions options;
  net::http::Pool pool;
  Instant token_read;
};

net::http::Request HttpsTransport::State::to_signed(const Request& request) {
  refresh_token();
  net::http::Request http = to_http(request, access.path_prefix, options.watch_timeout);
  http.headers.add("user-agent", std::string(agent));
  if (!access.token.empty()) http.headers.add("authorization", "Bearer " + access.token);
  return http;
}

// A token that cannot be read now may still be good: the server says when it is not.
void HttpsTransport::State::refresh_token() {
  if (access.token_file.empty()) return;
  const Instant now = clock.steady();
  if (now - token_read < options.token_age_max) return;
  token_read = now;
  auto text = read(access.token_file);
  const std::size_t end = text ? text->find_first_of(" \t\r\n") : 0;
  if (text && end != 0 && !text->empty()) {
    access.token = text->substr(0, end);
  } else {
    log.warn("token file cannot be read: going on with the old token",
             {{"file", access.token_file}, {"error", text ? "it is empty" : text.error().what}});
  }
}

// One watch, over as many requests as it takes. Confined to its loop; the transport outlives it.
class HttpsTransport::Stream final : public Watch {
 public:
  // First tells the `existing` objects, then every change after request.resource_version.
  Stream(State& state, Request request, std::vector<json::Value> existing)
      : state_(state), request_(std::move(request)), existing_(std::move(existing)) {}

  Task<Result<void>> open();
  Task<Result<WatchEvent>> next() override;

 private:
  Task<Result<void>> reopen();
  Task<Result<void>> receive();
  Result<std::optional<WatchEvent>> take_event();

  State& state_;
  Request request_;  // resource_version: of the last change that was told
  std::unique_ptr<Connection> connection_;
  Lines lines_;
  std::vector<json::Value> existing_;
  std::size_t told_ = 0;  // of existing_
  bool refused_ = false;  // the server said no, and will say so again: 410 is such an answer
};

Task<Result<void>> HttpsTransport::Stream::open() {
  lines_.clear();
  refused_ = false;
  const net::http::ClientLimits limits{.timeout = state_.options.call_timeout,
                                       .body_bytes_max = state_.options.watch_line_bytes_max};
  CO_TRY(auto connection, co_await Connection::open(state_.pool.origin(), limits.timeout));
  CO_TRY(const auto head, co_await connection->begin(state_.to_signed(request_), limits));
  refused_ = head.status / 100 == 4 && head.status != 429;
  if (is_success(head.status)) {
    connection_ = std::move(connection);
    co_return Result<void>{};
  }
  std::string body;
  for (;;) {
    auto piece = co_await base::with_deadline(connection->read_body(), limits.timeout);
    if (!piece || piece->empty() || body.size() > limits.body_bytes_max) break;
    body += *piece;
  }
  co_return std::unexpected(to_error(head.status, body));
}

Task<Result<WatchEvent>> HttpsTransport::Stream::next() {
  if (told_ < existing_.size()) {
    co_return WatchEvent{WatchEvent::Type::added, std::move(existing_[told_++])};
  }
  for (;;) {
    CO_TRY(auto event, take_event());
    if (event) co_return std::move(*event);
    auto received = co_await receive();
    if (received) continue;
    const bool lost =
        received.error().code == Code::unavailable || received.error().code == Code::timeout;
    if (!lost) co_return std::unexpected(std::move(received).error());
    CO_TRY_VOID(co_await reopen());
  }
}

// Goes on after the last change that was told.
Task<Result<void>> HttpsTransport::Stream::reopen() {
  connection_.reset();
  base::Backoff backoff(state_.options.reopen_first, reopen_ceiling);
  for (int attempt = 1;; ++attempt) {
    auto opened = co_await open();
    if (opened) co_return opened;
    const bool stopped = opened.error().code == Code::cancelled;
    if (stopped || refused_ || attempt >= state_.options.reopen_attempts) co_return opened;
    CO_TRY_VOID(co_await base::sleep_for(backoff.next()));
  }
}

// Errors: unavailable when the server has ended it, or it was cut.
Task<Result<void>> HttpsTransport::Stream::receive() {
  if (!connection_) co_return fail(Code::unavailable, "the watch has ended");
  auto reading = connection_->read_body();
  auto piece =
      co_await base::with_deadline(std::move(reading), state_.options.watch_timeout + watch_grace);
  if (piece && !piece->empty()) {
    lines_.add(*piece);
    if (lines_.size() <= state_.options.watch_line_bytes_max) co_return Result<void>{};
    connection_.reset();
    co_return fail(Code::exhausted, "a line of a watch is too long");
  }
  const bool stopped = !piece && piece.error().code == Code::cancelled;
  if (!stopped) connection_.reset();
  if (!piece) co_return std::unexpected(std::move(piece).error());
  co_return fail(Code::unavailable, "the server ended the watch");
}

Result<std::optional<WatchEvent>> HttpsTransport::Stream::take_event() {
  for (;;) {
    const auto line = lines_.next();
    if (!line) return std::nullopt;
    TRY(WatchLine read, read_watch_line(*line));
    if (!read.resource_version.empty()) request_.resource_version = read.resource_version;
    if (read.event) return std::move(read.event);
  }
}

HttpsTransport::HttpsTransport(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpsTransport::~HttpsTransport() = default;

Result<std::unique_ptr<HttpsTransport>> HttpsTransport::make(Access access, ReadFile read,
                                                             const Clock& clock, Log log,
                                                             TransportOptions options) {
  TRY(auto origin, make_origin(access));
  auto state = std::make_unique<State>(std::move(access), std::move(read), clock, std::move(log),
                                       options, std::move(origin));
  return std::unique_ptr<HttpsTransport>(new HttpsTransport(std::move(state)));
}

Task<Result<json::Value>> HttpsTransport::call(Request request) {
  const net::http::ClientLimits limits{.timeout = state_->options.call_timeout,
                                       .body_bytes_max = state_->options.answer_bytes_max};
  auto http = state_->to_signed(request);
  CO_TRY(auto answer, co_await state_->pool.send(std::move(http), limits));
  if (!is_success(answer.status)) co_return std::unexpected(to_error(answer.status, answer.body));
  auto body = json::parse(answer.body);
  if (!body) co_return fail(Code::bad_data, "the answer is no JSON: " + body.error().what);
  co_return body;
}

// A list says which version its objects are of, so that the watch after it can go on when it is
// cut; what a server tells at the beginning of a watch does not.
Task<Result<std::unique_ptr<Watch>>> HttpsTransport::watch(Request request) {
  std::vector<json::Value> existing;
  if (request.resource_version.empty() || request.resource_version == "0") {
    Client client(*this);
    CO_TRY(ObjectList list, co_await client.list(request.resource, request.key.ns));
    for (json::Value& object : list.items) put_kind(request.resource, object);
    request.resource_version = std::move(list.resource_version);
    existing = std::move(list.items);
  }
  auto stream = std::make_unique<Stream>(*state_, std::move(request), std::move(existing));
  CO_TRY_VOID(co_await stream->open());
  co_return stream;
}

}  // namespace kube
