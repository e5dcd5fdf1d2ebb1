#include "scale/formula/functions.h"

#include <algorithm>
#include <array>

#include "scale/formula/arrays.h"
#include "scale/formula/loops.h"
#include "scale/formula/numbers.h"
#include "scale/formula/signatures.h"

namespace scale::formula {
namespace {

constexpr std::uint16_t many = 1000;

constexpr std::string_view strings = "formulas have numbers, not strings";
constexpr std::string_view dates = "formulas have numbers, not dates";
constexpr std::string_view encodings = "formulas have numbers, not JSON or Base64";
constexpr std::string_view pairs = "formulas have no pairs";

constexpr Function refused(std::string_view name, std::string_view why) {
  return {.name = name, .refused = why};
}

constexpr Function looping(std::string_view name, std::uint16_t max, const Loop& loop) {
  const std::uint16_t min = &loop == &loops::sum || &loop == &loops::count ? 1 : 2;
  return {.name = name, .arguments_min = min, .arguments_max = max, .loop = &loop};
}

constexpr std::array functions = {
    Function{"abs", 1, 1, signatures::abs, abs},
    looping("all", 2, loops::all),
    looping("any", 2, loops::any),
    Function{"bitand", 2, 2, signatures::bits, bitand_},
    Function{"bitnand", 2, 2, signatures::bits, bitnand},
    Function{"bitnot", 1, 1, signatures::bits, bitnot},
    Function{"bitor", 2, 2, signatures::bits, bitor_},
    Function{"bitshl", 2, 2, signatures::bits, bitshl},
    Function{"bitshr", 2, 2, signatures::bits, bitshr},
    Function{"bitushr", 2, 2, signatures::bits, bitushr},
    Function{"bitxor", 2, 2, signatures::bits, bitxor},
    Function{"ceil", 1, 1, signatures::to_number, ceil},
    Function{"concat", 1, many, signatures::concat, concat},
    looping("count", 2, loops::count),
    refused("date", dates),
    refused("duration", dates),
    looping("filter", 2, loops::filter),
    looping("find", 2, loops::find),
    looping("findIndex", 2, loops::find_index),
    looping("findLast", 2, loops::find_last),
    looping("findLastIndex", 2, loops::find_last_index),
    Function{"first", 1, 1, signatures::element, first},
    Function{"flatten", 1, 1, signatures::flatten, flatten},
    Function{"float", 1, 1, signatures::to_number, to_number},
    Function{"floor", 1, 1, signatures::to_number, floor},
    refused("fromBase64", encodings),
    refused("fromJSON", encodings),
    refused("fromPairs", pairs),
    Function{"get", 2, 2, signatures::get, get},
    looping("groupBy", 2, loops::group_by),
    refused("hasPrefix", strings),
    refused("hasSuffix", strings),
    refused("indexOf", strings),
    Function{"int", 1, 1, signatures::to_integer, to_integer},
    refused("join", strings),
    Function{"keys", 1, 1, signatures::parts, keys},
    Function{"last", 1, 1, signatures::element, last},
    refused("lastIndexOf", strings),
    Function{"len", 1, 1, signatures::len, len},
    refused("lower", strings),
    looping("map", 2, loops::map),
    Function{"max", 1, many, signatures::extreme, max},
    Function{"mean", 1, many, signatures::average, mean},
    Function{"median", 1, many, signatures::average, median},
    Function{"min", 1, many, signatures::extreme, min},
    looping("none", 2, loops::none),
    refused("now", dates),
    looping("one", 2, loops::one),
    looping("reduce", 3, loops::reduce),
    refused("repeat", strings),
    refused("replace", strings),
    Function{"reverse", 1, 1, signatures::same, reverse},
    Function{"round", 1, 1, signatures::to_number, round},
    Function{"sort", 1, 2, signatures::sort, sort},
    looping("sortBy", 3, loops::sort_by),
    refused("split", strings),
    refused("splitAfter", strings),
    refused("string", strings),
    looping("sum", 2, loops::sum),
    Function{"take", 2, 2, signatures::take, take},
    refused("timezone", dates),
    refused("toBase64", encodings),
    refused("toJSON", encodings),
    refused("toPairs", pairs),
    refused("trim", strings),
    refused("trimPrefix", strings),
    refused("trimSuffix", strings),
    refused("type", strings),
    Function{"uniq", 1, 1, signatures::same, uniq},
    refused("upper", strings),
    Function{"values", 1, 1, signatures::parts, values},
};
static_assert(std::ranges::is_sorted(functions, {}, &Function::name));

}  // namespace

const Function* find_function(std::string_view name) {
  const auto row = std::ranges::lower_bound(functions, name, {}, &Function::name);
  return row != functions.end() && row->name == name ? &*row : nullptr;
}

std::span<const Function> all_functions() {
  return functions;
}

}  // namespace scale::formula
