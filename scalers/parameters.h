#pragma once

// The parameter table of a scaler: from its rows come parsing, the check for unknown keys, and the
// reference page.

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace scalers {

// A trigger's metadata as the manifest states it.
using Metadata = std::map<std::string, std::string, std::less<>>;

enum class Need : std::uint8_t {
  required,
  optional,
  ignored,  // known, and read by somebody else
};

// One row without its function, for those who print or check.
struct ParameterHelp {
  std::string_view name;  // a name that ends in '*' stands for all that begin so
  Need need = Need::optional;
  std::string_view help;
};

template <class Fields>
struct Parameter : ParameterHelp {
  Result<void> (*read)(std::string_view text, Fields& fields) = nullptr;
};

namespace parameters_detail {

template <class Fields, class T>
Fields fields_of(T Fields::*);

template <auto member>
using FieldsOf = decltype(fields_of(member));

template <auto member, auto parse>
Result<void> read(std::string_view text, FieldsOf<member>& fields) {
  TRY(fields.*member, parse(text));
  return {};
}

}  // namespace parameters_detail

// A row whose text goes through `parse`, a Result<T>(std::string_view), into `member`.
template <auto member, auto parse>
constexpr Parameter<parameters_detail::FieldsOf<member>> required(std::string_view name,
                                                                  std::string_view help) {
  return {{name, Need::required, help}, parameters_detail::read<member, parse>};
}
template <auto member, auto parse>
constexpr Parameter<parameters_detail::FieldsOf<member>> optional(std::string_view name,
                                                                  std::string_view help) {
  return {{name, Need::optional, help}, parameters_detail::read<member, parse>};
}
template <class Fields>
constexpr Parameter<Fields> ignored(std::string_view name, std::string_view help) {
  return {{name, Need::ignored, help}, nullptr};
}

template <class Fields, std::size_t size>
constexpr bool is_sorted(const std::array<Parameter<Fields>, size>& table) {
  return std::ranges::is_sorted(table, std::less_equal{}, &Parameter<Fields>::name);
}

// The fields that `metadata` states; unknown keys are left to unknown_keys(). Errors: invalid, with
// the key in front.
template <class Fields, std::size_t size>
Result<Fields> read_parameters(const std::array<Parameter<Fields>, size>& table,
                               const Metadata& metadata) {
  Fields fields;
  for (const auto& row : table) {
    const auto found = metadata.find(row.name);
    if (found == metadata.end()) {
      if (row.need != Need::required) continue;
      return fail(Code::invalid, "missing " + std::string(row.name));
    }
    if (!row.read) continue;
    if (auto read = row.read(found->second, fields); !read) {
      return fail(row.name, std::move(read).error());
    }
  }
  return fields;
}

template <class Fields, std::size_t size>
std::vector<ParameterHelp> help_of(const std::array<Parameter<Fields>, size>& table) {
  return {table.begin(), table.end()};
}

// Whether a row is about `key`.
bool is_known(std::span<const ParameterHelp> rows, std::string_view key);

// Keys that no row is about, sorted.
std::vector<std::string> unknown_keys(std::span<const ParameterHelp> rows,
                                      const Metadata& metadata);

}  // namespace scalers
