#pragma once

// What this program was built with and for.

#include <string_view>

namespace server::platform {

inline constexpr std::string_view version = TIDEWHEEL_VERSION;
inline constexpr std::string_view compiler = "clang " __clang_version__;
inline constexpr std::string_view os = "linux";
#if defined(__x86_64__)
inline constexpr std::string_view arch = "amd64";
#elif defined(__aarch64__)
inline constexpr std::string_view arch = "arm64";
#else
inline constexpr std::string_view arch = "unknown";
#endif

// The first seven digits of the commit, or "unknown". Defined by what cmake/commit.cmake writes.
std::string_view commit();

}  // namespace server::platform
