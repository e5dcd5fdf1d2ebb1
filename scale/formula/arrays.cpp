#include "scale/formula/arrays.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string_view>
#include <vector>

#include "scale/formula/arithmetic.h"

namespace scale::formula {
namespace {

std::unexpected<Error> wrong(std::string_view function, const Value& value) {
  return fail(Code::bad_data, fmt::format("{}() of {}", function, name_of(value.kind)));
}

std::span<Value> elements(const Value& array) {
  return {array.items, array.size};
}

Result<std::int64_t> index_of(const Value& value) {
  if (value.is(Kind::integer)) return value.integer;
  if (value.is(Kind::number)) return truncated(value.number);
  return fail(Code::bad_data, fmt::format("{} is no index", name_of(value.kind)));
}

const Value* entry(const Value& map, const Value& key) {
  for (std::uint32_t i = 0; i < map.size; ++i)
    if (same_key(map.items[2 * i], key)) return &map.items[2 * i + 1];
  return nullptr;
}

const Value* element(const Value& array, std::int64_t index) {
  if (index < 0) index += array.size;
  return index >= 0 && index < array.size ? &array.items[index] : nullptr;
}

// Where a slice bound falls in an array of `size`.
std::int64_t bound(std::int64_t at, std::int64_t size) {
  return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
}

Result<Value> copy(Context& context, std::span<const Value> from) {
  TRY(const Value array, context.new_array(from.size()));
  std::ranges::copy(from, array.items);
  return context.closed(array);
}

// One of the two parts of every entry: 0 the keys, 1 the values.
Result<Value> parts(Context& context, const Value& map, std::uint32_t part) {
  TRY(const Value array, context.new_array(map.size));
  for (std::uint32_t i = 0; i < map.size; ++i) array.items[i] = map.items[2 * i + part];
  return context.closed(array);
}

Result<bool> is_descending(const Value& order) {
  if (order.nil()) return false;
  if (order.is(Kind::string) && (*order.text == "asc" || *order.text == "desc"))
    return *order.text == "desc";
  return fail(Code::bad_data, "the order of a sort is \"asc\" or \"desc\"");
}

// Ascending with NaN last, so that every input has an order.
bool before(const Value& a, const Value& b) {
  const bool nan_a = std::isnan(a.as_number()), nan_b = std::isnan(b.as_number());
  return nan_a || nan_b ? !nan_a : less(a, b);
}

struct Keyed {
  Value key, item;
  std::uint32_t place;
};

Result<std::uint64_t> flat_size(const Value& array) {
  std::uint64_t size = 0;
  for (const Value& item : elements(array)) {
    if (!item.is(Kind::array)) {
      ++size;
      continue;
    }
    TRY(const auto inside, flat_size(item));
    size += inside;
  }
  return size;
}

Value* flatten_into(const Value& array, Value* to) {
  for (const Value& item : elements(array)) {
    if (item.is(Kind::array)) {
      to = flatten_into(item, to);
    } else {
      *to++ = item;
    }
  }
  return to;
}

}  // namespace

Result<Value> range(Context& context, const Value& min, const Value& max) {
  TRY(const auto from, index_of(min));
  TRY(const auto to, index_of(max));
  const auto size =
      to < from ? 0 : static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
  if (size >= elements_max) return context.new_array(elements_max + 1);  // says the limit
  TRY(const Value array, context.new_array(to < from ? 0 : size + 1));
  for (std::uint32_t i = 0; i < array.size; ++i) array.items[i] = Value::of(from + i);
  return array;
}

Result<Value> element_at(const Value& base, const Value& key) {
  if (base.is(Kind::map)) {
    const Value* found = entry(base, key);
    return found ? *found : Value::of_nil();
  }
  if (!base.is(Kind::array))
    return fail(Code::bad_data, fmt::format("{} has no elements", name_of(base.kind)));
  TRY(const auto index, index_of(key));
  if (const Value* found = element(base, index)) return *found;
  return fail(Code::bad_data, fmt::format("index {} of an array of {} elements", index, base.size));
}

Result<Value> slice(const Value& base, const Value& from, const Value& to) {
  if (!base.is(Kind::array))
    return fail(Code::bad_data, fmt::format("a slice of {}", name_of(base.kind)));
  TRY(const auto first_index, index_of(from));
  std::int64_t end = base.size;
  if (!to.nil()) {
    TRY(end, index_of(to));
  }
  end = bound(end, base.size);
  const auto begin = std::min(bound(first_index, base.size), end);
  Value part = base;
  part.items += begin;
  part.size = static_cast<std::uint32_t>(end - begin);
  return part;
}

Result<bool> contains(Context& context, const Value& needle, const Value& in) {
  if (in.nil()) return false;
  TRY_VOID(context.visit(in));
  if (in.is(Kind::map)) return entry(in, needle) != nullptr;
  if (!in.is(Kind::array)) return fail(Code::bad_data, fmt::format("in {}", name_of(in.kind)));
  return std::ranges::any_of(elements(in), [&](const Value& v) { return equal(v, needle); });
}

Result<Value> group(Context& context, const Value& array, const Value& keys) {
  TRY(Value map, context.new_map(array.size));
  map.size = 0;
  for (const Value& key : elements(keys)) {
    if (key.is(Kind::array) || key.is(Kind::map))
      return fail(Code::bad_data, fmt::format("{} is no key of a group", name_of(key.kind)));
    TRY_VOID(context.charge(1 + map.size));
    if (entry(map, key)) continue;
    TRY_VOID(context.charge(2ULL * array.size));
    const auto size = std::ranges::count_if(
        elements(keys), [&](const Value& other) { return same_key(key, other); });
    TRY(Value group, context.new_array(static_cast<std::uint64_t>(size)));
    Value* to = group.items;
    for (std::uint32_t i = 0; i < array.size; ++i)
      if (same_key(keys.items[i], key)) *to++ = array.items[i];
    group.size = static_cast<std::uint32_t>(to - group.items);
    map.items[2 * map.size] = key;
    TRY(map.items[2 * map.size + 1], context.closed(group));
    ++map.size;
  }
  return context.closed(map);
}

Result<Value> sort_by_keys(Context& context, const Value& array, const Value& keys,
                           const Value& order) {
  TRY(const bool descending, is_descending(order));
  for (const Value& key : elements(keys))
    if (!key.numeric()) return fail(Code::bad_data, fmt::format("sort by {}", name_of(key.kind)));
  TRY_VOID(context.charge(std::uint64_t{array.size} * std::bit_width(array.size)));
  std::vector<Keyed> rows(array.size);
  for (std::uint32_t i = 0; i < array.size; ++i) rows[i] = {keys.items[i], array.items[i], i};
  std::ranges::sort(rows, [&](const Keyed& a, const Keyed& b) {
    const Value &low = descending ? b.key : a.key, &high = descending ? a.key : b.key;
    return before(low, high) || (!before(high, low) && a.place < b.place);
  });
  TRY(const Value sorted, context.new_array(array.size));
  std::ranges::transform(rows, sorted.items, &Keyed::item);
  return context.closed(sorted);
}

Result<Value> len(Context&, std::span<const Value> arguments) {
  const Value& value = arguments[0];
  if (!value.is(Kind::array) && !value.is(Kind::map)) return wrong("len", value);
  return Value::of(std::int64_t{value.size});
}

Result<Value> first(Context&, std::span<const Value> arguments) {
  const Value& array = arguments[0];
  return array.is(Kind::array) && array.size > 0 ? array.items[0] : Value::of_nil();
}

Result<Value> last(Context&, std::span<const Value> arguments) {
  const Value& array = arguments[0];
  return array.is(Kind::array) && array.size > 0 ? array.items[array.size - 1] : Value::of_nil();
}

Result<Value> take(Context&, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::array)) return wrong("take", arguments[0]);
  if (!arguments[1].is(Kind::integer) || arguments[1].integer < 0)
    return fail(Code::bad_data, "take() needs how many as an integer from 0");
  return slice(arguments[0], Value::of(std::int64_t{0}), arguments[1]);
}

