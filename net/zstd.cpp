#include "net/zstd.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/check.h"

namespace net {
namespace {

constexpr int window_log_max = 23;
constexpr std::size_t first_guess_min = 1024;
constexpr std::size_t usual_ratio = 4;

struct Free {
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};
using Context = std::unique_ptr<ZSTD_DCtx, Free>;

Context make_context() {
  Context context(ZSTD_createDCtx());
  CHECK(context != nullptr);
  CHECK(!ZSTD_isError(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, window_log_max)));
  return context;
}

// Of what comes out: what the first frame says, where it does; memory that is not written to costs
// nothing.
std::size_t first_guess(std::string_view bytes, std::size_t room_max) {
  const unsigned long long stated = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  const bool says = stated != ZSTD_CONTENTSIZE_UNKNOWN && stated != ZSTD_CONTENTSIZE_ERROR;
  const std::size_t guess = says ? stated : bytes.size() * usual_ratio;
  return std::clamp(guess, std::min(first_guess_min, room_max), room_max);
}

}  // namespace

Result<std::string> decompress_zstd(std::string_view bytes, std::size_t bytes_max) {
  const Context context = make_context();
  const std::size_t room_max = bytes_max + 1;  // one byte more tells that it is too much
  ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
  std::string out;
  std::size_t more = 1;  // 0: at the end of a frame
  for (std::size_t room = first_guess(bytes, room_max);;) {
    out.resize_and_overwrite(room, [&, made = out.size()](char* data, std::size_t) {
      ZSTD_outBuffer to{data, room, made};
      do {
        more = ZSTD_decompressStream(context.get(), &to, &in);
      } while (!ZSTD_isError(more) && in.pos < in.size && to.pos < to.size);
      return to.pos;
    });
    if (ZSTD_isError(more)) return fail(Code::invalid, "damaged compressed data");
    if (out.size() > bytes_max)
      return fail(Code::exhausted,
                  fmt::format("more than {} bytes after decompression", bytes_max));
    const bool ended = more == 0 && in.pos == in.size;
    if (ended || out.size() < room) break;  // it has flushed all there was
    room = std::min(room * 2, room_max);
  }
  if (more != 0 || in.pos < in.size) return fail(Code::invalid, "truncated compressed data");
  return out;
}

}  // namespace net
