#include "scale/formula/arithmetic.h"

#include <cmath>
#include <limits>

namespace scale::formula {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

bool integers(const Value& a, const Value& b) {
  return a.kind == Kind::integer && b.kind == Kind::integer;
}

Value saturated(bool overflowed, std::int64_t sum, bool negative) {
  if (overflowed) sum = negative ? Limits::min() : Limits::max();
  return Value::of(sum);
}

}  // namespace

Value add(const Value& a, const Value& b) {
  if (!integers(a, b)) return Value::of(a.as_number() + b.as_number());
  std::int64_t sum = 0;
  return saturated(__builtin_add_overflow(a.integer, b.integer, &sum), sum, a.integer < 0);
}

Value subtract(const Value& a, const Value& b) {
  if (!integers(a, b)) return Value::of(a.as_number() - b.as_number());
  std::int64_t difference = 0;
  return saturated(__builtin_sub_overflow(a.integer, b.integer, &difference), difference,
                   a.integer < 0);
}

Value multiply(const Value& a, const Value& b) {
  if (!integers(a, b)) return Value::of(a.as_number() * b.as_number());
  std::int64_t product = 0;
  return saturated(__builtin_mul_overflow(a.integer, b.integer, &product), product,
                   (a.integer < 0) != (b.integer < 0));
}

Value negate(const Value& a) {
  if (a.kind == Kind::number) return Value::of(-a.number);
  return subtract(Value::of(std::int64_t{0}), a);
}

std::int64_t modulo(std::int64_t a, std::int64_t b) {
  return b == -1 ? 0 : a % b;
}

std::int64_t truncated(double number) {
  if (std::isnan(number)) return 0;
  if (number >= 0x1p63) return Limits::max();
  if (number < -0x1p63) return Limits::min();
  return static_cast<std::int64_t>(number);
}

}  // namespace scale::formula
