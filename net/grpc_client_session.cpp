#include "net/grpc_client_session.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <utility>
#include <vector>

#include "base/check.h"
#include "net/inflate.h"

namespace net::grpc {
namespace {

struct HttpRow {
  std::string_view status;
  Code code;
};

// What an answer without grpc-status means. Source: "HTTP to gRPC status code mapping" of the gRPC
// project.
constexpr std::array http_codes = {
    HttpRow{"400", Code::internal},    HttpRow{"401", Code::unauthenticated},
    HttpRow{"403", Code::denied},      HttpRow{"404", Code::unimplemented},
    HttpRow{"429", Code::unavailable}, HttpRow{"502", Code::unavailable},
    HttpRow{"503", Code::unavailable}, HttpRow{"504", Code::unavailable},
};

Error error_without_status(std::string_view http_status) {
  Code code = http_status == "200" ? Code::bad_data : Code::internal;
  for (const HttpRow& row : http_codes) {
    if (row.status == http_status) code = row.code;
  }
  return {code, http_status.empty()
                    ? "the server ended the call without an answer"
                    : fmt::format("http status {} without a grpc-status", http_status)};
}

Error error_of_reset(std::uint32_t http2_error) {
  const std::string what =
      fmt::format("the server reset the call: {}", nghttp2_http2_strerror(http2_error));
  return {http2_error == NGHTTP2_CANCEL ? Code::cancelled : Code::unavailable, what};
}

}  // namespace

struct ClientSession::Callbacks {
  static ClientSession& self(void* user_data) { return *static_cast<ClientSession*>(user_data); }

  static Exchange* exchange_of(nghttp2_session* session, std::int32_t stream) {
    return static_cast<Exchange*>(nghttp2_session_get_stream_user_data(session, stream));
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                    std::uint8_t, void* user_data) {
    Exchange* exchange = exchange_of(session, frame->hd.stream_id);
    if (exchange != nullptr) {
      self(user_data).take_header(*exchange, http2::view(name, name_length),
                                  http2::view(value, value_length));
    }
    return 0;
  }

  static int data(nghttp2_session* session, std::uint8_t, std::int32_t stream,
                  const std::uint8_t* bytes, std::size_t length, void* user_data) {
    Exchange* exchange = exchange_of(session, stream);
    if (exchange != nullptr) self(user_data).take_data(*exchange, http2::view(bytes, length));
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
    if (frame->hd.type == NGHTTP2_SETTINGS) self(user_data).greeted_ = true;
    if (frame->hd.type == NGHTTP2_GOAWAY) self(user_data).going_away_ = true;
    const bool answer = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    const bool ends = answer && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    // Answered before all of the request was sent: the rest is not wanted.
    if (ends && nghttp2_session_get_stream_local_close(session, frame->hd.stream_id) == 0) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_CANCEL);
    }
    return 0;
  }

  static int stream_closed(nghttp2_session*, std::int32_t stream, std::uint32_t error,
                           void* user_data) {
    self(user_data).end(stream, error);
    return 0;
  }

  // A call that waited for its turn when the server said goodbye.
  static int frame_not_sent(nghttp2_session*, const nghttp2_frame* frame, int, void* user_data) {
    if (frame->hd.type == NGHTTP2_HEADERS)
      self(user_data).end(frame->hd.stream_id, NGHTTP2_REFUSED_STREAM);
    return 0;
  }

  static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t length,
                      std::uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& exchange = *static_cast<Exchange*>(source->ptr);
    const std::size_t n = exchange.out.pop_into(buffer, length);
    if (exchange.out.empty()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(n);
  }

  static http2::Session open(ClientSession& owner) {
    const http2::Callbacks callbacks = http2::make_callbacks();
    nghttp2_session_callbacks* c = callbacks.get();
    nghttp2_session_callbacks_set_on_header_callback(c, header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(c, frame_received);
    nghttp2_session_callbacks_set_on_frame_not_send_callback(c, frame_not_sent);
    nghttp2_session_callbacks_set_on_stream_close_callback(c, stream_closed);
    nghttp2_session* session = nullptr;
    CHECK(nghttp2_session_client_new(&session, c, &owner) == 0);
    return http2::Session(session);
  }
};

ClientSession::ClientSession(std::size_t message_bytes_max)
    : message_bytes_max_(message_bytes_max), session_(Callbacks::open(*this)) {
  const std::array settings = {
      nghttp2_settings_entry{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
      nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, http2::stream_window_bytes},
  };
  CHECK(nghttp2_submit_settings(session_.get(), NGHTTP2_FLAG_NONE, settings.data(),
                                settings.size()) == 0);
  CHECK(nghttp2_session_set_local_window_size(session_.get(), NGHTTP2_FLAG_NONE, 0,
                                              http2::connection_window_bytes) == 0);
}

