// A gRPC server with nothing of ours in it: nghttp2 on an epoll loop answers every call with an
// empty message and throws away what was sent. What HTTP/2 itself costs. Prints "ready otlp=PORT";
// ends with its process.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::int32_t window = 8 << 20;
constexpr std::string_view empty_message("\0\0\0\0\0", 5);

nghttp2_nv header(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
  };
  return {bytes(name), bytes(value), name.size(), value.size(),
          NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE};
}

// The answer's only message; its trailers follow.
ssize_t read_answer(nghttp2_session* session, std::int32_t stream, std::uint8_t* to,
                    std::size_t /*room*/, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                    void* /*user*/) {
  std::memcpy(to, empty_message.data(), empty_message.size());
  *flags = NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
  const std::array trailers = {header("grpc-status", "0")};
  nghttp2_submit_trailer(session, stream, trailers.data(), trailers.size());
  return empty_message.size();
}

// A request that is over is answered.
int on_frame(nghttp2_session* session, const nghttp2_frame* frame, void* /*user*/) {
  const bool of_request = frame->hd.type == NGHTTP2_DATA || frame->hd.type == NGHTTP2_HEADERS;
  if (!of_request || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
  const std::array headers = {header(":status", "200"), header("content-type", "application/grpc")};
  const nghttp2_data_provider answer{.source = {}, .read_callback = read_answer};
  return nghttp2_submit_response(session, frame->hd.stream_id, headers.data(), headers.size(),
                                 &answer);
}

struct SessionEnd {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
};
using Session = std::unique_ptr<nghttp2_session, SessionEnd>;

Session open_session() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session* session = nullptr;
  nghttp2_session_server_new(&session, callbacks, nullptr);
  nghttp2_session_callbacks_del(callbacks);
  const std::array settings = {nghttp2_settings_entry{NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window},
                               nghttp2_settings_entry{NGHTTP2_SETTINGS_MAX_FRAME_SIZE, 256 << 10}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, window);
  return Session(session);
}

// Everything that the session has to say, in one write. Answers are small, so it may block.
bool say(int connection, nghttp2_session* session, std::vector<std::uint8_t>& out) {
  out.clear();
  const std::uint8_t* piece = nullptr;
  for (ssize_t size; (size = nghttp2_session_mem_send(session, &piece)) > 0;)
    out.insert(out.end(), piece, piece + size);
  return out.empty() ||
         send(connection, out.data(), out.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(out.size());
}

class Server {
 public:
  Server() : events_(epoll_create1(0)), in_(256 << 10) {}

  // Returns the port; 0 when there is none.
  std::uint16_t listen_anywhere() {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const as_any = reinterpret_cast<sockaddr*>(&address);
    listening_ = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listening_, as_any, size) != 0 || listen(listening_, SOMAXCONN) != 0 ||
        getsockname(listening_, as_any, &size) != 0)
      return 0;
    watch(listening_);
    return ntohs(address.sin_port);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> ready;
    for (;;) {
      const int count = epoll_wait(events_, ready.data(), ready.size(), -1);
      for (int i = 0; i < count; ++i) {
        const int fd = ready[static_cast<std::size_t>(i)].data.fd;
        if (fd == listening_) {
          accept_one();
        } else if (!serve(fd)) {
          sessions_.erase(fd);
          close(fd);
        }
      }
    }
  }

 private:
  void watch(int fd) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    epoll_ctl(events_, EPOLL_CTL_ADD, fd, &event);
  }

  void accept_one() {
    const int connection = accept(listening_, nullptr, nullptr);
    if (connection < 0) return;
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sessions_[connection] = open_session();
    watch(connection);
  }

  // False when the connection is over.
  bool serve(int connection) {
    nghttp2_session* const session = sessions_[connection].get();
    const ssize_t size = recv(connection, in_.data(), in_.size(), MSG_DONTWAIT);
    return size > 0 &&
           nghttp2_session_mem_recv(session, in_.data(), static_cast<std::size_t>(size)) == size &&
           say(connection, session, out_);
  }

  int events_;
  int listening_ = -1;
  std::vector<std::uint8_t> in_, out_;
  std::unordered_map<int, Session> sessions_;
};

}  // namespace

int main() {
  Server server;
  const std::uint16_t port = server.listen_anywhere();
  if (port == 0) return 1;
  fmt::print("ready otlp={}\n", port);
  std::fflush(stdout);
  server.run();
}
