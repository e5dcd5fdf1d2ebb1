#include "scale/hpa/pods.h"

#include <algorithm>

namespace scale::hpa {

std::optional<Milli> amount_of(const Amounts& amounts, std::string_view resource) {
  const auto found = std::ranges::find(amounts, resource, &Amount::resource);
  if (found == amounts.end()) return std::nullopt;
  return found->milli;
}

std::int64_t count_ready(const std::vector<Pod>& pods) {
  return std::ranges::count_if(pods, [](const Pod& pod) {
    return pod.phase == Phase::running && pod.ready && pod.ready->status == Readiness::Status::yes;
  });
}

}  // namespace scale::hpa
