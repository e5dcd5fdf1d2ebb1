#pragma once

// Places in a document. Pure. Source: RFC 6901.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/json.h"

namespace json {

// The steps of "/a/0/b"; none is the whole document.
using Pointer = std::vector<std::string>;

// "~1" in a step is '/', "~0" is '~'. Errors: invalid.
Result<Pointer> parse_pointer(std::string_view text);

// A step as a place in a list: digits without leading zeros, at most `last`.
std::optional<std::size_t> parse_index(std::string_view step, std::size_t last);

// What the steps lead to, or nullptr.
Value* walk(Value& document, std::span<const std::string> steps);

}  // namespace json
