// Bytes of a peer into the gRPC server: cutting them anywhere changes nothing that handlers see,
// nothing is held after the end, and what the server sends stays bounded.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "net/grpc_session.h"
#include "net/http2.h"

namespace {

using namespace net;
using namespace std::chrono_literals;

constexpr Limits limits{.body_bytes_max = 4096,
                        .header_bytes_max = 1024,
                        .streams_max = 8,
                        .inflight_bytes_max = 65536};

Task<Result<std::string>> never(const grpc::Context&, std::string) {
  co_return std::string{};
}

enum class Manner { listen, talk };

// What handlers are given, in order, when the bytes come in pieces of `step`.
std::vector<std::string> serve(std::string_view bytes, std::size_t step, Manner manner) {
  Bounds bounds(limits);
  base::metrics::Registry registry;
  Metrics metrics(registry, "fuzz");
  grpc::Services services;
  services.add("/s/M", grpc::Unary(never));
  std::vector<std::string> seen;
  const Instant now = Instant{} + 1h;
  {
    grpc::ServerSession session({limits, services, bounds, metrics, "fuzz"}, now);
    session.feed(http2::preface, now);
    for (std::size_t i = 0; i < bytes.size() && !session.done(); i += step) {
      session.feed(bytes.substr(i, step), now);
      CHECK(bounds.inflight.used() <= limits.inflight_bytes_max);
      for (const auto& call : session.take_ready()) {
        seen.push_back(session.take_request(*call));
        CHECK(seen.back().size() <= limits.body_bytes_max);
        if (manner == Manner::talk) CHECK(session.send(*call, "answer").has_value());
        if (manner == Manner::talk) session.finish(*call, {5, "not found"});
      }
      std::string out;
      if (manner == Manner::talk) session.collect(out, 64u << 10);
      CHECK(out.size() <= (128u << 10));
    }
    session.tick(now + 1h);
    session.drain();
    std::string rest;
    session.collect(rest, 64u << 10);
  }
  CHECK(bounds.inflight.used() == 0);
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto whole = serve(bytes, size + 1, Manner::listen);
  const auto cut = serve(bytes, 7, Manner::listen);
  // A peer that says goodbye and goes on is listened to until the end of the piece, so pieces may
  // show less.
  CHECK(cut.size() <= whole.size() && std::equal(cut.begin(), cut.end(), whole.begin()));
  serve(bytes, 64, Manner::talk);
  return 0;
}
