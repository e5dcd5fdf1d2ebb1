// Quantities: canonical text reads back as the same value and stays as it is; milli values agree.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "base/quantity.h"

namespace {

using base::Quantity;

// The milli value, as a quantity, is the value rounded away from zero: it is at least as large, and
// less than a thousandth away. Saturated ones are only known to lie beyond.
void check_milli(const Quantity& quantity) {
  const std::int64_t milli = quantity.milli();
  if (milli == INT64_MAX || milli == INT64_MIN) return;
  const Quantity rounded = Quantity::of_milli(milli, quantity.format());
  const Quantity inside = Quantity::of_milli(milli - quantity.sign(), quantity.format());
  CHECK(rounded.sign() == quantity.sign());
  CHECK(quantity.sign() >= 0 ? rounded >= quantity : rounded <= quantity);
  CHECK(quantity.sign() == 0 || (quantity.sign() > 0 ? inside < quantity : inside > quantity));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto quantity = base::parse_quantity(text);
  if (!quantity) return 0;
  const auto again = base::parse_quantity(quantity->text());
  CHECK(again && *again == *quantity);
  CHECK(again->text() == quantity->text());
  CHECK(again->milli() == quantity->milli());
  check_milli(*quantity);
  return 0;
}