ClientSession::~ClientSession() = default;

Result<void> ClientSession::feed(std::string_view bytes) {
  const auto used = nghttp2_session_mem_recv(
      session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (used < 0) {
    return fail(Code::bad_data, fmt::format("the server breaks HTTP/2: {}",
                                            nghttp2_strerror(static_cast<int>(used))));
  }
  return {};
}

Result<void> ClientSession::start(const std::shared_ptr<Exchange>& exchange,
                                  const ClientCall& call) {
  if (going_away_ || nghttp2_session_check_request_allowed(session_.get()) == 0) {
    return fail(Code::unavailable, "the server goes away");
  }
  const std::string timeout = format_timeout(call.timeout);
  std::vector<nghttp2_nv> head = {
      http2::field(":method", "POST"),
      http2::field(":scheme", call.scheme),
      http2::field(":path", call.method),
      http2::field(":authority", call.authority),
      http2::field("te", "trailers"),
      http2::field("content-type", "application/grpc"),
      http2::field("grpc-accept-encoding", read_codings),
      http2::field("grpc-timeout", timeout),
  };
  if (call.metadata != nullptr) {
    for (const auto& [name, value] : call.metadata->all())
      head.push_back(http2::field(name, value));
  }
  nghttp2_data_provider provider{.source = {.ptr = exchange.get()},
                                 .read_callback = Callbacks::read};
  exchange->stream = nghttp2_submit_request(session_.get(), nullptr, head.data(), head.size(),
                                            &provider, exchange.get());
  if (exchange->stream < 0) return fail(Code::unavailable, nghttp2_strerror(exchange->stream));
  exchanges_.emplace(exchange->stream, exchange);
  return {};
}

void ClientSession::cancel(Exchange& exchange) {
  if (exchange.outcome) return;
  nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, exchange.stream, NGHTTP2_CANCEL);
}

void ClientSession::fail_all(const Error& error) {
  going_away_ = true;
  // They stay listed: nghttp2 still refers to them.
  for (auto& [stream, exchange] : exchanges_) {
    if (exchange->outcome) continue;
    exchange->outcome = std::unexpected(error);
    exchange->finished.notify();
  }
}

void ClientSession::close() {
  nghttp2_session_terminate_session(session_.get(), NGHTTP2_NO_ERROR);
}

void ClientSession::collect(std::string& out, std::size_t bytes_max) {
  http2::collect(session_.get(), out, bytes_max);
}

bool ClientSession::done() const {
  return nghttp2_session_want_read(session_.get()) == 0 &&
         nghttp2_session_want_write(session_.get()) == 0;
}

void ClientSession::take_header(Exchange& exchange, std::string_view name, std::string_view value) {
  if (name == ":status") {
    exchange.http_status = value;
  } else if (name == "grpc-status") {
    exchange.grpc_status = value;
  } else if (name == "grpc-message") {
    exchange.grpc_message = decode_status_message(value);
  } else if (name == "grpc-encoding") {
    exchange.encoding = value;
  }
}

void ClientSession::take_data(Exchange& exchange, std::string_view bytes) {
  if (exchange.failure || exchange.http_status != "200") return;
  const auto fed = exchange.reader.feed(bytes);
  if (fed) return;
  exchange.failure = fed.error();
  cancel(exchange);
}

void ClientSession::end(std::int32_t stream, std::uint32_t http2_error) {
  const auto it = exchanges_.find(stream);
  if (it == exchanges_.end()) return;
  const std::shared_ptr<Exchange> exchange = std::move(it->second);
  exchanges_.erase(it);
  if (exchange->outcome) return;
  exchange->refused = http2_error == NGHTTP2_REFUSED_STREAM;
  exchange->outcome = outcome_of(*exchange, http2_error);
  exchange->finished.notify();
}

Result<std::string> ClientSession::outcome_of(Exchange& exchange, std::uint32_t http2_error) const {
  if (exchange.failure) return std::unexpected(*exchange.failure);
  if (exchange.grpc_status.empty() && http2_error != NGHTTP2_NO_ERROR) {
    return std::unexpected(error_of_reset(http2_error));
  }
  if (exchange.grpc_status.empty())
    return std::unexpected(error_without_status(exchange.http_status));
  int status = 2;  // UNKNOWN, also for what is no number
  const std::string& digits = exchange.grpc_status;
  std::from_chars(digits.data(), digits.data() + digits.size(), status);
  if (status != 0) return fail(base::code_from_grpc(status), exchange.grpc_message);
  return read_message(exchange.reader, exchange.encoding, message_bytes_max_);
}

}  // namespace net::grpc
