#include "server/metrics_endpoint.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/owned_series.h"
#include "server/info.h"
#include "server/metrics.h"

namespace server {
namespace {

using base::metrics::Labels;
using base::metrics::OwnedGauge;
using base::metrics::Registry;
using net::http::Response;

constexpr double none = std::numeric_limits<double>::quiet_NaN();
constexpr std::array states = {scale::Reading::State::value, scale::Reading::State::absent,
                               scale::Reading::State::stale, scale::Reading::State::error,
                               scale::Reading::State::not_a_number};

Labels object_labels(const kube::Key& key) {
  return {{"namespace", key.ns}, {"scaledObject", key.name}};
}

Labels with(Labels labels, std::string name, std::string_view value) {
  labels.emplace_back(std::move(name), std::string(value));
  return labels;
}

OwnedGauge owned(Registry& registry, metric_names::Name name, Labels labels) {
  return {registry, name.name, name.help, std::move(labels)};
}

struct TriggerSeries {
  TriggerSeries(Registry& registry, const Labels& labels)
      : value(owned(registry, metric_names::trigger_value, labels)),
        target(owned(registry, metric_names::trigger_target, labels)),
        active(owned(registry, metric_names::trigger_active, labels)) {
    for (const auto state : states) {
      by_state.push_back(owned(registry, metric_names::trigger_state,
                               with(labels, "state", scale::to_string(state))));
    }
  }

  void set(const control::TriggerView& trigger) {
    const auto state = trigger.reading.state;
    for (std::size_t i = 0; i < states.size(); ++i) by_state[i]->set(states[i] == state ? 1 : 0);
    value->set(state == scale::Reading::State::value ? trigger.reading.value : none);
    target->set(trigger.spec.target);
    active->set(trigger.active ? 1 : 0);
  }

  OwnedGauge value;
  OwnedGauge target;
  OwnedGauge active;
  std::vector<OwnedGauge> by_state;
};

Task<Response> answer(std::shared_ptr<BoardMetrics> board_metrics, const Registry& registry,
                      net::http::Request request) {
  if (request.path != "/metrics")
    co_return Response{.status = 404, .headers = {}, .body = "metrics are at /metrics\n"};
  if (request.method != "GET") co_return Response{.status = 405, .headers = {{"allow", "GET"}}};
  board_metrics->refresh();
  co_return Response{.headers = {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}},
                     .body = registry.render()};
}

}  // namespace

struct BoardMetrics::ObjectSeries {
  ObjectSeries(Registry& registry, const control::ObjectView& object)
      : names(trigger_names(object)),
        replicas(owned(registry, metric_names::object_replicas, object_labels(object.key))),
        ready(owned(registry, metric_names::object_ready, object_labels(object.key))),
        desired(owned(registry, metric_names::object_desired, object_labels(object.key))),
        problems(owned(registry, metric_names::object_problems, object_labels(object.key))) {
    for (const auto& name : names)
      triggers.emplace_back(registry, with(object_labels(object.key), "trigger", name));
  }

  // One name per trigger, made different where the manifest gave two the same: a series has one
  // owner.
  static std::vector<std::string> trigger_names(const control::ObjectView& object) {
    std::vector<std::string> names;
    for (const auto& trigger : object.triggers) {
      const bool taken = std::ranges::find(names, trigger.spec.name) != names.end();
      names.push_back(taken ? trigger.spec.name + "#" + std::to_string(names.size())
                            : trigger.spec.name);
    }
    return names;
  }

  void set(const control::ObjectView& object) {
    replicas->set(object.replicas ? *object.replicas : none);
    ready->set(object.ready_replicas);
    desired->set(object.desired);
    problems->set(static_cast<double>(object.problems.size()));
    for (std::size_t i = 0; i < triggers.size(); ++i) triggers[i].set(object.triggers[i]);
  }

  std::vector<std::string> names;
  OwnedGauge replicas;
  OwnedGauge ready;
  OwnedGauge desired;
  OwnedGauge problems;
  std::vector<TriggerSeries> triggers;
};

BoardMetrics::BoardMetrics(control::Board& board, base::metrics::Registry& registry)
    : board_(board),
      registry_(registry),
      listener_(board.listen([this](const control::BoardEvent& event) {
        if (event.type != control::BoardEvent::Type::decided) marked_.insert(event.key);
      })) {
  for (const auto& object : board.objects()) marked_.insert(object.key);
}

BoardMetrics::~BoardMetrics() {
  board_.unlisten(listener_);
}

void BoardMetrics::refresh() {
  for (const auto& key : std::exchange(marked_, {})) {
    const auto object = board_.object(key);
    auto it = series_.find(key);
    // Other triggers are other series: the old ones must be gone before their like are made anew.
    const bool outdated = it != series_.end() &&
                          (!object || it->second->names != ObjectSeries::trigger_names(*object));
    if (outdated) series_.erase(it);
    if (!object) continue;
    it = series_.find(key);
    if (it == series_.end())
      it = series_.emplace(key, std::make_unique<ObjectSeries>(registry_, *object)).first;
    it->second->set(*object);
  }
}

net::http::Handler make_metrics_endpoint(control::Board& board, base::metrics::Registry& registry,
                                         const Info& info) {
  registry
      .gauge(metric_names::runtime_info.name, metric_names::runtime_info.help, runtime_info(info))
      .set(1);
  auto board_metrics = std::make_shared<BoardMetrics>(board, registry);
  return [board_metrics, &registry](net::http::Request request) {
    return answer(board_metrics, registry, std::move(request));
  };
}

}  // namespace server
