#include "base/quantity.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <optional>

namespace base {
namespace {

using Wide = __int128;
using Format = Quantity::Format;

constexpr std::int32_t nano = -9;
constexpr std::int32_t decimal_suffix_max = 18;
constexpr int binary_step_bits = 10;
constexpr Wide binary_max = std::numeric_limits<std::int64_t>::max();

struct Suffix {
  std::string_view text;
  int base;
  std::int32_t exponent;
};

constexpr Suffix suffixes[] = {
    {"n", 10, -9}, {"u", 10, -6}, {"m", 10, -3}, {"", 10, 0},   {"k", 10, 3},  {"M", 10, 6},
    {"G", 10, 9},  {"T", 10, 12}, {"P", 10, 15}, {"E", 10, 18}, {"Ki", 2, 10}, {"Mi", 2, 20},
    {"Gi", 2, 30}, {"Ti", 2, 40}, {"Pi", 2, 50}, {"Ei", 2, 60},
};

struct Unit {
  int base = 10;
  std::int32_t exponent = 0;
  Format format = Format::decimal_si;
};

std::unexpected<Error> too_large() {
  return fail(Code::invalid, "too large or too many digits");
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
}

std::optional<Unit> exponent_unit(std::string_view suffix) {
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  const bool negative = suffix.starts_with('-');
  if (negative || suffix.starts_with('+')) suffix.remove_prefix(1);
  if (suffix.empty() || digits_of(suffix) != suffix.size()) return std::nullopt;
  std::int32_t exponent = 0;
  const auto read = std::from_chars(suffix.data(), suffix.data() + suffix.size(), exponent);
  // Far beyond every limit either way; kept so that a zero or a tiny number still reads.
  constexpr std::int32_t far = 1'000'000;
  if (read.ec != std::errc{} || exponent > far) exponent = far;
  return Unit{
      .base = 10, .exponent = negative ? -exponent : exponent, .format = Format::decimal_exponent};
}

std::optional<Unit> unit_of(std::string_view suffix) {
  for (const Suffix& row : suffixes) {
    if (row.text != suffix) continue;
    return Unit{.base = row.base,
                .exponent = row.exponent,
                .format = row.base == 2 ? Format::binary_si : Format::decimal_si};
  }
  return exponent_unit(suffix);
}

// Digits of an unsigned decimal number, least significant first: room for the longest number we
// read, times 2^60.
class Digits {
 public:
  static constexpr std::size_t read_max = 100;

  // Most significant digit first; at most read_max.
  explicit Digits(std::string_view text) {
    for (auto c = text.rbegin(); c != text.rend(); ++c) push(static_cast<std::uint8_t>(*c - '0'));
    trim();
  }

  void shift_left(int bits) {
    for (int i = 0; i < bits; ++i) twice();
  }

  // Drops the lowest `count` digits, rounding up.
  void cut(std::int64_t count) {
    const auto dropped =
        static_cast<std::size_t>(std::min<std::int64_t>(count, std::ssize(digits_)));
    const auto end = digits_.begin() + static_cast<std::ptrdiff_t>(std::min(dropped, size_));
    const bool rest = std::any_of(digits_.begin(), end, [](std::uint8_t d) { return d != 0; });
    std::copy(end, digits_.begin() + static_cast<std::ptrdiff_t>(size_), digits_.begin());
    size_ -= std::min(dropped, size_);
    if (rest) increment();
  }

  // None when it has more than quantity_digits_max digits.
  std::optional<Wide> value() const {
    if (size_ > quantity_digits_max) return std::nullopt;
    Wide sum = 0;
    for (std::size_t i = size_; i > 0; --i) sum = sum * 10 + digits_[i - 1];
    return sum;
  }

 private:
  void push(std::uint8_t digit) { digits_[size_++] = digit; }

  void trim() {
    while (size_ > 0 && digits_[size_ - 1] == 0) --size_;
  }

  void twice() {
    std::uint8_t carry = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      const auto doubled = static_cast<std::uint8_t>(2 * digits_[i] + carry);
      digits_[i] = doubled % 10;
      carry = doubled / 10;
    }
    if (carry) push(carry);
  }

