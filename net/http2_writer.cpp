#include "net/http2_writer.h"

namespace net::http2 {
namespace {

constexpr std::size_t write_bytes = 128u << 10;
constexpr std::size_t kept_bytes_max = 16u << 10;

}  // namespace

void Writer::flush() {
  while (!waiting_ && !lost_) {
    parts_.collect(out_, write_bytes);
    if (out_.empty()) return;
    const auto n = parts_.stream.write_now(out_);
    if (!n) {
      lost_ = true;
    } else if (*n < out_.size()) {
      waiting_ = true;
      sent_ = *n;
      parts_.tasks.spawn(write_rest());
    } else if (out_.capacity() > kept_bytes_max) {
      out_ = {};
    } else {
      out_.clear();
    }
  }
}

Task<void> Writer::write_rest() {
  auto written = co_await parts_.stream.write(std::string_view(out_).substr(sent_));
  out_.clear();
  waiting_ = false;
  lost_ = !written;
  parts_.progressed();
}

}  // namespace net::http2
