#include "simulation/signal.h"

#include <cmath>

namespace simulation {

Sample sample_of(Timestamp at, double number) {
  if (std::isfinite(number)) return {.at = at, .value = number};
  return {.at = at, .state = scale::Reading::State::not_a_number};
}

}  // namespace simulation
