#include "net/testing/http2_frames.h"

#include "base/check.h"
#include "net/grpc_message.h"

namespace net::testing {
namespace {

constexpr std::size_t frame_head_bytes = 9;

std::string number(std::uint32_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}

std::uint32_t read_number(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// HPACK's integer with a prefix of seven bits, RFC 7541 section 5.1.
std::string hpack_string(std::string_view text) {
  std::string out;
  std::size_t length = text.size();
  if (length < 127) {
    out += static_cast<char>(length);
  } else {
    out += '\x7f';
    for (length -= 127; length >= 128; length >>= 7) out += static_cast<char>(length % 128 + 128);
    out += static_cast<char>(length);
  }
  return out.append(text);
}

}  // namespace

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                  std::string_view payload) {
  std::string out = number(static_cast<std::uint32_t>(payload.size()), 3);
  out += static_cast<char>(type);
  out += static_cast<char>(flags);
  return out + number(stream, 4) + std::string(payload);
}

std::string header_block(const Fields& fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += '\0' + hpack_string(name) + hpack_string(value);
  return out;
}

std::string headers(std::uint32_t stream, const Fields& fields, std::uint8_t flags) {
  return frame(NGHTTP2_HEADERS, flags, stream, header_block(fields));
}

std::string data(std::uint32_t stream, std::string_view bytes, std::uint8_t flags) {
  constexpr std::size_t frame_bytes_max = 16384;
  std::string out;
  while (bytes.size() > frame_bytes_max) {
    out += frame(NGHTTP2_DATA, 0, stream, bytes.substr(0, frame_bytes_max));
    bytes.remove_prefix(frame_bytes_max);
  }
  return out + frame(NGHTTP2_DATA, flags, stream, bytes);
}

std::string settings(std::string_view payload) {
  return frame(NGHTTP2_SETTINGS, 0, 0, payload);
}
std::string settings_ack() {
  return frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0, {});
}
std::string ping() {
  return frame(NGHTTP2_PING, 0, 0, "12345678");
}
std::string reset(std::uint32_t stream, std::uint32_t error) {
  return frame(NGHTTP2_RST_STREAM, 0, stream, number(error, 4));
}
std::string window_update(std::uint32_t stream, std::uint32_t bytes) {
  return frame(NGHTTP2_WINDOW_UPDATE, 0, stream, number(bytes, 4));
}
std::string opening() {
  return std::string(http2::preface) + settings();
}

Fields grpc_fields(std::string_view method, const Fields& more) {
  Fields fields = {{":method", "POST"}, {":scheme", "http"}, {":path", std::string(method)},
                   {":authority", "h"}, {"te", "trailers"},  {"content-type", "application/grpc"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return fields;
}

std::string grpc_message(std::string_view message, bool compressed) {
  const grpc::Prefix prefix = grpc::frame_prefix(message.size());
  std::string out(prefix.data(), prefix.size());
  out[0] = compressed ? 1 : 0;
  return out.append(message);
}

std::string unary(std::uint32_t stream, std::string_view method, std::string_view message) {
  return headers(stream, grpc_fields(method)) + data(stream, grpc_message(message), end_stream);
}

std::string Answer::field(std::string_view name) const {
  for (const auto& [n, value] : fields) {
    if (n == name) return value;
  }
  return {};
}

FrameReader::FrameReader() {
  nghttp2_hd_inflater* inflater = nullptr;
  CHECK(nghttp2_hd_inflate_new(&inflater) == 0);
  inflater_ = {inflater, nghttp2_hd_inflate_del};
}

void FrameReader::feed(std::string_view bytes) {
  buffer_ += bytes;
  while (buffer_.size() >= frame_head_bytes) {
    const std::string_view all = buffer_;
    const std::size_t length = read_number(all.substr(0, 3));
    if (all.size() < frame_head_bytes + length) return;
    take(static_cast<std::uint8_t>(all[3]), static_cast<std::uint8_t>(all[4]),
         read_number(all.substr(5, 4)), all.substr(frame_head_bytes, length));
    buffer_.erase(0, frame_head_bytes + length);
  }
}

void FrameReader::take(std::uint8_t type, std::uint8_t flags, std::uint32_t stream,
                       std::string_view payload) {
  Answer& answer = answers_[stream];
  if (type == NGHTTP2_HEADERS) take_fields(answer, payload);
  if (type == NGHTTP2_DATA) answer.body += payload;
  if (type == NGHTTP2_HEADERS || type == NGHTTP2_DATA) answer.ended |= (flags & end_stream) != 0;
  if (type == NGHTTP2_RST_STREAM) answer.reset = static_cast<int>(read_number(payload));
  if (type == NGHTTP2_PING) ++((flags & NGHTTP2_FLAG_ACK) != 0 ? ping_acks_ : pings_);
  if (type == NGHTTP2_GOAWAY) {
    ++goaways_;
    goaway_last_stream_ = read_number(payload.substr(0, 4));
    goaway_ = static_cast<int>(read_number(payload.substr(4, 4)));
  }
}

void FrameReader::take_fields(Answer& answer, std::string_view block) {
  while (true) {
    nghttp2_nv nv{};
    int flags = 0;
    const auto n = nghttp2_hd_inflate_hd2(inflater_.get(), &nv, &flags,
                                          reinterpret_cast<const std::uint8_t*>(block.data()),
                                          block.size(), 1);
    CHECK(n >= 0);
    block.remove_prefix(static_cast<std::size_t>(n));
    if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
      answer.fields.emplace_back(http2::view(nv.name, nv.namelen),
                                 http2::view(nv.value, nv.valuelen));
    }
    if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) break;
  }
  nghttp2_hd_inflate_end_headers(inflater_.get());
}

}  // namespace net::testing
