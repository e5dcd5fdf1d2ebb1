#include "simulation/csv_signal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>

namespace simulation {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t shown_bytes_max = 40;  // of a cell that is wrong

enum class Form : std::uint8_t { rfc3339, unix_seconds, offset };

constexpr std::string_view form_names[] = {"an RFC 3339 time", "Unix seconds", "an offset"};

std::string_view name_of(Form form) {
  return form_names[static_cast<std::size_t>(form)];
}

std::string quoted(std::string_view cell) {
  return fmt::format("\"{}\"", cell.substr(0, shown_bytes_max));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

std::string_view unquoted(std::string_view cell) {
  cell = trimmed(cell);
  if (cell.size() >= 2 && cell.front() == '"' && cell.back() == '"')
    return cell.substr(1, cell.size() - 2);
  return cell;
}

struct Row {
  std::string_view time;
  std::string_view value;
};

Result<Row> split(std::string_view line) {
  const std::size_t comma = line.find(',');
  if (comma == line.npos)
    return fail(Code::invalid, "want a time and a value, separated by a comma");
  const std::string_view rest = line.substr(comma + 1);
  if (rest.contains(',')) return fail(Code::invalid, "more than two columns, want time,value");
  return Row{unquoted(line.substr(0, comma)), unquoted(rest)};
}

// The form says itself: a colon, a bare number, a number with a unit.
Form form_of(std::string_view time) {
  if (time.contains(':')) return Form::rfc3339;
  const bool bare = std::ranges::all_of(time, [](char c) { return is_digit(c) || c == '.'; });
  return bare ? Form::unix_seconds : Form::offset;
}

// Exact, which a double is not. Nothing but digits and points comes here.
Result<Duration> parse_unix_seconds(std::string_view text) {
  const std::size_t point = std::min(text.find('.'), text.size());
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + point, whole);
  const std::string_view fraction = text.substr(std::min(point + 1, text.size()));
  if (error == std::errc::result_out_of_range || whole > time_max.ns / second_ns) {
    return fail(Code::invalid, fmt::format("time {} is after the year 2159: want Unix seconds, "
                                           "not milliseconds",
                                           quoted(text)));
  }
  if (error != std::errc{} || end != text.data() + point || fraction.contains('.') ||
      fraction.size() > 9) {
    return fail(Code::invalid,
                fmt::format("time {} is not Unix seconds (at most nine decimals)", quoted(text)));
  }
  std::int64_t ns = 0;
  std::int64_t unit = second_ns;
  for (const char digit : fraction) ns += (unit /= 10) * (digit - '0');
  return Duration{whole * second_ns + ns};
}

Result<Timestamp> parse_moment(Form form, std::string_view text) {
  if (form == Form::rfc3339) return base::parse_time(text);
  if (form == Form::unix_seconds) {
    TRY(const Duration since, parse_unix_seconds(text));
    return Timestamp{} + since;
  }
  const auto since = base::parse_duration(text);
  if (!since || *since < Duration{0}) {
    return fail(Code::invalid, fmt::format("time {} is neither RFC 3339, nor Unix seconds, nor an "
                                           "offset such as 15s",
                                           quoted(text)));
  }
  if (*since > time_max - offset_origin)
    return fail(Code::invalid, fmt::format("time {} is too far away", quoted(text)));
  return offset_origin + *since;
}

Result<double> parse_value(std::string_view text) {
  std::string_view digits = text;
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return fail(Code::invalid, fmt::format("value {} is not a number", quoted(text)));
  return value;
}

// Takes line after line. Confined to one call of read_csv.
class Lines {
 public:
  explicit Lines(const SignalLimits& limits) : limits_(limits) {}

  Result<void> add(std::string_view line) {
    if (trimmed(line).empty()) return {};
    TRY(const Row row, split(line));
    if (!std::exchange(begun_, true) && !row.time.empty() && is_letter(row.time.front())) return {};
    TRY(const Timestamp at, moment(row.time));
    if (last_ && at <= *last_) return fail(Code::invalid, "times must ascend");
    last_ = at;
    if (row.value.empty()) return {};
    TRY(const double value, parse_value(row.value));
    if (signal_.samples.size() == limits_.samples_max)
      return fail(Code::exhausted, fmt::format("more than {} samples", limits_.samples_max));
    signal_.samples.push_back(sample_of(at, value));
    return {};
  }

  Signal take() {
    signal_.offsets = form_ == Form::offset;
    return std::move(signal_);
  }

 private:
  Result<Timestamp> moment(std::string_view text) {
    const Form form = form_of(text);
    if (!form_) form_ = form;
    if (form != *form_) {
      return fail(Code::invalid, fmt::format("{} after {}: one form of time in one file",
                                             name_of(form), name_of(*form_)));
    }
    TRY(const Timestamp at, parse_moment(form, text));
    if (at <= Timestamp{} || at > time_max)
      return fail(Code::invalid, fmt::format("time {} is not between 1970 and 2159", quoted(text)));
    return at;
  }

  const SignalLimits& limits_;
  Signal signal_;
  std::optional<Form> form_;
  std::optional<Timestamp> last_;
  bool begun_ = false;
};

}  // namespace

Result<Signal> read_csv(std::string_view text, const SignalLimits& limits) {
  if (text.size() > limits.bytes_max)
    return fail(Code::exhausted, fmt::format("larger than {} bytes", limits.bytes_max));
  if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
  Lines lines(limits);
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    auto added = lines.add(text.substr(0, end));
    if (!added) return fail(fmt::format("line {}", number), std::move(added).error());
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  Signal signal = lines.take();
  if (signal.samples.empty()) return fail(Code::invalid, "holds no sample");
  return signal;
}

}  // namespace simulation
