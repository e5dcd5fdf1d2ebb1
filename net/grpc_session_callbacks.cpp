// Between nghttp2's C interface and the session.

#include "base/check.h"
#include "net/grpc_session.h"

namespace net::grpc {
namespace {

// Continuations of one header; 64 KiB of header fit in four frames of the usual size.
constexpr std::size_t continuations_max = 8;
// Of nghttp2's own limit on resets.
constexpr std::uint64_t backstop_resets = 4000;

}  // namespace

// Each only finds its object.
struct ServerSession::Callbacks {
  static ServerSession& self(void* user_data) { return *static_cast<ServerSession*>(user_data); }

  static Call* call_of(nghttp2_session* session, std::int32_t stream) {
    return static_cast<Call*>(nghttp2_session_get_stream_user_data(session, stream));
  }

  static int begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) self(user_data).begin_call(frame->hd.stream_id);
    return 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_length, const std::uint8_t* value, std::size_t value_length,
                    std::uint8_t, void* user_data) {
    Call* call = call_of(session, frame->hd.stream_id);
    if (call != nullptr && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
      self(user_data).take_header(*call, http2::view(name, name_length),
                                  http2::view(value, value_length));
    }
    return 0;
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) {
    ServerSession& me = self(user_data);
    const bool request_part = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!request_part) {
      me.on_control_frame(*frame);
      return 0;
    }
    const bool ends = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_DATA && frame->hd.length == 0 && !ends)
      me.on_control_frame(*frame);
    Call* call = call_of(session, frame->hd.stream_id);
    if (call == nullptr) return 0;
    if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST)
      me.check_head(*call);
    if (ends) me.end_request(*call);
    return 0;
  }

  static int data(nghttp2_session* session, std::uint8_t, std::int32_t stream,
                  const std::uint8_t* bytes, std::size_t length, void* user_data) {
    Call* call = call_of(session, stream);
    if (call != nullptr) self(user_data).take_data(*call, http2::view(bytes, length));
    return 0;
  }

  static int stream_closed(nghttp2_session* session, std::int32_t stream, std::uint32_t,
                           void* user_data) {
    Call* call = call_of(session, stream);
    if (call != nullptr) self(user_data).close_call(*call);
    return 0;
  }

  static int frame_sent(nghttp2_session*, const nghttp2_frame* frame, void* user_data) {
    self(user_data).on_frame_sent(*frame);
    return 0;
  }

  static ssize_t read(nghttp2_session*, std::int32_t, std::uint8_t* buffer, std::size_t length,
                      std::uint32_t* flags, nghttp2_data_source* source, void* user_data) {
    return self(user_data).read_answer(*static_cast<Call*>(source->ptr), buffer, length, flags);
  }
};

http2::Session ServerSession::open(ServerSession& owner) {
  const http2::Callbacks callbacks = http2::make_callbacks();
  nghttp2_session_callbacks* c = callbacks.get();
  nghttp2_session_callbacks_set_on_begin_headers_callback(c, Callbacks::begin_headers);
  nghttp2_session_callbacks_set_on_header_callback(c, Callbacks::header);
  nghttp2_session_callbacks_set_on_frame_recv_callback(c, Callbacks::frame_received);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, Callbacks::data);
  nghttp2_session_callbacks_set_on_stream_close_callback(c, Callbacks::stream_closed);
  nghttp2_session_callbacks_set_on_frame_send_callback(c, Callbacks::frame_sent);

  const http2::Option option = http2::make_option();
  nghttp2_option_set_max_continuations(option.get(), continuations_max);
  nghttp2_option_set_no_closed_streams(option.get(), 1);
  // Our own limit comes first and says why.
  nghttp2_option_set_stream_reset_rate_limit(option.get(), backstop_resets, backstop_resets);

  nghttp2_session* session = nullptr;
  CHECK(nghttp2_session_server_new2(&session, c, &owner, option.get()) == 0);
  return http2::Session(session);
}

nghttp2_data_source_read_callback ServerSession::read_callback() {
  return Callbacks::read;
}

}  // namespace net::grpc
