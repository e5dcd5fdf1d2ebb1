#include "scale/formula/signatures.h"

#include <fmt/format.h>

#include <algorithm>

namespace scale::formula::signatures {
namespace {

constexpr Type number{Base::number}, integer{Base::integer}, any_array{Base::unknown, 1};

std::unexpected<Error> wrong(std::size_t argument, Type is, std::string_view wanted) {
  return fail(Code::invalid,
              fmt::format("argument {} is {} instead of {}", argument + 1, name_of(is), wanted));
}

Result<void> want_numeric(Arguments arguments, std::size_t i) {
  if (arguments[i].maybe_numeric()) return {};
  return wrong(i, arguments[i], "a number");
}

Result<void> want_integer(Arguments arguments, std::size_t i) {
  if (arguments[i].maybe(Base::integer)) return {};
  return wrong(i, arguments[i], "an integer");
}

Result<void> want_array(Arguments arguments, std::size_t i) {
  if (arguments[i].maybe_array()) return {};
  return wrong(i, arguments[i], "an array");
}

// Numbers, and arrays of whatever depth that may hold numbers.
Result<void> want_numbers(Arguments arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (!Type{arguments[i].base}.maybe_numeric())
      return wrong(i, arguments[i], "a number or an array of numbers");
  return {};
}

}  // namespace

Result<Type> abs(Arguments arguments) {
  TRY_VOID(want_numeric(arguments, 0));
  return arguments[0];
}

Result<Type> to_integer(Arguments arguments) {
  TRY_VOID(want_numeric(arguments, 0));
  return integer;
}

Result<Type> to_number(Arguments arguments) {
  TRY_VOID(want_numeric(arguments, 0));
  return number;
}

Result<Type> extreme(Arguments arguments) {
  TRY_VOID(want_numbers(arguments));
  const bool alike = std::ranges::all_of(arguments, [&](Type t) { return t == arguments[0]; });
  return alike && !arguments[0].array() ? arguments[0] : Type{};
}

Result<Type> average(Arguments arguments) {
  TRY_VOID(want_numbers(arguments));
  return number;
}

Result<Type> bits(Arguments arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) TRY_VOID(want_integer(arguments, i));
  return integer;
}

Result<Type> len(Arguments arguments) {
  if (!arguments[0].maybe_array() && !arguments[0].map())
    return wrong(0, arguments[0], "an array or a map");
  return integer;
}

Result<Type> element(Arguments arguments) {
  TRY_VOID(want_array(arguments, 0));
  return element_of(arguments[0]);
}

Result<Type> take(Arguments arguments) {
  TRY_VOID(want_array(arguments, 0));
  TRY_VOID(want_integer(arguments, 1));
  return arguments[0].array() ? arguments[0] : any_array;
}

Result<Type> get(Arguments arguments) {
  if (arguments[0].array()) {
    TRY_VOID(want_integer(arguments, 1));
    return element_of(arguments[0]);
  }
  if (!arguments[0].map() && !arguments[0].unknown())
    return wrong(0, arguments[0], "an array or a map");
  return arguments[0].is(Base::groups) ? any_array : Type{};
}

Result<Type> parts(Arguments arguments) {
  if (arguments[0].map() || arguments[0].unknown()) return any_array;
  return wrong(0, arguments[0], "a map");
}

Result<Type> same(Arguments arguments) {
  TRY_VOID(want_array(arguments, 0));
  return arguments[0].array() ? arguments[0] : any_array;
}

Result<Type> concat(Arguments arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) TRY_VOID(want_array(arguments, i));
  Type all = arguments[0];
  for (const Type type : arguments) all = either(all, type);
  return all.array() ? all : any_array;
}

Result<Type> flatten(Arguments arguments) {
  TRY_VOID(want_array(arguments, 0));
  return arguments[0].array() ? Type{arguments[0].base, 1} : any_array;
}

Result<Type> sort(Arguments arguments) {
  TRY_VOID(want_array(arguments, 0));
  if (!element_of(arguments[0]).maybe_numeric())
    return wrong(0, arguments[0], "an array of numbers");
  if (arguments.size() > 1 && !arguments[1].maybe(Base::string))
    return wrong(1, arguments[1], "\"asc\" or \"desc\"");
  return arguments[0].array() ? arguments[0] : any_array;
}

}  // namespace scale::formula::signatures
