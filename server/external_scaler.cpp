#include "server/external_scaler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "server/metrics.h"

namespace server {
namespace {

namespace otel = scalers::kedify_otel;

// A coroutine of its own, so that no lambda's captures can die before it.
Task<Result<std::string>> ready(Result<std::string> answer) {
  co_return answer;
}

Error unavailable(const otel::Params& params, const scale::Reading& reading) {
  const std::string query = tsdb::to_string(params.question.query);
  switch (reading.state) {
    case scale::Reading::State::stale:
      return {Code::unavailable, "metricQuery " + query +
                                     ": the newest sample is older than the window (" +
                                     base::format_time(reading.newest) + ")"};
    case scale::Reading::State::not_a_number:
      return {Code::unavailable, "metricQuery " + query + ": the result is not a number"};
    default:
      return {Code::unavailable, "metricQuery " + query + ": no series matches"};
  }
}

// Indexed by the enumerator.
constexpr std::array<std::string_view, 5> aggregation_names = {"sum", "avg", "min", "max", "count"};
constexpr std::array<std::string_view, 4> match_signs = {":", "!=", "=~", "!~"};

std::string aggregation_name(const tsdb::MetricQuery& query) {
  return std::string(aggregation_names[static_cast<std::size_t>(query.aggregation)]);
}

// As otel-add-on prints the searched labels: "map[a:1 b:2]".
std::string label_text(const tsdb::MetricQuery& query) {
  std::vector<std::string> parts;
  for (const auto& matcher : query.matchers) {
    parts.push_back(fmt::format("{}{}{}", matcher.label,
                                match_signs[static_cast<std::size_t>(matcher.type)],
                                matcher.value));
  }
  std::ranges::sort(parts);
  return fmt::format("map[{}]", fmt::join(parts, " "));
}

}  // namespace

ExternalScaler::ExternalScaler(const tsdb::Store& store, const Clock& clock,
                               ExternalScalerOptions options, base::metrics::Registry* metrics)
    : store_(store), clock_(clock), options_(options), metrics_(metrics) {}

void ExternalScaler::add_to(net::grpc::Services& services) {
  const auto add = [&services](const char* method, auto answer) {
    services.add(std::string("/externalscaler.ExternalScaler/") + method,
                 net::grpc::Unary([answer](const net::grpc::Context&, const std::string& request) {
                   return ready(answer(request));
                 }));
  };
  add("IsActive", [this](std::string_view request) -> Result<std::string> {
    TRY(const auto object, decode_object(request));
    TRY(const bool active, is_active(object));
    return encode_active(active);
  });
  add("GetMetricSpec", [this](std::string_view request) -> Result<std::string> {
    TRY(const auto object, decode_object(request));
    TRY(const auto spec, metric_spec(object));
    return encode(spec);
  });
  add("GetMetrics", [this](std::string_view request) -> Result<std::string> {
    TRY(const auto asked, decode_metrics_request(request));
    TRY(const auto value, metric_value(asked));
    return encode(value);
  });
}

Result<bool> ExternalScaler::is_active(const ScaledObjectRef& object) {
  TRY(const auto params, otel::parse(object.metadata));
  TRY(const double value, evaluate(object, params));
  return value > params.activation;
}

Result<MetricSpec> ExternalScaler::metric_spec(const ScaledObjectRef& object) const {
  TRY(const auto params, otel::parse(object.metadata));
  if (!params.target) return fail(Code::invalid, "targetValue: missing");
  return MetricSpec{.metric_name = object.ns + "-" + object.name, .target = *params.target};
}

Result<MetricValue> ExternalScaler::metric_value(const MetricsRequest& request) {
  TRY(const auto params, otel::parse(request.object.metadata));
  TRY(const double value, evaluate(request.object, params));
  return MetricValue{.metric_name = request.metric_name, .value = value};
}

Result<double> ExternalScaler::evaluate(const ScaledObjectRef& object, const otel::Params& params) {
  const tsdb::Answer answer = store_.evaluate(params.question, clock_.now());
  const scale::Reading reading = otel::read(params, answer);
  Observed* const shown = observed(object, params);
  if (shown != nullptr) shown->reads->add();
  if (reading.state == scale::Reading::State::value) {
    if (shown != nullptr) shown->value->set(answer.value);
    if (shown != nullptr) shown->clamped->set(reading.value);
    return reading.value;
  }
  const bool substitute = reading.state == scale::Reading::State::absent &&
                          !options_.error_if_not_found && options_.value_if_not_found;
  if (!substitute) return std::unexpected(unavailable(params, reading));
  if (shown != nullptr) shown->value->set(*options_.value_if_not_found);
  return *options_.value_if_not_found;
}

// nullptr when metrics are off, or when so many questions are shown already that another would be
// unbounded growth.
ExternalScaler::Observed* ExternalScaler::observed(const ScaledObjectRef& object,
                                                   const otel::Params& params) {
  if (metrics_ == nullptr) return nullptr;
  const auto& question = params.question;
  ObservedKey key{object.ns, object.name, tsdb::to_string(question.query),
                  tsdb::to_string(question.operation)};
  if (const auto it = observed_.find(key); it != observed_.end()) return &it->second;
  if (observed_.size() >= options_.observed_max) return nullptr;
  base::metrics::Labels labels{{"name", question.query.metric},
                               {"labels", label_text(question.query)},
                               {"timeOp", std::string(tsdb::to_string(question.operation))},
                               {"aggregation", aggregation_name(question.query)}};
  base::metrics::Labels with_object = labels;
  with_object.emplace_back("scaledObject", object.name);
  with_object.emplace_back("namespace", object.ns);
  using namespace metric_names;
  Observed shown{
      .reads =
          &metrics_->counter(points_read.name, points_read.help, {{"name", question.query.metric}}),
      .value = &metrics_->gauge(metric_value_read.name, metric_value_read.help, std::move(labels)),
      .clamped = &metrics_->gauge(metric_value_clamped.name, metric_value_clamped.help,
                                  std::move(with_object)),
  };
  return &observed_.emplace(std::move(key), shown).first->second;
}

}  // namespace server
