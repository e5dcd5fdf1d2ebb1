#include "scalers/kedify_otel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "scalers/number.h"

namespace scalers::kedify_otel {
namespace {

// The metadata, one member per key.
struct Fields {
  tsdb::MetricQuery query;
  tsdb::Operation operation = tsdb::Operation::last_one;
  std::optional<Duration> window;
  std::optional<double> target;
  double activation = 0;
  std::optional<double> clamp_min;
  std::optional<double> clamp_max;
};

Result<tsdb::Operation> parse_operation(std::string_view text) {
  return text.empty() ? tsdb::Operation::last_one : tsdb::parse_operation(text);
}

Result<double> parse_target(std::string_view text) {
  TRY(const double target, parse_finite_number(text));
  if (target <= 0) return fail(Code::invalid, fmt::format("\"{}\" is not above 0", text));
  return target;
}

Result<double> parse_clamp(std::string_view text) {
  TRY(const double clamp, parse_number(text));
  if (std::isnan(clamp)) return fail(Code::invalid, "NaN bounds nothing");
  return clamp;
}

Result<Duration> parse_window(std::string_view text) {
  TRY(const Duration window, base::parse_duration(text));
  if (window <= Duration{}) return fail(Code::invalid, fmt::format("\"{}\" is not above 0", text));
  if (window > window_max) {
    return fail(Code::invalid, fmt::format("\"{}\" is more than the {} that a window may span",
                                           text, base::format_duration(window_max)));
  }
  return window;
}

constexpr std::array table = {
    optional<&Fields::activation, parse_finite_number>(
        "activationTargetValue", "the trigger is active above this value; default 0"),
    ignored<Fields>("caCert", "read by KEDA: the authority that signed the scaler's certificate"),
    optional<&Fields::clamp_max, parse_clamp>("clampMax", "upper bound of the metric value"),
    optional<&Fields::clamp_min, parse_clamp>("clampMin", "lower bound of the metric value"),
    ignored<Fields>("enableTLS", "read by KEDA: whether it speaks TLS to the scaler"),
    required<&Fields::query, tsdb::parse_metric_query>(
        "metricQuery", "agg(name{label=value, ...}) with agg one of sum, avg, min, max, count"),
    optional<&Fields::operation, parse_operation>(
        "operationOverTime",
        "what becomes of the samples of a series: last_one (default), min, max, avg, count, rate"),
    ignored<Fields>("query", "refused: a PromQL expression; only metricQuery is offered"),
    ignored<Fields>("scalerAddress", "read by KEDA: where it finds the scaler"),
    optional<&Fields::target, parse_target>("targetValue",
                                            "what one replica carries; required of a trigger"),
    ignored<Fields>("tidewheel.dev/on-*", "what becomes of missing data"),
    ignored<Fields>("tlsClientCert", "read by KEDA: its client certificate"),
    ignored<Fields>("tlsClientKey", "read by KEDA: the key of its client certificate"),
    ignored<Fields>("unsafeSsl", "read by KEDA: whether it trusts any certificate"),
    optional<&Fields::window, parse_window>(
        "window", "how far back samples count, such as 5m; default: the store's retention"),
};
static_assert(is_sorted(table));

// Whether `text` matches `pattern`, where '*' stands for any text.
bool matches(std::string_view pattern, std::string_view text) {
  const std::size_t star = pattern.find('*');
  if (star == pattern.npos) return pattern == text;
  if (!text.starts_with(pattern.substr(0, star))) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  // Between two stars the first occurrence is as good as any later one.
  for (std::size_t next = pattern.find('*'); next != pattern.npos; next = pattern.find('*')) {
    const std::size_t at = text.find(pattern.substr(0, next));
    if (at == text.npos) return false;
    text.remove_prefix(at + next);
    pattern.remove_prefix(next + 1);
  }
  return text.ends_with(pattern);
}

}  // namespace

Result<Params> parse(const Metadata& metadata) {
  if (const auto promql = metadata.find("query");
      promql != metadata.end() && !promql->second.empty())
    return fail(Code::invalid, "query: PromQL is not offered, only metricQuery");
  TRY(Fields fields, read_parameters(table, metadata));
  if (fields.clamp_min && fields.clamp_max && *fields.clamp_min > *fields.clamp_max) {
    return fail(Code::invalid, fmt::format("clampMin {} is above clampMax {}", *fields.clamp_min,
                                           *fields.clamp_max));
  }
  return Params{
      .question = {std::move(fields.query), fields.operation, fields.window},
      .target = fields.target,
      .activation = fields.activation,
      .clamp_min = fields.clamp_min,
      .clamp_max = fields.clamp_max,
  };
}

Result<double> target_of(const Params& params) {
  if (params.target) return *params.target;
  return fail(Code::invalid, "missing targetValue");
}

std::vector<ParameterHelp> parameters() {
  return help_of(table);
}

std::vector<std::string> unknown_keys(const Metadata& metadata) {
  return scalers::unknown_keys(parameters(), metadata);
}

scale::Reading read(const Params& params, const tsdb::Answer& answer) {
  using enum scale::Reading::State;
  scale::Reading reading{.newest = answer.newest, .series = answer.series};
  switch (answer.state) {
    case tsdb::Answer::State::absent:
      reading.state = absent;
      return reading;
    case tsdb::Answer::State::stale:
      reading.state = stale;
      reading.ended = answer.ended;
      return reading;
    case tsdb::Answer::State::not_a_number:
      reading.state = not_a_number;
      return reading;
    case tsdb::Answer::State::value:
      break;
  }
  double clamped = answer.value;
  if (params.clamp_min) clamped = std::max(clamped, *params.clamp_min);
  if (params.clamp_max) clamped = std::min(clamped, *params.clamp_max);
  reading.state = std::isfinite(clamped) ? value : not_a_number;
  if (reading.state == value) reading.value = clamped;
  return reading;
}

bool serves(std::string_view type, const Metadata& metadata,
            std::span<const std::string> own_addresses) {
  if (type == "kedify-otel") return true;
  if (type != "external" && type != "external-push") return false;
  const auto address = metadata.find(std::string_view("scalerAddress"));
  if (address == metadata.end()) return false;
  return std::ranges::any_of(
      own_addresses, [&](const std::string& pattern) { return matches(pattern, address->second); });
}

}  // namespace scalers::kedify_otel
