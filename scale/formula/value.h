#pragma once

// A value at evaluation: 16 bytes, trivial, arrays and maps by reference into the arena of one
// evaluation.

#include <cstdint>
#include <string>
#include <string_view>

namespace scale::formula {

enum class Kind : std::uint8_t { nil, boolean, integer, number, string, array, map };

// Has no default values, so that a stack of them costs nothing to make.
struct Value {
  Kind kind;
  std::uint8_t nesting;  // arrays and maps: levels inside this one, itself included
  std::uint32_t size;    // elements of an array, entries of a map
  union {
    bool boolean;
    std::int64_t integer;
    double number;
    const std::string* text;
    Value* items;  // a map's are key, value, key, value, ...
  };

  static Value of_nil() { return make(Kind::nil); }
  static Value of(bool boolean) {
    Value v = make(Kind::boolean);
    v.boolean = boolean;
    return v;
  }
  static Value of(std::int64_t integer) {
    Value v = make(Kind::integer);
    v.integer = integer;
    return v;
  }
  static Value of(double number) {
    Value v = make(Kind::number);
    v.number = number;
    return v;
  }
  static Value of(const std::string* text) {
    Value v = make(Kind::string);
    v.text = text;
    return v;
  }

  bool is(Kind k) const { return kind == k; }
  bool nil() const { return kind == Kind::nil; }
  bool numeric() const { return kind == Kind::integer || kind == Kind::number; }
  // Of a numeric value.
  double as_number() const { return kind == Kind::number ? number : static_cast<double>(integer); }

 private:
  static Value make(Kind kind) {
    Value v;
    v.kind = kind;
    v.nesting = 0;
    v.size = 0;
    v.integer = 0;
    return v;
  }
};
static_assert(sizeof(Value) == 16);

// "nil", "number", ..., as messages say it.
std::string_view name_of(Kind kind);

// As `==` of the language: integers and numbers compare by value, arrays element by element, maps
// entry by entry (there 1 and 1.0 differ); different kinds are unequal.
bool equal(const Value& a, const Value& b);
// As keys of a map: as equal(), but 1 and 1.0 are two keys.
bool same_key(const Value& a, const Value& b);
// Of numeric values. Integers compare exactly, else as numbers; NaN is not less than anything.
bool less(const Value& a, const Value& b);
// Elements in `value` and in the arrays inside of it, each as often as it is reached; counting
// stops beyond `limit`, because an array may hold another one many times.
std::uint64_t weight(const Value& value, std::uint64_t limit);

}  // namespace scale::formula
