#include "server/moment.h"

#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <optional>

namespace server {
namespace {

constexpr std::int64_t ns_per_s = 1'000'000'000;

std::optional<Timestamp> parse_epoch(std::string_view text) {
  if (!text.starts_with('@')) return std::nullopt;
  text.remove_prefix(1);
  std::int64_t s = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), s);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (s < 0 || s > std::numeric_limits<std::int64_t>::max() / ns_per_s) return std::nullopt;
  return Timestamp{s * ns_per_s};
}

}  // namespace

Result<Timestamp> parse_moment(std::string_view parameter, std::string_view text, Timestamp now) {
  if (const auto span = base::parse_duration(text); span && *span >= Duration{0})
    return now - *span;
  if (const auto moment = base::parse_time(text)) return *moment;
  if (const auto moment = parse_epoch(text)) return *moment;
  return fail(Code::invalid, fmt::format("{}: \"{}\" is neither RFC 3339, nor a span back from now "
                                         "such as 10m, nor @ and seconds since 1970",
                                         parameter, text));
}

}  // namespace server
