#include "scale/formula/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "scale/formula/functions.h"
#include "scale/formula/lexer.h"

namespace scale::formula {
namespace {

constexpr std::size_t name_bytes_max = 64;  // comparing takes their product
constexpr std::size_t names_max = 1000;

// Edits of one character, insertions and removals between two short words.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

// "my" is how "my-queue" and "my.queue" begin when they are read as an operation.
bool begins(std::string_view name, std::string_view known) {
  return known.size() > name.size() && known.starts_with(name) &&
         (known[name.size()] == '-' || known[name.size()] == '.');
}

std::string_view nearest(std::string_view name, std::span<const std::string_view> known) {
  std::string_view best;
  if (name.empty() || name.size() > name_bytes_max) return best;
  // A third of the name may be wrong, but not all of it.
  std::size_t best_distance =
      std::min(name.size(), std::max<std::size_t>(1, (name.size() + 1) / 3) + 1);
  for (const auto candidate : known.first(std::min(known.size(), names_max))) {
    if (begins(name, candidate)) return candidate;
    if (candidate.empty() || candidate.size() > name_bytes_max) continue;
    const std::size_t d = distance(name, candidate);
    if (d < best_distance) best = candidate, best_distance = d;
  }
  return best;
}

}  // namespace

std::string suggest_name(std::string_view name, std::span<const std::string_view> known) {
  const auto best = nearest(name, known);
  if (best.empty()) return "";
  return is_name(best) ? fmt::format("; did you mean {}?", best)
                       : fmt::format("; did you mean $env[\"{}\"]?", best);
}

std::string suggest_function(std::string_view name) {
  std::vector<std::string_view> known;
  for (const Function& function : all_functions())
    if (function.refused.empty()) known.push_back(function.name);
  const auto best = nearest(name, known);
  return best.empty() ? "" : fmt::format("; did you mean {}?", best);
}

}  // namespace scale::formula
