// Any JSON is read as a decision or a history, or refused; what is read, written and read again is
// written the same.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "scale/explain.h"

namespace scale {
namespace {

void check_decision(const json::Value& value) {
  const auto decision = decision_from_json(value);
  if (!decision) return CHECK(decision.error().code == Code::bad_data);
  const json::Value written = to_json(*decision, Spec{});
  const auto again = decision_from_json(written);
  CHECK(again);
  CHECK(json::print(to_json(*again, Spec{})) == json::print(written));
  CHECK(!explain_text(*decision, Spec{}).empty());
}

void check_history(const json::Value& value) {
  const auto history = history_from_json(value);
  if (!history) return CHECK(history.error().code == Code::bad_data);
  CHECK(history_from_json(to_json(*history)) == history);
}

}  // namespace
}  // namespace scale

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto value = json::parse({reinterpret_cast<const char*>(data), size});
  if (!value) return 0;
  scale::check_decision(*value);
  scale::check_history(*value);
  return 0;
}
