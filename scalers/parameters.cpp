#include "scalers/parameters.h"

namespace scalers {

bool is_known(std::span<const ParameterHelp> rows, std::string_view key) {
  return std::ranges::any_of(rows, [key](const ParameterHelp& row) {
    if (!row.name.ends_with('*')) return row.name == key;
    return key.starts_with(row.name.substr(0, row.name.size() - 1));
  });
}

std::vector<std::string> unknown_keys(std::span<const ParameterHelp> rows,
                                      const Metadata& metadata) {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : metadata) {
    if (!is_known(rows, key)) unknown.push_back(key);
  }
  return unknown;
}

}  // namespace scalers
