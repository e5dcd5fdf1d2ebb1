#pragma once

// The request that reads one External metric.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "scale/hpa/selector.h"

namespace scale::hpa {

struct ExternalRequest {
  std::string path;
  std::string query;  // without "?"; empty for no selector and for an empty one
};

// The metric's name stands where a resource name would, in lower case (ASCII). What a path cannot
// hold is percent-encoded. Errors: invalid, for a selector that means nothing.
Result<ExternalRequest> external_request(std::string_view name_space, std::string_view metric,
                                         const std::optional<Selector>& selector);

}  // namespace scale::hpa
