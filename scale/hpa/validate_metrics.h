#pragma once

// The part of the validation that is about metrics and references to objects.

#include <span>
#include <string>
#include <vector>

#include "scale/hpa/members.h"

namespace scale::hpa {

struct KnownRef {
  std::string kind, api_version;
  bool operator==(const KnownRef&) const = default;
};

enum class CoreGroup : std::uint8_t { allowed, refused };

// kind and name required and usable as path segments; apiVersion must parse and name a group where
// the core group is refused (but for ReplicationControllers). known: references whose apiVersion is
// not looked at, because the stored object has them.
void check_reference(const Members& ref, CoreGroup core_group, std::span<const KnownRef> known);

// One entry of spec.metrics.
void check_metric(const Members& metric, std::span<const KnownRef> known);

}  // namespace scale::hpa