  void increment() {
    for (std::size_t i = 0; i < size_; ++i) {
      if (digits_[i] < 9) {
        ++digits_[i];
        return;
      }
      digits_[i] = 0;
    }
    push(1);
  }

  std::array<std::uint8_t, read_max + 20> digits_{};
  std::size_t size_ = 0;
};

struct Parts {
  bool negative = false;
  std::string_view whole, fraction, suffix;
};

Result<Parts> split(std::string_view text) {
  Parts parts{.negative = text.starts_with('-')};
  if (parts.negative || text.starts_with('+')) text.remove_prefix(1);
  parts.whole = text.substr(0, digits_of(text));
  text.remove_prefix(parts.whole.size());
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    parts.fraction = text.substr(0, digits_of(text));
    text.remove_prefix(parts.fraction.size());
  }
  if (parts.whole.empty() && parts.fraction.empty()) return fail(Code::invalid, "no digits");
  parts.whole.remove_prefix(std::min(parts.whole.find_first_not_of('0'), parts.whole.size()));
  if (parts.whole.size() + parts.fraction.size() > Digits::read_max) return too_large();
  parts.suffix = text;
  return parts;
}

struct Number {
  Wide mantissa = 0;
  std::int32_t scale = 0;
};

// The magnitude: digits times the unit, rounded up to nano. Errors: invalid, when it is too large.
Result<Number> magnitude(const Parts& parts, const Unit& unit) {
  Digits digits(std::string(parts.whole) + std::string(parts.fraction));
  std::int64_t scale = -static_cast<std::int64_t>(parts.fraction.size());
  if (unit.base == 2) {
    digits.shift_left(unit.exponent);
  } else {
    scale += unit.exponent;
  }
  if (scale < nano) {
    digits.cut(nano - scale);
    scale = nano;
  }
  const auto mantissa = digits.value();
  if (!mantissa || (scale > quantity_exponent_max && *mantissa != 0)) return too_large();
  if (*mantissa == 0) return Number{};
  return Number{.mantissa = *mantissa, .scale = static_cast<std::int32_t>(scale)};
}

// The integer part of a number that is no integer multiple of anything yet: mantissa * 10^scale.
Wide whole_part(Number number) {
  for (; number.scale < 0; ++number.scale) number.mantissa /= 10;
  for (; number.scale > 0 && number.mantissa <= binary_max; --number.scale) number.mantissa *= 10;
  return number.mantissa;
}

double power_of_ten(std::int32_t exponent) {
  std::array<char, 16> text{'1', 'e'};
  const auto end = std::to_chars(text.data() + 2, text.data() + text.size(), exponent).ptr;
  double value = 0;
  std::from_chars(text.data(), end, value);
  return value;
}

std::string digits_text(Wide value) {
  const bool negative = value < 0;
  std::string text;
  do {
    const int digit = static_cast<int>(value % 10);
    text += static_cast<char>('0' + (negative ? -digit : digit));
    value /= 10;
  } while (value != 0);
  if (negative) text += '-';
  std::ranges::reverse(text);
  return text;
}

std::string decimal_suffix(std::int32_t exponent) {
  for (const Suffix& row : suffixes) {
    if (row.base == 10 && row.exponent == exponent) return std::string(row.text);
  }
  return "e" + std::to_string(exponent);
}

Number without_trailing_zeros(Number number) {
  while (number.mantissa != 0 && number.mantissa % 10 == 0) {
    number.mantissa /= 10;
    ++number.scale;
  }
  return number;
}

std::string decimal_text(Number number, Format format) {
  if (number.mantissa == 0) return "0";
  number = without_trailing_zeros(number);
  const bool exponent = format == Format::decimal_exponent;
  std::string zeros;
  // Exponents are multiples of three; a suffix ends at E.
  while (number.scale % 3 != 0 || (!exponent && number.scale > decimal_suffix_max)) {
    zeros += '0';
    --number.scale;
  }
  const std::string unit = exponent && number.scale != 0 ? "e" + std::to_string(number.scale)
                                                         : decimal_suffix(number.scale);
  return digits_text(number.mantissa) + zeros + unit;
}