Result<Value> get(Context&, std::span<const Value> arguments) {
  const Value& base = arguments[0];
  if (base.is(Kind::array)) {
    TRY(const auto index, index_of(arguments[1]));
    const Value* found = element(base, index);
    return found ? *found : Value::of_nil();
  }
  const Value* found = base.is(Kind::map) ? entry(base, arguments[1]) : nullptr;
  return found ? *found : Value::of_nil();
}

Result<Value> keys(Context& context, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::map)) return wrong("keys", arguments[0]);
  return parts(context, arguments[0], 0);
}

Result<Value> values(Context& context, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::map)) return wrong("values", arguments[0]);
  return parts(context, arguments[0], 1);
}

Result<Value> reverse(Context& context, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::array)) return wrong("reverse", arguments[0]);
  TRY(const Value array, copy(context, elements(arguments[0])));
  std::ranges::reverse(elements(array));
  return array;
}

Result<Value> uniq(Context& context, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::array)) return wrong("uniq", arguments[0]);
  TRY(Value unique, context.new_array(arguments[0].size));
  unique.size = 0;
  for (const Value& item : elements(arguments[0])) {
    TRY_VOID(context.visit(unique));
    const auto known = elements(unique);
    if (std::ranges::any_of(known, [&](const Value& v) { return equal(item, v); })) continue;
    unique.items[unique.size++] = item;
  }
  return context.closed(unique);
}

Result<Value> concat(Context& context, std::span<const Value> arguments) {
  std::uint64_t size = 0;
  for (const Value& argument : arguments) {
    if (!argument.is(Kind::array)) return wrong("concat", argument);
    size += argument.size;
  }
  TRY(const Value all, context.new_array(size));
  Value* to = all.items;
  for (const Value& argument : arguments) to = std::ranges::copy(elements(argument), to).out;
  return context.closed(all);
}

Result<Value> flatten(Context& context, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::array)) return wrong("flatten", arguments[0]);
  TRY_VOID(context.visit(arguments[0]));
  TRY(const auto size, flat_size(arguments[0]));
  TRY(const Value flat, context.new_array(size));
  flatten_into(arguments[0], flat.items);
  return context.closed(flat);
}

Result<Value> sort(Context& context, std::span<const Value> arguments) {
  if (!arguments[0].is(Kind::array)) return wrong("sort", arguments[0]);
  const Value order = arguments.size() > 1 ? arguments[1] : Value::of_nil();
  return sort_by_keys(context, arguments[0], arguments[0], order);
}

}  // namespace scale::formula
