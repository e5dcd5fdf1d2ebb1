#pragma once

// Bytes as text. Source: RFC 4648.

#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

// With padding, in the standard alphabet.
std::string encode_base64(std::string_view bytes);

// Either alphabet, with or without padding. Errors: invalid.
Result<std::string> decode_base64(std::string_view text);

}  // namespace base