std::string binary_text(Wide value) {
  int steps = 0;
  while (value % (1 << binary_step_bits) == 0 && steps < 6) {
    value /= 1 << binary_step_bits;
    ++steps;
  }
  for (const Suffix& row : suffixes) {
    if (row.base == 2 && row.exponent == steps * binary_step_bits) {
      return digits_text(value) + std::string(row.text);
    }
  }
  return digits_text(value);
}

int sign_of(Wide value) {
  return (value > 0) - (value < 0);
}

}  // namespace

Result<Quantity> parse_quantity(std::string_view text) {
  auto quantity = Quantity::read(text);
  if (quantity) return quantity;
  return fail(Code::invalid,
              "bad quantity \"" + std::string(text) + "\": " + quantity.error().what);
}

Result<Quantity> Quantity::read(std::string_view text) {
  TRY(const Parts parts, split(text));
  const auto unit = unit_of(parts.suffix);
  if (!unit) return fail(Code::invalid, "unknown suffix");
  auto number = magnitude(parts, *unit);
  const bool binary = unit->format == Format::binary_si;
  // Upstream cuts binary notation here, however large the number was.
  if (binary && (!number || whole_part(*number) > binary_max)) number = Number{binary_max, 0};
  if (!number) return std::unexpected(number.error());
  const bool below_one = binary && number->mantissa != 0 && whole_part(*number) == 0;
  return Quantity(parts.negative ? -number->mantissa : number->mantissa, number->scale,
                  below_one ? Format::decimal_si : unit->format);
}

Quantity Quantity::of_milli(std::int64_t milli, Format format) {
  return Quantity(milli, -3, format);
}

std::int64_t Quantity::milli() const {
  constexpr Wide low = std::numeric_limits<std::int64_t>::min();
  constexpr Wide high = std::numeric_limits<std::int64_t>::max();
  Wide value = mantissa_;
  std::int32_t scale = scale_ + 3;
  for (; scale > 0 && value >= low && value <= high && value != 0; --scale) value *= 10;
  Wide divisor = 1;
  for (; scale < 0; ++scale) divisor *= 10;
  if (value % divisor != 0) value += value < 0 ? -divisor : divisor;
  return static_cast<std::int64_t>(std::clamp(value / divisor, low, high));
}

double Quantity::as_double() const {
  const double mantissa = static_cast<double>(mantissa_);
  return scale_ == 0 ? mantissa : mantissa * power_of_ten(scale_);
}

bool Quantity::below_1024() const {
  const Wide whole = whole_part({mantissa_, scale_});
  return whole > -1024 && whole < 1024;
}

std::string Quantity::text() const {
  const Number number = without_trailing_zeros({mantissa_, scale_});
  if (format_ == Format::binary_si && number.scale >= 0 && !below_1024()) {
    return binary_text(whole_part(number));
  }
  return decimal_text(number, format_ == Format::binary_si ? Format::decimal_si : format_);
}

int Quantity::sign() const {
  return sign_of(mantissa_);
}

std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) {
  if (a.sign() != b.sign() || a.sign() == 0) return a.sign() <=> b.sign();
  const Number x = without_trailing_zeros({a.mantissa_, a.scale_});
  const Number y = without_trailing_zeros({b.mantissa_, b.scale_});
  // Of one sign: the magnitudes decide, by the place of the first digit, then digit by digit.
  std::string dx = digits_text(x.mantissa < 0 ? -x.mantissa : x.mantissa);
  std::string dy = digits_text(y.mantissa < 0 ? -y.mantissa : y.mantissa);
  const auto place = std::ssize(dx) + x.scale <=> std::ssize(dy) + y.scale;
  const auto order = place != 0 ? place : dx <=> dy;
  return a.sign() > 0 ? order : 0 <=> order;
}

}  // namespace base
