#include "kube/annotations.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "yaml/path.h"

namespace kube {
namespace {

struct Annotation {
  std::string_view name;
  bool boolean = false;
};

constexpr std::array table = {
    Annotation{"autoscaling.keda.sh/force-activation", true},
    Annotation{"autoscaling.keda.sh/paused", true},
    Annotation{"autoscaling.keda.sh/paused-replicas"},
    Annotation{"autoscaling.keda.sh/paused-scale-in", true},
    Annotation{"autoscaling.keda.sh/paused-scale-out", true},
    Annotation{"scaledjob.keda.sh/job-excluded-labels"},
    Annotation{"scaledobject.keda.sh/hpa-excluded-labels"},
    Annotation{"scaledobject.keda.sh/transfer-hpa-ownership"},
    Annotation{"tidewheel.dev/engine"},
    Annotation{"tidewheel.dev/keda-behavior"},
    Annotation{"tidewheel.dev/loaded-from"},
    Annotation{"tidewheel.dev/loaded-replicas"},
    Annotation{"tidewheel.dev/on-absent"},
    Annotation{"tidewheel.dev/on-error"},
    Annotation{"tidewheel.dev/on-nan"},
    Annotation{"tidewheel.dev/on-stale"},
    Annotation{"validations.keda.sh/hpa-ownership"},
};
static_assert(std::ranges::is_sorted(table, std::less_equal{}, &Annotation::name));

constexpr std::array<std::string_view, 4> prefixes = {"autoscaling.keda.sh", "scaledobject.keda.sh",
                                                      "tidewheel.dev", "validations.keda.sh"};

// What Go's strconv.ParseBool takes.
constexpr std::array<std::string_view, 12> booleans = {
    "0", "1", "F", "FALSE", "False", "T", "TRUE", "True", "f", "false", "t", "true"};

std::vector<std::string_view> names() {
  std::vector<std::string_view> all;
  for (const Annotation& row : table) all.push_back(row.name);
  return all;
}

// Empty: nothing is odd.
std::string about_unknown(std::string_view name) {
  const std::string_view prefix = name.substr(0, name.find('/'));
  const bool ours = std::ranges::find(prefixes, prefix) != prefixes.end();
  const std::string suggestion = did_you_mean(name, names());
  if (ours) return "nobody reads this annotation" + suggestion;
  if (suggestion.empty() || nearest(prefix, prefixes).empty()) return {};
  return "nobody reads this annotation" + suggestion;
}

std::string about(std::string_view name, std::string_view text) {
  const auto row = std::ranges::find(table, name, &Annotation::name);
  if (row == table.end()) return about_unknown(name);
  if (!row->boolean || std::ranges::find(booleans, text) != booleans.end()) return {};
  return fmt::format("\"{}\" is no boolean, which counts as true", text);
}

}  // namespace

std::vector<Problem> odd_annotations(const ObjectMeta& meta) {
  std::vector<Problem> problems;
  for (const auto& [name, text] : meta.annotations) {
    std::string message = about(name, text);
    if (message.empty()) continue;
    problems.push_back({yaml::member_path("metadata.annotations", name), std::move(message)});
  }
  return problems;
}

}  // namespace kube
