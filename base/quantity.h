#pragma once

// Kubernetes quantities, exact: "500m", "1.5", "2Ki", "3e2".

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

// A decimal number with the notation it was written in. Always a whole number of nano units (1e-9).
// Immutable once made.
class Quantity {
 public:
  enum class Format : std::uint8_t {
    decimal_si,        // n u m, none, k M G T P E
    binary_si,         // Ki Mi Gi Ti Pi Ei
    decimal_exponent,  // e3
  };

  Quantity() = default;
  static Quantity of_milli(std::int64_t milli, Format format);

  // The value times 1000, rounded away from zero; kept within the type.
  std::int64_t milli() const;
  // Mantissa as written, times a power of ten: "0.3" is 3 * 1e-1. Upstream's arithmetic, to the
  // bit.
  double as_double() const;
  // Canonical: the largest suffix that leaves an integer; 1.5 is "1500m", 1.5Gi is "1536Mi". Binary
  // notation gives way to decimal below 1024 and for fractions.
  std::string text() const;
  // -1, 0 or 1.
  int sign() const;
  Format format() const { return format_; }

  // By value: "1k" equals "1000".
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b);
  friend bool operator==(const Quantity& a, const Quantity& b) { return (a <=> b) == 0; }

 private:
  using Mantissa = __int128;
  friend Result<Quantity> parse_quantity(std::string_view text);

  Quantity(Mantissa mantissa, std::int32_t scale, Format format)
      : mantissa_(mantissa), scale_(scale), format_(format) {}
  static Result<Quantity> read(std::string_view text);
  bool below_1024() const;

  Mantissa mantissa_ = 0;   // fewer than 39 digits
  std::int32_t scale_ = 0;  // power of ten; -9 to quantity_exponent_max
  Format format_ = Format::decimal_si;
};

inline constexpr std::size_t quantity_digits_max = 38;      // significant ones
inline constexpr std::int32_t quantity_exponent_max = 270;  // every quantity is a finite double

// Number, then a suffix or an exponent. What is finer than nano is rounded away from zero; binary
// notation ends at 2^63 - 1 in magnitude. Errors: invalid, also beyond the two limits above.
// Source: Kubernetes' resource.Quantity.
Result<Quantity> parse_quantity(std::string_view text);

}  // namespace base
