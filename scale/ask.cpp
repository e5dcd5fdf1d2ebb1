#include "scale/ask.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace scale {
namespace {

// Everything stays in doubles, in the order the HPA computes it: do not re-associate.
double ratio_of(double value, double target, Replicas replicas) {
  return value / (target * static_cast<double>(replicas));
}

Ask ask_average(double value, double target, const Yardstick& y) {
  const Replicas base = y.base.value_or(y.current);
  const Replicas wanted = hpa::ceil_replicas(value / target);
  const double ratio = ratio_of(value, target, y.current);
  if (hpa::within(ratio, y.tolerance)) return {wanted, y.current, ratio};
  const double at_base = ratio_of(value, target, base);
  if (hpa::within(at_base, y.tolerance)) return {wanted, base, at_base};
  return {wanted, wanted, ratio};
}

Ask ask_value(double value, double target, const Yardstick& y) {
  const double ratio = value / target;
  if (y.current == 0) return {hpa::ceil_replicas(ratio), hpa::ceil_replicas(ratio), ratio};
  const Replicas wanted = hpa::ceil_replicas(ratio * static_cast<double>(y.ready));
  return {wanted, hpa::within(ratio, y.tolerance) ? y.current : wanted, ratio};
}

Ask ask_scaled(double value, double target, const Yardstick& y) {
  return y.type == MetricType::value ? ask_value(value, target, y) : ask_average(value, target, y);
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

Ask ask(double value, const Yardstick& yardstick) {
  const double target = milli(yardstick.target);
  if (target == 0) return ask_scaled(std::max(value, 0.0), yardstick.target, yardstick);
  return ask_scaled(milli(value), target, yardstick);
}

}  // namespace scale
