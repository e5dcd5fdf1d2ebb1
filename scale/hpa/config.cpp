#include "scale/hpa/config.h"

namespace scale::hpa {

Tolerance tolerance_of(const Spec& spec, const Config& config, const Gates& gates) {
  if (!spec.behavior || !gates.configurable_tolerance) return {config.tolerance, config.tolerance};
  return {.down = spec.behavior->down.tolerance.value_or(config.tolerance),
          .up = spec.behavior->up.tolerance.value_or(config.tolerance)};
}

}  // namespace scale::hpa
