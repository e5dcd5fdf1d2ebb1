#include "control/behavior.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <string_view>

namespace control {
namespace {

namespace hpa = scale::hpa;

constexpr Duration window_max = std::chrono::seconds(3600);
constexpr Duration period_max = std::chrono::seconds(1800);

// The rules of one direction on their way.
class Direction {
 public:
  Direction(const kube::ScalingRules& from, std::string path, std::vector<kube::Problem>& problems)
      : from_(from), path_(std::move(path)), problems_(problems) {}

  hpa::Rules run(hpa::Rules rules) {
    window(rules);
    select(rules);
    if (!from_.policies.empty()) rules.policies.clear();
    for (std::size_t i = 0; i < from_.policies.size(); ++i) policy(i, rules);
    tolerance(rules);
    return rules;
  }

 private:
  void problem(std::string_view field, std::string message) {
    problems_.push_back({fmt::format("{}.{}", path_, field), std::move(message)});
  }

  void window(hpa::Rules& rules) {
    if (!from_.stabilization_window) return;
    rules.window = from_.stabilization_window;
    if (*rules.window < Duration{} || *rules.window > window_max)
      problem("stabilizationWindowSeconds", "want 0 to 3600");
  }

  void select(hpa::Rules& rules) {
    if (!from_.select_policy || *from_.select_policy == "Max") return;
    if (*from_.select_policy == "Min") {
      rules.select = hpa::SelectPolicy::min;
    } else if (*from_.select_policy == "Disabled") {
      rules.select = hpa::SelectPolicy::disabled;
    } else {
      problem("selectPolicy",
              fmt::format("\"{}\" is none of Max, Min, Disabled", *from_.select_policy));
    }
  }

  void policy(std::size_t i, hpa::Rules& rules) {
    const kube::ScalingPolicy& from = from_.policies[i];
    const auto field = [i](const char* name) { return fmt::format("policies[{}].{}", i, name); };
    if (from.type != "Pods" && from.type != "Percent")
      problem(field("type"), fmt::format("\"{}\" is neither Pods nor Percent", from.type));
    if (from.value <= 0) problem(field("value"), "must be above 0");
    if (from.period < std::chrono::seconds(1) || from.period > period_max)
      problem(field("periodSeconds"), "want 1 to 1800");
    rules.policies.push_back(
        {.type = from.type == "Percent" ? hpa::PolicyType::percent : hpa::PolicyType::pods,
         .value = from.value,
         .period = from.period});
  }

  void tolerance(hpa::Rules& rules) {
    rules.tolerance = from_.tolerance;
    if (from_.tolerance && !(std::isfinite(*from_.tolerance) && *from_.tolerance >= 0))
      problem("tolerance", "must not be negative");
  }

  const kube::ScalingRules& from_;
  std::string path_;
  std::vector<kube::Problem>& problems_;
};

}  // namespace

hpa::Behavior behavior_of(const kube::ScalingBehavior& behavior, const std::string& path,
                          std::vector<kube::Problem>& problems) {
  hpa::Behavior out{.up = hpa::default_up(), .down = hpa::default_down()};
  if (behavior.scale_up)
    out.up = Direction(*behavior.scale_up, path + ".scaleUp", problems).run(std::move(out.up));
  if (behavior.scale_down)
    out.down =
        Direction(*behavior.scale_down, path + ".scaleDown", problems).run(std::move(out.down));
  return out;
}

}  // namespace control
