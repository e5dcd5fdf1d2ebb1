#include "server/external_scaler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "server/held_call.h"

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

}  // namespace

ExternalScaler::ExternalScaler(ExternalScalerParts parts, ExternalScalerOptions options)
    : parts_(std::move(parts)),
      options_(options),
      not_found_{options.error_if_not_found, options.value_if_not_found},
      questions_(parts_.questions != nullptr
                     ? *parts_.questions
                     : own_questions_.emplace(parts_.store, parts_.clock, options.questions)),
      watches_(questions_, parts_.executor),
      streams_({.watches = watches_,
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
  parts_.store.want(trigger.params.question.query.metric, parts_.clock.now());
  TRY(const double target, otel::target_of(trigger.params));
  return MetricSpec{.metric_name = object.ns + "-" + object.name, .target = target};
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
  const tsdb::Question& question = trigger.params.question;
  const Finding finding = questions_.ask(question);
  auto value = value_of(trigger, finding, not_found_);
  if (parts_.reads == nullptr) return value;
  const bool fresh = finding.answer.state == tsdb::Answer::State::value;
  const std::optional<double> answered = value ? std::optional(*value) : std::nullopt;
  parts_.reads->read(question, finding.answer, value && fresh ? finding.answer.value : answered);
  parts_.reads->clamped({object.ns, object.name}, question, fresh ? answered : std::nullopt);
  return value;
}

}  // namespace server
