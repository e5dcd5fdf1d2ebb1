#include "net/http1_parser.h"

#include <fmt/format.h>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <utility>

namespace net::http1 {
namespace {

namespace beast_http = boost::beast::http;
using beast_http::error;
using boost::system::error_code;

// What Beast's string_view becomes in ours.
std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// Collects what Beast's parser finds. Beast checks the grammar; the limits are checked here as
// well, because Beast counts its header limit per piece and not over all of them.
template <bool is_request>
class Collector : public beast_http::basic_parser<is_request> {
 public:
  explicit Collector(ParseLimits limits) : limits_(limits) {
    this->eager(true);
    this->header_limit(static_cast<std::uint32_t>(limits.header_bytes_max));
    this->body_limit(limits.body_bytes_max);
  }

  // Whether the next byte belongs to a chunk that has begun.
  bool in_chunk() const { return chunk_left_ > 0; }

  std::string method;
  std::string target;
  int version = 11;
  int status = 0;
  http::Headers headers;
  std::string body;

 private:
  void count(std::size_t bytes, error_code& ec) {
    header_bytes_ += bytes;
    if (header_bytes_ > limits_.header_bytes_max) ec = error::header_limit;
  }

  std::size_t append(boost::beast::string_view piece, error_code& ec) {
    if (body.size() + piece.size() > limits_.body_bytes_max) {
      ec = error::body_limit;
      return 0;
    }
    body.append(piece.data(), piece.size());
    return piece.size();
  }

  void on_request_impl(beast_http::verb, boost::beast::string_view m, boost::beast::string_view t,
                       int v, error_code& ec) override {
    method = view(m);
    target = view(t);
    version = v;
    count(m.size() + t.size(), ec);
  }
  void on_response_impl(int code, boost::beast::string_view, int v, error_code&) override {
    status = code;
    version = v;
  }
  void on_field_impl(beast_http::field, boost::beast::string_view name,
                     boost::beast::string_view value, error_code& ec) override {
    count(name.size() + value.size() + 4, ec);
    // Fields after a chunked body are read and dropped.
    if (!ec && !in_body_) headers.add(std::string(view(name)), std::string(view(value)));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    in_body_ = true;
    if (length) body.reserve(std::min<std::size_t>(*length, reserve_max));
  }
  std::size_t on_body_impl(boost::beast::string_view piece, error_code& ec) override {
    return append(piece, ec);
  }
  void on_chunk_header_impl(std::uint64_t size, boost::beast::string_view, error_code&) override {
    chunk_left_ = size;
  }
  std::size_t on_chunk_body_impl(std::uint64_t left, boost::beast::string_view piece,
                                 error_code& ec) override {
    chunk_left_ = left - piece.size();
    return append(piece, ec);
  }
  void on_finish_impl(error_code&) override {}

  // A stated length is believed only this far before the bytes are there.
  static constexpr std::size_t reserve_max = 256u << 10;

  ParseLimits limits_;
  std::size_t header_bytes_ = 0;
  std::uint64_t chunk_left_ = 0;
  bool in_body_ = false;
};

// "0\r\n\r\n", which every chunked body has still to come until it is done.
constexpr std::size_t last_chunk_bytes = 5;

// Puts bytes until the message is done or more are needed. Beast's parser must not be asked again
// before there are more, nor between two chunks with fewer than the last one needs: it asserts
// both. Inside a chunk every byte goes on at once, because a stream's last ones may be all that
// comes.
template <class Parser>
std::size_t put_all(Parser& parser, std::string_view bytes, error_code& ec) {
  std::size_t used = 0;
  while (used < bytes.size() && !parser.is_done()) {
    const std::string_view rest = bytes.substr(used);
    const bool between = parser.is_header_done() && parser.chunked() && !parser.in_chunk();
    if (between && rest.size() < last_chunk_bytes) break;
    used += parser.put(boost::asio::const_buffer(rest.data(), rest.size()), ec);
    if (ec) break;
  }
  if (ec == error::need_more) ec = {};
  return used;
}

int refusal_status(const error_code& ec) {
  if (ec == error::header_limit) return 431;
  if (ec == error::body_limit) return 413;
  if (ec == error::bad_version) return 505;
  return 400;
}

std::unexpected<Refusal> refuse(int status, std::string why) {
  return std::unexpected(Refusal{status, std::move(why)});
}

// "http://host/path" and "/path" are the same resource; "*" stays.
std::string_view origin_form(std::string_view target) {
  const std::size_t scheme = target.find("://");
  if (target.starts_with('/') || scheme == target.npos) return target;
  const std::size_t path = target.find('/', scheme + 3);
  return path == target.npos ? "/" : target.substr(path);
}

std::expected<void, Refusal> split_target(std::string_view target, http::Request& request) {
  const std::string_view origin = origin_form(target);
  const std::size_t question = std::min(origin.find('?'), origin.size());
  auto path = http::percent_decode(origin.substr(0, question), false);
  if (!path) return refuse(400, path.error().what);
  if (!path->starts_with('/') && *path != "*") return refuse(400, "bad request target");
  request.path = std::move(*path);
  request.query = origin.substr(std::min(question + 1, origin.size()));
  return {};
}

}  // namespace

struct RequestParser::State {
  explicit State(ParseLimits limits) : parser(limits) {}

