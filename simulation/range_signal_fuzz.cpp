// Any text is a signal or an error; signals ascend within their bounds, and one series gives the
// same signal alone as when it is added up.

#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "simulation/range_signal.h"

namespace simulation {
namespace {

void check_signal(const Signal& signal, const SignalLimits& limits) {
  CHECK(signal.samples.size() <= limits.samples_max);
  for (std::size_t i = 0; i < signal.samples.size(); ++i) {
    const Sample& sample = signal.samples[i];
    CHECK(std::isfinite(sample.value));
    CHECK(sample.at > Timestamp{} && sample.at <= time_max + std::chrono::seconds(1));
    if (i > 0) CHECK(signal.samples[i - 1].at < sample.at);
  }
}

}  // namespace
}  // namespace simulation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace simulation;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const SignalLimits limits{.samples_max = 1'000, .bytes_max = 1u << 16};
  const auto one = read_range(text, Series::one, limits);
  const auto sum = read_range(text, Series::sum, limits);
  if (one) CHECK(sum == one);
  if (sum) check_signal(*sum, limits);
  if (const auto body = json::parse(text)) {
    if (const auto recorded = read_points(*body, limits)) check_signal(recorded->signal, limits);
  }
  return 0;
}
