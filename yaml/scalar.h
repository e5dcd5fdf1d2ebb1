#pragma once

// What a plain YAML scalar means to Kubernetes' tools. Source: YAML 1.1 as Go's yaml.v2 reads it.

#include <string>
#include <string_view>

#include "json/json.h"

namespace yaml {

// true, 0x1F, 1_000, .5, ~ and so on as JSON values; anything else is the text itself. Infinities
// and NaN stay doubles.
json::Value resolve_plain(std::string_view text);

// A resolved scalar as a key: "true", "8", or the text. null is "null".
std::string key_text(const json::Value& scalar);

}  // namespace yaml
