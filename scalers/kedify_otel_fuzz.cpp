// Lines of key=value are metadata. Any text parses or is refused; accepted parameters, printed and
// parsed again, are the same.

#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "base/check.h"
#include "scalers/kedify_otel.h"

namespace scalers::kedify_otel {
namespace {

Metadata metadata_of(std::string_view text) {
  Metadata metadata;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t equals = std::min(line.find('='), line.size());
    metadata.emplace(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
  }
  return metadata;
}

Metadata print(const Params& params) {
  Metadata metadata{
      {"metricQuery", tsdb::to_string(params.question.query)},
      {"operationOverTime", std::string(tsdb::to_string(params.question.operation))},
      {"activationTargetValue", fmt::format("{}", params.activation)},
  };
  if (params.target) metadata["targetValue"] = fmt::format("{}", *params.target);
  if (params.clamp_min) metadata["clampMin"] = fmt::format("{}", *params.clamp_min);
  if (params.clamp_max) metadata["clampMax"] = fmt::format("{}", *params.clamp_max);
  if (params.question.window) {
    metadata["window"] = fmt::format("{}ns", params.question.window->count());
  }
  return metadata;
}

void check(const Metadata& metadata) {
  const auto params = parse(metadata);
  if (!params) {
    CHECK(params.error().code == Code::invalid);
    return;
  }
  CHECK(!params->target || (std::isfinite(*params->target) && *params->target > 0));
  const Metadata printed = print(*params);
  CHECK(unknown_keys(printed).empty());
  CHECK(parse(printed) == params);
}

}  // namespace
}  // namespace scalers::kedify_otel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace scalers::kedify_otel;
  const Metadata metadata = metadata_of({reinterpret_cast<const char*>(data), size});
  check(metadata);
  (void)unknown_keys(metadata);
  const std::string pattern(reinterpret_cast<const char*>(data), std::min<std::size_t>(size, 64));
  CHECK(serves("external", {{"scalerAddress", pattern}}, std::span(&pattern, 1)));
  return 0;
}
