// Decompression of a request body: ours against zlib's stream, which has to grow its output as it
// goes.

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <string>

#include "base/check.h"
#include "net/inflate.h"
#include "net/testing/deflate.h"

namespace {

// Text like an OTLP body in JSON: repeating keys, changing numbers.
std::string sample() {
  std::string text;
  for (int i = 0; i < 2000; ++i) {
    text += R"({"timeUnixNano":"17690000)" + std::to_string(i * 7919) + R"(","asDouble":)" +
            std::to_string(i * 31) +
            R"(,"attributes":[{"key":"queue","value":{"stringValue":"mail"}}]},)";
  }
  return text;
}

void ours(benchmark::State& state) {
  const std::string text = sample();
  const std::string bytes = net::testing::compress(net::Coding::gzip, text);
  for (auto _ : state) benchmark::DoNotOptimize(net::inflate(net::Coding::gzip, bytes, 16u << 20));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void zlib_baseline(benchmark::State& state) {
  const std::string text = sample();
  std::string bytes = net::testing::compress(net::Coding::gzip, text);
  for (auto _ : state) {
    std::string out;
    z_stream stream{};
    CHECK(inflateInit2(&stream, 15 + 16) == Z_OK);
    stream.next_in = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_in = static_cast<uInt>(bytes.size());
    int status = Z_OK;
    while (status == Z_OK) {
      constexpr std::size_t piece = 16u << 10;
      out.resize(out.size() + piece);
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + out.size() - piece);
      stream.avail_out = piece;
      status = ::inflate(&stream, Z_NO_FLUSH);
    }
    CHECK(status == Z_STREAM_END);
    inflateEnd(&stream);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

BENCHMARK(ours);
BENCHMARK(zlib_baseline);

}  // namespace
