#include "scale/arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scale {
namespace {

Replicas saturated(double count) {
  if (std::isnan(count)) return 0;
  return static_cast<Replicas>(std::clamp<double>(count, 0, std::numeric_limits<Replicas>::max()));
}

// Everything stays in doubles, in the order the HPA computes it: do not re-associate.
Ask ask_scaled(double value, double target, Replicas current, Tolerance tolerance) {
  const double ratio = value / (target * static_cast<double>(current));
  const Replicas wanted = saturated(std::ceil(value / target));
  const bool within = (1.0 - tolerance.down) <= ratio && ratio <= (1.0 + tolerance.up);
  return {.wanted = wanted, .proposed = within ? current : wanted, .ratio = ratio};
}

}  // namespace

double milli(double value) {
  if (!std::isfinite(value) || value <= 0) return 0;
  const double product = value * 1000;
  if (!std::isfinite(product)) return std::numeric_limits<double>::max();
  const double whole = std::floor(product);
  const double part = product - whole;
  if (part != 0.5) return part < 0.5 ? whole : whole + 1;
  // The product looks like a tie; what the multiplication rounded away says on which side the value
  // really lies.
  const double lost = std::fma(value, 1000, -product);
  if (lost != 0) return lost < 0 ? whole : whole + 1;
  return std::fmod(whole, 2) == 0 ? whole : whole + 1;
}

Ask ask(double value, double target, Replicas current, Tolerance tolerance) {
  const double target_milli = milli(target);
  if (target_milli == 0) return ask_scaled(std::max(value, 0.0), target, current, tolerance);
  return ask_scaled(milli(value), target_milli, current, tolerance);
}

}  // namespace scale
