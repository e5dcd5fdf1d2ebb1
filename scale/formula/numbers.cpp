#include "scale/formula/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "scale/formula/arithmetic.h"

namespace scale::formula {
namespace {

std::unexpected<Error> wrong(std::string_view function, const Value& value) {
  return fail(Code::bad_data, fmt::format("{}() of {}", function, name_of(value.kind)));
}

Result<Value> rounded(std::string_view name, const Value& value, double (*round)(double)) {
  if (!value.numeric()) return wrong(name, value);
  return Value::of(value.is(Kind::number) ? round(value.number) : value.as_number());
}

// Calls take(value) for every number of `values` and of the arrays inside.
template <class Take>
Result<void> each_number(std::string_view name, std::span<const Value> values, Take& take) {
  for (const Value& value : values) {
    if (value.is(Kind::array)) {
      TRY_VOID(each_number(name, std::span<const Value>(value.items, value.size), take));
    } else if (value.numeric()) {
      take(value);
    } else {
      return wrong(name, value);
    }
  }
  return {};
}

template <class Take>
Result<void> visit_numbers(Context& context, std::string_view name, std::span<const Value> values,
                           Take take) {
  for (const Value& value : values) TRY_VOID(context.visit(value));
  return each_number(name, values, take);
}

// The value that no other is `better` than; the first of equal ones.
template <class Better>
Result<Value> extreme(Context& context, std::string_view name, std::span<const Value> values,
                      Better better) {
  if (values.size() == 1 && values[0].nil()) return values[0];
  Value best = Value::of_nil();
  TRY_VOID(visit_numbers(context, name, values, [&](const Value& value) {
    if (best.nil() || better(value, best)) best = value;
  }));
  return best;
}

Result<std::int64_t> bits(std::string_view name, const Value& value) {
  if (value.is(Kind::integer)) return value.integer;
  return wrong(name, value);
}

template <class Compute>
Result<Value> bitwise(std::string_view name, std::span<const Value> arguments, Compute compute) {
  TRY(const auto x, bits(name, arguments[0]));
  TRY(const auto y, bits(name, arguments[1]));
  return Value::of(std::int64_t{compute(x, y)});
}

template <class Shift>
Result<Value> shifted(std::string_view name, std::span<const Value> arguments, Shift shift) {
  if (arguments[1].is(Kind::integer) && arguments[1].integer < 0)
    return fail(Code::bad_data, fmt::format("{}() by a negative count", name));
  return bitwise(name, arguments, shift);
}

}  // namespace

Result<Value> abs(Context&, std::span<const Value> arguments) {
  const Value& value = arguments[0];
  if (!value.numeric()) return wrong("abs", value);
  return value.as_number() < 0 ? negate(value) : value;
}

Result<Value> ceil(Context&, std::span<const Value> arguments) {
  return rounded("ceil", arguments[0], std::ceil);
}

Result<Value> floor(Context&, std::span<const Value> arguments) {
  return rounded("floor", arguments[0], std::floor);
}

Result<Value> round(Context&, std::span<const Value> arguments) {
  return rounded("round", arguments[0], std::round);
}

Result<Value> to_integer(Context&, std::span<const Value> arguments) {
  const Value& value = arguments[0];
  if (!value.numeric()) return wrong("int", value);
  if (std::isnan(value.as_number())) return fail(Code::bad_data, "int() of not a number");
  return value.is(Kind::integer) ? value : Value::of(truncated(value.number));
}

Result<Value> to_number(Context&, std::span<const Value> arguments) {
  if (!arguments[0].numeric()) return wrong("float", arguments[0]);
  return Value::of(arguments[0].as_number());
}

Result<Value> max(Context& context, std::span<const Value> arguments) {
  return extreme(context, "max", arguments,
                 [](const Value& value, const Value& best) { return less(best, value); });
}

Result<Value> min(Context& context, std::span<const Value> arguments) {
  return extreme(context, "min", arguments,
                 [](const Value& value, const Value& best) { return less(value, best); });
}

Result<Value> mean(Context& context, std::span<const Value> arguments) {
  double total = 0;
  std::uint64_t count = 0;
  TRY_VOID(visit_numbers(context, "mean", arguments, [&](const Value& value) {
    total += value.as_number();
    ++count;
  }));
  return Value::of(count == 0 ? 0.0 : total / static_cast<double>(count));
}

Result<Value> median(Context& context, std::span<const Value> arguments) {
  std::uint64_t size = 0;
  TRY_VOID(visit_numbers(context, "median", arguments, [&](const Value&) { ++size; }));
  if (size == 0) return Value::of(0.0);
  TRY(const Value all, context.new_array(size));
  Value* end = all.items;
  TRY_VOID(visit_numbers(context, "median", arguments,
                         [&](const Value& value) { *end++ = Value::of(value.as_number()); }));
  // NaN first, as Go sorts them.
  std::sort(all.items, end, [](const Value& a, const Value& b) {
    return a.number < b.number || (std::isnan(a.number) && !std::isnan(b.number));
  });
  const double middle = all.items[size / 2].number;
  return Value::of(size % 2 == 1 ? middle : (all.items[size / 2 - 1].number + middle) / 2);
}

Result<Value> bitand_(Context&, std::span<const Value> arguments) {
  return bitwise("bitand", arguments, [](auto x, auto y) { return x & y; });
}

Result<Value> bitor_(Context&, std::span<const Value> arguments) {
  return bitwise("bitor", arguments, [](auto x, auto y) { return x | y; });
}

Result<Value> bitxor(Context&, std::span<const Value> arguments) {
  return bitwise("bitxor", arguments, [](auto x, auto y) { return x ^ y; });
}

Result<Value> bitnand(Context&, std::span<const Value> arguments) {
  return bitwise("bitnand", arguments, [](auto x, auto y) { return x & ~y; });
}

Result<Value> bitnot(Context&, std::span<const Value> arguments) {
  TRY(const auto x, bits("bitnot", arguments[0]));
  return Value::of(std::int64_t{~x});
}

Result<Value> bitshl(Context&, std::span<const Value> arguments) {
  return shifted("bitshl", arguments, [](std::int64_t x, std::int64_t by) {
    return by >= 64 ? 0 : static_cast<std::int64_t>(static_cast<std::uint64_t>(x) << by);
  });
}

Result<Value> bitshr(Context&, std::span<const Value> arguments) {
  return shifted("bitshr", arguments, [](std::int64_t x, std::int64_t by) {
    return x >> std::min<std::int64_t>(by, 63);
  });
}

Result<Value> bitushr(Context&, std::span<const Value> arguments) {
  return shifted("bitushr", arguments, [](std::int64_t x, std::int64_t by) {
    return by >= 64 ? 0 : static_cast<std::int64_t>(static_cast<std::uint64_t>(x) >> by);
  });
}

}  // namespace scale::formula
