#pragma once

// Why a metric could not be evaluated.

#include <cstdint>
#include <expected>
#include <string>

namespace scale::hpa {

enum class FailureCode : std::uint8_t {
  fetch,                // the read itself failed
  no_metrics,           // the source answered with an empty list
  no_pods,              // the selector lists none
  no_usable_metrics,    // every figure was dropped: its pod is ignored or not ready
  missing_request,      // a container that counts states no request
  container_not_found,  // a pod has no container of that name
  unmatched_metrics,    // no figure belongs to a pod with a request, or requests add up to zero
  invalid_selector,     // the metric's selector means nothing
  no_target,            // the source states none that fits
  unknown_type,         // a source type that does not exist
};

struct Failure {
  FailureCode code = FailureCode::fetch;
  std::string what;  // lower case, no full stop
  bool operator==(const Failure&) const = default;
};

// The result of a calculation; TRY passes failures up.
template <class T>
using Computed = std::expected<T, Failure>;

inline std::unexpected<Failure> failed(FailureCode code, std::string what) {
  return std::unexpected(Failure{code, std::move(what)});
}

}  // namespace scale::hpa
