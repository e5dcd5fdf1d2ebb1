#pragma once

// Typed members of a stored JSON object. An error (bad_data) names the member.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/json.h"

namespace scale::members {

// What a stored document may hold at most of anything.
inline constexpr std::size_t items_max = 10'000;

// Times lie between 1970 and 2160, so that no difference and no cooldown leaves the range of a
// time.
bool is_plausible(Timestamp t);

std::unexpected<Error> bad(std::string_view member);

Result<std::string> text(const json::Value& value, std::string_view key);
Result<bool> flag(const json::Value& value, std::string_view key);
Result<std::int64_t> whole(const json::Value& value, std::string_view key);
// time: RFC 3339; time_ns: nanoseconds since the epoch.
Result<Timestamp> time(const json::Value& value, std::string_view key);
Result<Timestamp> time_ns(const json::Value& value, std::string_view key);
Result<const json::Array*> array(const json::Value& value, std::string_view key);

template <class Int>
Result<Int> integer(const json::Value& value, std::string_view key) {
  TRY(const std::int64_t found, whole(value, key));
  if (!std::in_range<Int>(found)) return bad(key);
  return static_cast<Int>(found);
}

// 0 where it is left out.
template <class Int>
Result<Int> integer_or_zero(const json::Value& value, std::string_view key) {
  return json::find(value, key) ? integer<Int>(value, key) : Int{0};
}

template <class Int>
Result<std::optional<Int>> optional_integer(const json::Value& value, std::string_view key) {
  if (!json::find(value, key)) return std::nullopt;
  return integer<Int>(value, key);
}

// Every item of the array at `key`, read by `read`, a Result<T>(const json::Value&).
template <class Read>
auto list(const json::Value& value, std::string_view key, Read read)
    -> Result<std::vector<typename std::invoke_result_t<Read, const json::Value&>::value_type>> {
  TRY(const json::Array* items, array(value, key));
  std::vector<typename std::invoke_result_t<Read, const json::Value&>::value_type> out;
  out.reserve(items->size());
  for (const json::Value& item : *items) {
    auto read_item = read(item);
    if (!read_item) return fail(key, std::move(read_item).error());
    out.push_back(*std::move(read_item));
  }
  return out;
}

}  // namespace scale::members