  // Once, when the header is complete.
  std::expected<void, Refusal> check_head() {
    head_checked = true;
    if (parser.version >= 11 && !parser.headers.find("host")) return refuse(400, "no host header");
    const auto encoding = parser.headers.find("transfer-encoding");
    if (encoding && !http::same_word(*encoding, "chunked")) {
      return refuse(501, "only the chunked transfer encoding is offered");
    }
    const auto expect = parser.headers.find("expect");
    if (expect && !http::same_word(*expect, "100-continue"))
      return refuse(417, "unknown expectation");
    expects_continue = expect.has_value() && parser.version >= 11;
    return split_target(parser.target, request);
  }

  Collector<true> parser;
  http::Request request;
  bool head_checked = false;
  bool expects_continue = false;
};

RequestParser::RequestParser(ParseLimits limits) : state_(std::make_unique<State>(limits)) {}
RequestParser::~RequestParser() = default;
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;

std::expected<std::size_t, Refusal> RequestParser::feed(std::string_view bytes) {
  error_code ec;
  const std::size_t used = put_all(state_->parser, bytes, ec);
  if (ec) return refuse(refusal_status(ec), ec.message());
  if (head_done() && !state_->head_checked) {
    auto checked = state_->check_head();
    if (!checked) return std::unexpected(std::move(checked).error());
  }
  return used;
}

bool RequestParser::head_done() const {
  return state_->parser.is_header_done();
}
bool RequestParser::done() const {
  return state_->parser.is_done();
}
bool RequestParser::expects_continue() const {
  return state_->expects_continue;
}
bool RequestParser::keep_alive() const {
  return state_->parser.keep_alive();
}
bool RequestParser::chunks_allowed() const {
  return state_->parser.version >= 11;
}
std::size_t RequestParser::body_bytes() const {
  return state_->parser.body.size();
}

http::Request RequestParser::take() {
  http::Request request = std::move(state_->request);
  request.method = std::move(state_->parser.method);
  request.headers = std::move(state_->parser.headers);
  request.body = std::move(state_->parser.body);
  return request;
}

struct ResponseParser::State {
  State(ParseLimits l, Body b) : limits(l), body(b) { restart(); }

  void restart() {
    parser = std::make_unique<Collector<false>>(limits);
    parser->skip(body == Body::none);
    // Of a body that is taken away piece by piece, only what waits is counted, by append().
    if (body == Body::streamed) parser->body_limit(boost::none);
  }
  bool interim() const {
    return parser->is_done() && parser->status / 100 == 1 && parser->status != 101;
  }

  ParseLimits limits;
  Body body;
  std::unique_ptr<Collector<false>> parser;
};

ResponseParser::ResponseParser(ParseLimits limits, Body body)
    : state_(std::make_unique<State>(limits, body)) {}
ResponseParser::~ResponseParser() = default;
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;

Result<std::size_t> ResponseParser::feed(std::string_view bytes) {
  std::size_t used = 0;
  while (true) {
    error_code ec;
    used += put_all(*state_->parser, bytes.substr(used), ec);
    if (ec == error::header_limit || ec == error::body_limit)
      return fail(Code::exhausted, ec.message());
    if (ec) return fail(Code::bad_data, ec.message());
    if (!state_->interim()) return used;
    state_->restart();
  }
}

Result<void> ResponseParser::end() {
  error_code ec;
  if (!state_->parser->got_some())
    return fail(Code::bad_data, "the connection closed without an answer");
  state_->parser->put_eof(ec);
  if (ec) return fail(Code::bad_data, "the connection closed inside the answer");
  return {};
}

bool ResponseParser::head_done() const {
  return state_->parser->is_header_done() && !state_->interim();
}
bool ResponseParser::done() const {
  return state_->parser->is_done();
}
bool ResponseParser::keep_alive() const {
  return state_->parser->keep_alive();
}

ResponseMessage ResponseParser::take_head() {
  return {state_->parser->status, std::exchange(state_->parser->headers, {}), {}};
}

std::string ResponseParser::take_body() {
  return std::exchange(state_->parser->body, {});
}

ResponseMessage ResponseParser::take() {
  Collector<false>& p = *state_->parser;
  return {p.status, std::move(p.headers), std::move(p.body)};
}

}  // namespace net::http1
