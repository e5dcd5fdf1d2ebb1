#pragma once

// What the compiler knows of a value before it is computed.

#include <cstdint>
#include <string>

namespace scale::formula {

enum class Base : std::uint8_t { unknown, nil, boolean, integer, number, string, map, groups };

// An array of arrays of numbers is {number, 2}. `map` has strings as keys and anything as values,
// `groups` anything as keys and arrays as values. `unknown` is decided at evaluation. A variable is
// a number although it may be nil, as at KEDA.
struct Type {
  Base base = Base::unknown;
  std::uint8_t arrays = 0;

  bool operator==(const Type&) const = default;

  bool is(Base b) const { return arrays == 0 && base == b; }
  bool unknown() const { return is(Base::unknown); }
  bool nil() const { return is(Base::nil); }
  bool array() const { return arrays > 0; }
  bool map() const { return is(Base::map) || is(Base::groups); }
  bool integer() const { return is(Base::integer); }
  bool numeric() const { return is(Base::integer) || is(Base::number); }

  // "or unknown": what may turn out to be right at evaluation.
  bool maybe(Base b) const { return is(b) || unknown(); }
  bool maybe_array() const { return array() || unknown(); }
  bool maybe_numeric() const { return numeric() || unknown(); }
};

// The type of an array of `element`s.
Type array_of(Type element);
// The type of an element; unknown for what is no array.
Type element_of(Type array);
// The type of a value that is one or the other; nil counts for nothing.
Type either(Type a, Type b);
// "number", "array of integer", "array of array".
std::string name_of(Type type);

}  // namespace scale::formula
