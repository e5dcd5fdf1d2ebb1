#include "scale/formula/utf8.h"

#include <algorithm>

namespace scale::formula {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

struct Form {
  unsigned char mask, lead;
  std::size_t size;
  std::uint32_t first;  // the smallest code point of this size
};

constexpr Form forms[] = {
    {0x80, 0x00, 1, 0}, {0xE0, 0xC0, 2, 0x80}, {0xF0, 0xE0, 3, 0x800}, {0xF8, 0xF0, 4, 0x10000}};

bool is_character(std::uint32_t c) {
  return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF);
}

// Bytes of the well-formed character that text begins with; 0 when it begins with none.
std::size_t size_of_first(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  for (const Form& form : forms) {
    if ((lead & form.mask) != form.lead) continue;
    if (text.size() < form.size) return 0;
    std::uint32_t value = lead & static_cast<unsigned char>(~form.mask);
    for (const char c : text.substr(1, form.size - 1)) {
      if (!is_continuation(c)) return 0;
      value = value << 6 | (static_cast<unsigned char>(c) & 0x3F);
    }
    return value >= form.first && is_character(value) ? form.size : 0;
  }
  return 0;
}

}  // namespace

std::size_t first_bad_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t size = size_of_first(text.substr(at));
    if (size == 0) return at;
    at += size;
  }
  return at;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

bool append_utf8(std::uint32_t code_point, std::string& to) {
  if (!is_character(code_point)) return false;
  std::size_t size = 1;
  while (size < 4 && code_point >= forms[size].first) ++size;
  const Form& form = forms[size - 1];
  to += static_cast<char>(form.lead | code_point >> 6 * (size - 1));
  for (std::size_t i = size - 1; i > 0; --i)
    to += static_cast<char>(0x80 | (code_point >> 6 * (i - 1) & 0x3F));
  return true;
}

}  // namespace scale::formula
