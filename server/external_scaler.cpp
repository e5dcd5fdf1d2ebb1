#include "server/external_scaler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "server/held_call.h"
#include "server/metrics.h"

namespace server {
namespace {

namespace otel = scalers::kedify_otel;

constexpr Duration repeat_interval_min = std::chrono::milliseconds(10);

// A coroutine of its own, so that no lambda's captures can die before it.
Task<Result<std::string>> ready(Result<std::string> answer) {
  co_return answer;
}

// StreamMetricSpec.
class SpecStream final : public HeldCall {
 public:
  using Answer = std::function<Result<std::string>(std::string_view request)>;
  SpecStream(net::grpc::Reply& reply, Answer answer)
      : HeldCall(reply), answer_(std::move(answer)) {}

 private:
  void open(std::string request) override {
    auto specs = std::exchange(answer_, {})(request);
    if (!specs) return reply().finish(std::unexpected(std::move(specs).error()));
    reply().send(std::move(*specs));
  }

  Answer answer_;
};

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

ExternalScaler::ExternalScaler(ExternalScalerParts parts, ExternalScalerOptions options)
    : parts_(std::move(parts)),
      options_(options),
      not_found_{options.error_if_not_found, options.value_if_not_found},
      questions_(parts_.store, parts_.clock, options.questions),
      streams_({.questions = questions_,
                .not_found = not_found_,
                .repeat_interval = std::max(options.repeat_interval, repeat_interval_min),
                .now = [this] { return parts_.clock.steady(); },
                .wake_at =
                    [this](Instant at) {
                      if (alarm_) alarm_->set(at);
                    }}) {
  if (parts_.executor) alarm_.emplace(parts_.executor, [this] { repeat_due(); });
}

void ExternalScaler::add_to(net::grpc::Services& services) {
  const auto name = [](const char* method) {
    return std::string("/externalscaler.ExternalScaler/") + method;
  };
  const auto add = [&](const char* method, auto answer) {
    services.add(name(method),
                 net::grpc::Unary([answer](const net::grpc::Context&, const std::string& request) {
                   return ready(answer(request));
                 }));
  };
  add("IsActive", [this](std::string_view request) -> Result<std::string> {
    TRY(const auto object, decode_object(request));
    TRY(const bool active, is_active(object));
    return encode_active(active);
  });
  add("GetMetrics", [this](std::string_view request) -> Result<std::string> {
    TRY(const auto asked, decode_metrics_request(request));
    TRY(const auto value, metric_value(asked));
    return encode(value);
  });
  const auto specs = [this](std::string_view request) -> Result<std::string> {
    TRY(const auto object, decode_object(request));
    TRY(const auto spec, metric_spec(object));
    return encode(spec);
  };
  add("GetMetricSpec", specs);
  services.add(name("StreamMetricSpec"),
               net::grpc::Conversing([specs](const net::grpc::Context&, net::grpc::Reply& reply) {
                 return std::make_unique<SpecStream>(reply, specs);
               }));
  const auto trigger = [this](std::string_view request) -> Result<ScalerTrigger> {
    TRY(const auto object, decode_object(request));
    return trigger_of(object);
  };
  services.add(
      name("StreamIsActive"),
      net::grpc::Conversing([this, trigger](const net::grpc::Context&, net::grpc::Reply& reply) {
        return streams_.open(reply, trigger);
      }));
}

Result<bool> ExternalScaler::is_active(const ScaledObjectRef& object) {
  TRY(const auto trigger, trigger_of(object));
  TRY(const double value, evaluate(object, trigger));
  return value > trigger.params.activation;
}

Result<MetricSpec> ExternalScaler::metric_spec(const ScaledObjectRef& object) {
  TRY(const auto trigger, trigger_of(object));
  if (!trigger.params.target) return fail(Code::invalid, "targetValue: missing");
  return MetricSpec{.metric_name = object.ns + "-" + object.name, .target = *trigger.params.target};
}

Result<MetricValue> ExternalScaler::metric_value(const MetricsRequest& request) {
  TRY(const auto trigger, trigger_of(request.object));
  TRY(const double value, evaluate(request.object, trigger));
  return MetricValue{.metric_name = request.metric_name, .value = value};
}

Result<ScalerTrigger> ExternalScaler::trigger_of(const ScaledObjectRef& object) {
  warn_of_unknown_keys(object);
  return parse_trigger(object.metadata);
}

void ExternalScaler::warn_of_unknown_keys(const ScaledObjectRef& object) {
  if (parts_.warnings == nullptr) return;
  const auto unknown = otel::unknown_keys(object.metadata);
  const auto added = parts_.warnings->add(object.ns, object.name, unknown, parts_.clock.now());
  if (added.empty()) return;
  parts_.log.warn("unknown trigger metadata", {{"namespace", object.ns},
                                               {"object", object.name},
                                               {"keys", fmt::format("{}", fmt::join(added, ","))}});
}

Result<double> ExternalScaler::evaluate(const ScaledObjectRef& object,
                                        const ScalerTrigger& trigger) {
  const Finding finding = questions_.ask(trigger.params.question);
  auto value = value_of(trigger, finding, not_found_);
  Observed* const shown = observed(object, trigger.params);
  if (shown == nullptr) return value;
  shown->reads->add();
  const bool fresh = finding.answer.state == tsdb::Answer::State::value;
  if (value) shown->value->set(fresh ? finding.answer.value : *value);
  if (value && fresh) shown->clamped->set(*value);
  return value;
}

// nullptr when metrics are off, or when so many questions are shown already that another would be
// unbounded growth.
ExternalScaler::Observed* ExternalScaler::observed(const ScaledObjectRef& object,
                                                   const otel::Params& params) {
  if (parts_.metrics == nullptr) return nullptr;
  const auto& question = params.question;
  ObservedKey key{object.ns, object.name, tsdb::to_string(question.query),
                  tsdb::to_string(question.operation)};
  if (const auto it = observed_.find(key); it != observed_.end()) return &it->second;
  if (observed_.size() >= options_.observed_max) return nullptr;
  const std::string name = tsdb::fold_name(question.query.metric);
  base::metrics::Labels labels{{"name", name},
                               {"labels", label_text(question.query)},
                               {"timeOp", std::string(tsdb::to_string(question.operation))},
                               {"aggregation", aggregation_name(question.query)}};
  base::metrics::Labels with_object = labels;
  with_object.emplace_back("scaledObject", object.name);
  with_object.emplace_back("namespace", object.ns);
  using namespace metric_names;
  Observed shown{
      .reads = &parts_.metrics->counter(points_read.name, points_read.help, {{"name", name}}),
      .value =
          &parts_.metrics->gauge(metric_value_read.name, metric_value_read.help, std::move(labels)),
      .clamped = &parts_.metrics->gauge(metric_value_clamped.name, metric_value_clamped.help,
                                        std::move(with_object)),
  };
  return &observed_.emplace(std::move(key), shown).first->second;
}

}  // namespace server
