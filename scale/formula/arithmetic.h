#pragma once

// Numbers: integers of 64 bits that saturate, and doubles.

#include <cstdint>

#include "scale/formula/value.h"

namespace scale::formula {

// Of numeric values. Two integers give an integer, else a number.
Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b);
Value negate(const Value& a);

// b != 0; the sign is a's.
std::int64_t modulo(std::int64_t a, std::int64_t b);

// Towards zero; what does not fit becomes the nearest that does. NaN is 0.
std::int64_t truncated(double number);

}  // namespace scale::formula
