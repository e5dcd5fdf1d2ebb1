// Any text is a signal or an error that names a line; a signal written as CSV reads as itself.

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "simulation/csv_signal.h"

namespace simulation {
namespace {

std::string written(const Signal& signal) {
  std::string text;
  for (const Sample& sample : signal.samples) {
    const auto ns = signal.offsets ? (sample.at - offset_origin).count() : sample.at.ns;
    const bool is_value = sample.state == scale::Reading::State::value;
    // Offsets are read as decimals of a second in a double: whole seconds are exact.
    text +=
        fmt::format("{}.{:09}{},{}\n", ns / 1'000'000'000, ns % 1'000'000'000,
                    signal.offsets ? "s" : "", is_value ? fmt::format("{}", sample.value) : "NaN");
  }
  return text;
}

bool exact(const Signal& signal) {
  if (!signal.offsets) return true;
  for (const Sample& sample : signal.samples) {
    if ((sample.at - offset_origin).count() % 1'000'000'000 != 0) return false;
  }
  return true;
}

}  // namespace
}  // namespace simulation

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace simulation;
  const SignalLimits limits{.samples_max = 1'000, .bytes_max = 1u << 16};
  const auto signal = read_csv({reinterpret_cast<const char*>(data), size}, limits);
  if (!signal) {
    CHECK(!signal.error().what.empty());
    return 0;
  }
  CHECK(!signal->samples.empty() && signal->samples.size() <= limits.samples_max);
  for (std::size_t i = 1; i < signal->samples.size(); ++i)
    CHECK(signal->samples[i - 1].at < signal->samples[i].at);
  CHECK(signal->samples.back().at <= time_max);
  if (exact(*signal)) CHECK(read_csv(written(*signal)) == *signal);
  return 0;
}
