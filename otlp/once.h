#pragma once

// Saying a thing once.

#include <cstddef>
#include <set>
#include <string>
#include <string_view>

namespace otlp {

// Remembers what was said, up to a limit; past it everything new stays unsaid. Confined to its
// owner.
class Once {
 public:
  static constexpr std::size_t entries_max = 1'000;

  // True for the first time of each `key`.
  bool first(std::string_view key) {
    if (said_.contains(key) || said_.size() >= entries_max) return false;
    said_.emplace(key);
    return true;
  }

 private:
  std::set<std::string, std::less<>> said_;
};

}  // namespace otlp
