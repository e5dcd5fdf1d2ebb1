#pragma once

// What somebody may have meant, as the end of a message: "; did you mean queue?" or nothing.

#include <span>
#include <string>
#include <string_view>

namespace scale::formula {

// For a name that is none of `known`. A known name that is no identifier is written as
// $env["name"].
std::string suggest_name(std::string_view name, std::span<const std::string_view> known);
// For a name that is no function.
std::string suggest_function(std::string_view name);

}  // namespace scale::formula
