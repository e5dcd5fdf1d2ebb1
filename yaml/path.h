#pragma once

// Paths to fields, as Kubernetes prints them: "spec.triggers[0].metadata.query",
// "metadata.labels[example.com/x]".

#include <cstddef>
#include <string>
#include <string_view>

namespace yaml {

// `path` and one of its members. A key that is not made of letters, digits, '-' and '_' stands in
// brackets.
std::string member_path(std::string_view path, std::string_view key);
// `path` and one of its items.
std::string item_path(std::string_view path, std::size_t index);
// `path` without its last step, or empty.
std::string_view parent_path(std::string_view path);

}  // namespace yaml
