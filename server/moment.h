#pragma once

// Moments as people ask for them. Pure.

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace server {

// "2026-11-25T03:12:00Z" (RFC 3339), a span back from now such as "10m", or "@1764040320" (seconds
// since 1970). Errors: invalid, naming `parameter`.
Result<Timestamp> parse_moment(std::string_view parameter, std::string_view text, Timestamp now);

}  // namespace server
