#include "base/time.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <limits>

namespace base {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t ns;
};

// Longer names before their prefixes.
constexpr std::array units = {
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"µs", 1'000},
    Unit{"μs", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr double duration_ns_max = 9.2e18;

Error bad_duration(std::string_view text) {
  return {Code::invalid,
          fmt::format("\"{}\" is not a duration (want for example 30s, 5m, 1h30m)", text)};
}

Error bad_time(std::string_view text) {
  return {Code::invalid, fmt::format("\"{}\" is not an RFC 3339 time", text)};
}

const Unit* take_unit(std::string_view& text) {
  for (const Unit& unit : units) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return &unit;
    }
  }
  return nullptr;
}

// Reads exactly `digits` digits from the front of `text`; false when they are not there.
bool take_number(std::string_view& text, std::size_t digits, int& value) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc{} || end != text.data() + digits || text[0] == '-') return false;
  text.remove_prefix(digits);
  return true;
}

bool is_date(int year, int month, int day) {
  return (std::chrono::year(year) / month / day).ok();
}

bool take_char(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::int64_t take_fraction_ns(std::string_view& text) {
  std::int64_t ns = 0;
  std::int64_t unit = second_ns / 10;
  while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
    ns += unit * (text[0] - '0');
    unit /= 10;
    text.remove_prefix(1);
  }
  return ns;
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  std::string_view rest = text;
  double sign = 1;
  if (take_char(rest, '-')) {
    sign = -1;
  } else {
    take_char(rest, '+');
  }
  if (rest == "0") return Duration{0};
  if (rest.empty()) return std::unexpected(bad_duration(text));
  double total = 0;
  while (!rest.empty()) {
    double amount = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), amount, std::chars_format::fixed);
    if (error != std::errc{} || amount < 0 || !std::isfinite(amount)) {
      return std::unexpected(bad_duration(text));
    }
    rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
    const Unit* unit = take_unit(rest);
    if (unit == nullptr) return std::unexpected(bad_duration(text));
    total += amount * static_cast<double>(unit->ns);
  }
  if (total > duration_ns_max) return std::unexpected(bad_duration(text));
  return Duration{static_cast<std::int64_t>(sign * total)};
}

std::string format_duration(Duration d) {
  std::int64_t ns = d.count();
  if (ns == 0) return "0s";
  std::string text;
  if (ns < 0) {
    text = "-";
    ns = -ns;
  }
  if (ns < second_ns) {
    if (ns < 1'000) return text + fmt::format("{}ns", ns);
    if (ns < 1'000'000) return text + fmt::format("{}us", ns / 1'000);
    return text + fmt::format("{}ms", ns / 1'000'000);
  }
  const std::int64_t s = ns / second_ns;
  if (s < 10 && ns % second_ns != 0)
    return text + fmt::format("{:.1f}s", static_cast<double>(ns) / 1e9);
  if (s < 60) return text + fmt::format("{}s", s);
  if (s < 3600)
    return text + (s % 60 ? fmt::format("{}m{}s", s / 60, s % 60) : fmt::format("{}m", s / 60));
  const std::int64_t m = s / 60;
  return text + (m % 60 ? fmt::format("{}h{}m", m / 60, m % 60) : fmt::format("{}h", m / 60));
}

std::string format_time(Timestamp t) {
  std::int64_t s = t.ns / second_ns;
  if (t.ns % second_ns < 0) --s;
  const std::time_t seconds_since_epoch = s;
  std::tm parts{};
  gmtime_r(&seconds_since_epoch, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

std::string format_time_ns(Timestamp t) {
  std::int64_t fraction = t.ns % second_ns;
  if (fraction < 0) fraction += second_ns;
  std::string text = format_time(t);
  text.pop_back();
  return text + fmt::format(".{:09}Z", fraction);
}

Result<Timestamp> parse_time(std::string_view text) {
  std::string_view rest = text;
  std::tm parts{};
  const bool date = take_number(rest, 4, parts.tm_year) && take_char(rest, '-') &&
                    take_number(rest, 2, parts.tm_mon) && take_char(rest, '-') &&
                    take_number(rest, 2, parts.tm_mday);
  const bool separator =
      date && (take_char(rest, 'T') || take_char(rest, 't') || take_char(rest, ' '));
  const bool time = separator && take_number(rest, 2, parts.tm_hour) && take_char(rest, ':') &&
                    take_number(rest, 2, parts.tm_min) && take_char(rest, ':') &&
                    take_number(rest, 2, parts.tm_sec);
  if (!time || !is_date(parts.tm_year, parts.tm_mon, parts.tm_mday) || parts.tm_hour > 23 ||
      parts.tm_min > 59 || parts.tm_sec > 60) {
    return std::unexpected(bad_time(text));
  }
  const std::int64_t fraction = take_char(rest, '.') ? take_fraction_ns(rest) : 0;
  std::int64_t offset_s = 0;
  if (!take_char(rest, 'Z') && !take_char(rest, 'z')) {
    const int sign = take_char(rest, '-') ? -1 : (take_char(rest, '+') ? 1 : 0);
    int hours = 0;
    int minutes = 0;
    if (sign == 0 || !take_number(rest, 2, hours) || !take_char(rest, ':') ||
        !take_number(rest, 2, minutes)) {
      return std::unexpected(bad_time(text));
    }
    offset_s = sign * (hours * 3600 + minutes * 60);
  }
  if (!rest.empty()) return std::unexpected(bad_time(text));
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  const std::int64_t since_epoch_s = timegm(&parts) - offset_s;
  // Nanoseconds reach from 1677 to 2262.
  constexpr std::int64_t reach_s = std::numeric_limits<std::int64_t>::max() / second_ns - 1;
  if (since_epoch_s > reach_s || since_epoch_s < -reach_s) return std::unexpected(bad_time(text));
  return Timestamp{since_epoch_s * second_ns + fraction};
}

}  // namespace base
