#pragma once

// Whether bytes are text.

#include <string_view>

namespace proto {

// True when `bytes` are well-formed UTF-8: no overlong form, no surrogate, nothing past U+10FFFF.
// Source: Unicode, table 3-7.
bool is_utf8(std::string_view bytes);

}  // namespace proto
