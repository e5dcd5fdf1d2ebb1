#include "simulation/range_signal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace simulation {
namespace {

constexpr double time_seconds_max = static_cast<double>(time_max.ns) / 1e9;
constexpr std::size_t labels_bytes_max = 80;  // of a series in a message

std::string_view view(const boost::json::string& text) {
  return {text.data(), text.size()};
}

const json::Array* array_at(const json::Value& value, std::string_view key) {
  const json::Value* found = json::find(value, key);
  return found != nullptr && found->is_array() ? &found->get_array() : nullptr;
}

// The parser tells the byte; people count lines.
Error with_line(std::string_view text, Error error) {
  const std::size_t at = error.what.rfind("byte ");
  std::size_t offset = 0;
  if (at == error.what.npos) return error;
  std::from_chars(error.what.data() + at + 5, error.what.data() + error.what.size(), offset);
  const auto line = 1 + std::ranges::count(text.substr(0, offset), '\n');
  error.what = fmt::format("line {}: {}", line, error.what);
  return error;
}

// Milliseconds are what Prometheus knows; a double holds microseconds exactly enough.
Result<Timestamp> parse_moment(const json::Value& value) {
  boost::json::error_code error;
  const double seconds = value.is_number() ? value.to_number<double>(error) : 0;
  if (!(seconds > 0 && seconds <= time_seconds_max))
    return fail(Code::invalid, "want Unix seconds between 1970 and 2159 and a text");
  return Timestamp{std::llround(seconds * 1e6) * 1'000};
}

Result<double> parse_value(const json::Value& value) {
  if (!value.is_string()) return fail(Code::invalid, "the number must be a text");
  std::string_view digits = view(value.get_string());
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc{} || end != digits.data() + digits.size())
    return fail(Code::invalid, "the text is not a number");
  return number;
}

struct Raw {
  Timestamp at;
  double value;
};

Result<Raw> parse_pair(const json::Value& pair) {
  if (!pair.is_array() || pair.get_array().size() != 2)
    return fail(Code::invalid, "want [seconds, \"number\"]");
  TRY(const Timestamp at, parse_moment(pair.get_array()[0]));
  TRY(const double value, parse_value(pair.get_array()[1]));
  return Raw{at, value};
}

// Appends the samples of one series.
Result<void> append_series(const json::Value& series, std::vector<Raw>& out,
                           const SignalLimits& limits) {
  if (json::find(series, "histograms") != nullptr)
    return fail(Code::invalid, "a histogram is no number: take a quantile in the query");
  const json::Array* values = array_at(series, "values");
  if (values == nullptr) return fail(Code::invalid, "want a list \"values\"");
  std::optional<Timestamp> last;
  for (std::size_t i = 0; i < values->size(); ++i) {
    auto raw = parse_pair((*values)[i]);
    if (!raw) return fail(fmt::format("values[{}]", i), std::move(raw).error());
    if (last && raw->at <= *last)
      return fail(Code::invalid, fmt::format("values[{}]: times must ascend", i));
    last = raw->at;
    if (out.size() == limits.samples_max)
      return fail(Code::exhausted, fmt::format("more than {} samples", limits.samples_max));
    out.push_back(*raw);
  }
  return {};
}

std::string labels_of(const json::Value& series) {
  const json::Value* metric = json::find(series, "metric");
  std::string text = metric == nullptr ? "{}" : json::print(*metric);
  if (text.size() > labels_bytes_max) text = text.substr(0, labels_bytes_max) + "…";
  return text;
}

// The list of series of an answer that succeeded.
Result<const json::Array*> series_of(const json::Value& body) {
  const auto status = json::text_at(body, "status");
  if (status == "error") {
    return fail(Code::invalid, "the query failed: " + json::text_at(body, "error").value_or(""));
  }
  const json::Value* data = json::find(body, "data");
  const auto type = data == nullptr ? std::nullopt : json::text_at(*data, "resultType");
  if (status != "success" || !type) {
    return fail(Code::invalid,
                "not the answer of a range query: want \"status\" and \"data.resultType\"");
  }
  if (*type != "matrix")
    return fail(Code::invalid, fmt::format("data.resultType: want matrix, the answer of a range "
                                           "query, got {}",
                                           *type));
  const json::Array* result = array_at(*data, "result");
  if (result == nullptr) return fail(Code::invalid, "data.result: want a list");
  return result;
}

// Adds up what has the same time, in the order of the series.
Signal add_up(const std::vector<Raw>& raw) {
  std::map<Timestamp, double> totals;
  for (const Raw& each : raw) totals[each.at] += each.value;
  Signal signal;
  for (const auto& [at, total] : totals) signal.samples.push_back(sample_of(at, total));
  return signal;
}

Result<Sample> parse_point(const json::Value& item) {
  const auto at = base::parse_time(json::text_at(item, "at").value_or(""));
  if (!at || *at <= Timestamp{} || *at > time_max)
    return fail(Code::bad_data, "at: want an RFC 3339 time between 1970 and 2159");
  const auto state = scale::reading_state(json::text_at(item, "state").value_or(""));
  if (!state) return fail(Code::bad_data, "state: want the state of a reading");
  if (*state != scale::Reading::State::value) return Sample{.at = *at, .state = *state};
  const auto value = json::number_at(item, "value");
  if (!value || !std::isfinite(*value)) return fail(Code::bad_data, "value: want a number");
  return Sample{.at = *at, .value = *value};
}

}  // namespace

Result<Signal> read_range(std::string_view text, Series series, const SignalLimits& limits) {
  if (text.size() > limits.bytes_max)
    return fail(Code::exhausted, fmt::format("larger than {} bytes", limits.bytes_max));
  const auto body = json::parse(text);
  if (!body) return std::unexpected(with_line(text, body.error()));
  TRY(const json::Array* result, series_of(*body));
  if (result->size() > 1 && series == Series::one) {
    return fail(Code::invalid,
                fmt::format("data.result: {} series, want one: aggregate in the query, or add them "
                            "up with --sum; the first two are {} and {}",
                            result->size(), labels_of((*result)[0]), labels_of((*result)[1])));
  }
  std::vector<Raw> raw;
  for (std::size_t i = 0; i < result->size(); ++i) {
    auto appended = append_series((*result)[i], raw, limits);
    if (!appended) return fail(fmt::format("data.result[{}]", i), std::move(appended).error());
  }
  if (raw.empty()) return fail(Code::invalid, "data.result: holds no sample");
  return add_up(raw);
}

Result<Recorded> read_points(const json::Value& body, const SignalLimits& limits) {
  const json::Array* items = array_at(body, "items");
  if (items == nullptr) return fail(Code::bad_data, "items: want a list");
  Recorded out;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const json::Value& item = (*items)[i];
    auto sample = parse_point(item);
    if (!sample) return fail(fmt::format("items[{}]", i), std::move(sample).error());
    auto& samples = out.signal.samples;
    if (!samples.empty() && sample->at <= samples.back().at)
      return fail(Code::bad_data, fmt::format("items[{}].at: times must ascend", i));
    if (samples.size() == limits.samples_max)
      return fail(Code::exhausted, fmt::format("more than {} samples", limits.samples_max));
    if (samples.empty()) {
      const auto replicas = json::int_at(item, "replicas");
      if (replicas && std::in_range<scale::Replicas>(*replicas))
        out.replicas = static_cast<scale::Replicas>(std::max<std::int64_t>(*replicas, 0));
    }
    samples.push_back(*sample);
  }
  return out;
}

}  // namespace simulation
