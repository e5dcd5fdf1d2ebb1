#include "kube/schema.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace kube {
namespace {

constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t subdomain_bytes_max = 253;

bool is_lower_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool is_label_text(std::string_view text) {
  return !text.empty() && is_lower_alphanumeric(text.front()) &&
         is_lower_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_lower_alphanumeric(c) || c == '-'; });
}

// Levenshtein's distance, row by row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

bool is_dns_label(std::string_view text) {
  return text.size() <= label_bytes_max && is_label_text(text);
}

bool is_dns_subdomain(std::string_view text) {
  if (text.empty() || text.size() > subdomain_bytes_max) return false;
  for (;;) {
    const std::size_t dot = text.find('.');
    if (!is_label_text(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> known) {
  constexpr std::size_t word_bytes_max =
      64;  // nobody misspells more, and the distance is quadratic
  if (word.empty() || word.size() > word_bytes_max) return {};
  // A third of the letters may be wrong, and upper case costs nothing.
  std::size_t best = word_bytes_max;
  std::string_view found;
  for (const std::string_view candidate : known) {
    const std::size_t d = distance(lower(word), lower(candidate));
    if (d >= best || d > std::max(word.size(), candidate.size()) / 3) continue;
    best = d;
    found = candidate;
  }
  return found;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> known) {
  const std::string_view close = nearest(word, known);
  if (close.empty()) return {};
  return std::string(", did you mean \"").append(close).append("\"?");
}

}  // namespace kube
