#include "scale/hpa/reconcile.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "base/check.h"
#include "scale/hpa/normalize.h"

namespace scale::hpa {
namespace {

using enum Condition::Status;

constexpr std::string_view above_max_reason = "Current number of replicas above Spec.MaxReplicas";
constexpr std::string_view below_min_reason = "Current number of replicas below Spec.MinReplicas";

// The pass while it is being made.
class Making {
 public:
  Making(const PassInput& input, State state) : input_(input) { pass_.next = std::move(state); }

  Pass finish() { return std::move(pass_); }

  void no_scale(const ScaleError& error);
  void with_scale(Scale scale);

 private:
  Status& status() { return pass_.next.status; }
  History& history() { return pass_.next.history; }

  void set(const NewCondition& condition) {
    status().conditions = with(std::move(status().conditions), condition, input_.now);
  }
  void warn(std::string_view reason, std::string_view message) {
    pass_.events.push_back({Event::Type::warning, std::string(reason), std::string(message)});
  }
  void fail_with(ErrorKind kind, std::string text) {
    pass_.error = kind;
    pass_.error_text = std::move(text);
  }
  void pause(Scale scale);
  void move_to(Scale scale, Replicas replicas);
  void by_metrics(Scale scale);
  bool check_selector();
  void give_up(const Verdict& verdict);
  void follow(Scale scale, const Verdict& verdict);
  std::string reason_for(Scale scale, const Verdict& verdict) const;
  std::string winner_title(const Verdict& verdict) const;
  void found(const Verdict& verdict);

  const PassInput& input_;
  Pass pass_;
};

void Making::no_scale(const ScaleError& error) {
  const std::string message = fmt::format(
      "the HPA controller was unable to get the target's current scale: {}", error.what);
  set({condition::able_to_scale, no, "FailedGetScale", message});
  warn("FailedGetScale", error.what);
  fail_with(error.kind, message);
}

void Making::with_scale(Scale scale) {
  set({condition::able_to_scale, yes, "SucceededGetScale",
       "the HPA controller was able to get the target's current scale"});
  if (!history().recommendations) {
    history().recommendations = Recommendations{{input_.now, scale.spec}};
  }
  const Route way = route(input_.spec, scale, status().conditions, input_.gates);
  if (way != Route::by_metrics) status().metrics.clear();
  status().current = scale.spec;
  switch (way) {
    case Route::paused:
      return pause(scale);
    case Route::above_max:
      pass_.reason = above_max_reason;
      return move_to(scale, input_.spec.max);
    case Route::below_min:
      pass_.reason = below_min_reason;
      return move_to(scale, min_replicas(input_.spec));
    case Route::by_metrics:
      return by_metrics(scale);
  }
}

void Making::pause(Scale scale) {
  set({condition::scaling_active, no, "ScalingDisabled",
       "scaling is disabled since the replica count of the target is zero"});
  status().conditions = while_paused(std::move(status().conditions), input_.gates);
  status().desired = scale.spec;
}

void Making::move_to(Scale scale, Replicas replicas) {
  if (replicas == scale.spec) {
    status().desired = scale.spec;
  } else {
    pass_.write = replicas;
  }
}

void Making::by_metrics(Scale scale) {
  if (!check_selector()) return;
  Verdict verdict = recommend({.spec = input_.spec,
                               .scale = scale,
                               .observed = input_.observed,
                               .config = input_.config,
                               .gates = input_.gates,
                               .now = input_.now},
                              std::move(status().metrics));
  status().metrics = std::move(verdict.statuses);
  pass_.events = std::move(verdict.events);
  if (verdict.usable) return follow(scale, verdict);
  give_up(verdict);
}

struct SelectorProblem {
  PodSelector::State state;
  std::string_view event, reason, text;
};
constexpr SelectorProblem selector_problems[] = {
    {PodSelector::State::missing, "SelectorRequired", "InvalidSelector",
     "the HPA target's scale is missing a selector"},
    {PodSelector::State::unparsable, "InvalidSelector", "InvalidSelector",
     "the HPA target's scale has a selector that cannot be parsed"},
    {PodSelector::State::ambiguous, "AmbiguousSelector", "AmbiguousSelector",
     "the pods of the HPA target's selector are controlled by several HPAs"},
};

bool Making::check_selector() {
  const PodSelector& selector = input_.selector;
  for (const SelectorProblem& row : selector_problems) {
    if (row.state != selector.state) continue;
    const std::string message = selector.detail.empty()
                                    ? std::string(row.text)
                                    : fmt::format("{}: {}", row.text, selector.detail);
    status().metrics.clear();
    warn(row.event, message);
    set({condition::scaling_active, no, row.reason, message});
    warn("FailedComputeMetricsReplicas", message);
    fail_with(ErrorKind::internal, message);
    return false;
  }
  return true;
}

void Making::give_up(const Verdict& verdict) {
  if (!verdict.first_failure) {
    const std::string_view message = "the specification has no metrics";
    warn("FailedComputeMetricsReplicas", message);
    return fail_with(ErrorKind::internal, std::string(message));
  }
  const auto& [metric, failure] = *verdict.first_failure;
  const std::string_view reason = row_of(input_.spec.metrics[metric].type).failure;
  set({condition::scaling_active, no, reason,
       fmt::format("the HPA was unable to compute the replica count: {}", failure.what)});
  std::string message = fmt::format("invalid metrics ({} invalid out of {}), first error is: {}",
                                    verdict.failures, input_.spec.metrics.size(), failure.what);
  warn("FailedComputeMetricsReplicas", message);
  fail_with(kind_of(failure), std::move(message));
}

void Making::follow(Scale scale, const Verdict& verdict) {
  if (verdict.first_failure) {
    fail_with(kind_of(verdict.first_failure->failure), verdict.first_failure->failure.what);
  }
  found(verdict);
  const bool lifts = scale.spec == 0 && is_lifted(input_.spec, status().conditions, input_.gates);
  const Move move{.current = scale.spec, .desired = verdict.replicas};
  Normalized normal = normalize(input_.spec, move, input_.config, std::move(history()), input_.now);
  history() = std::move(normal.history);
  set(normal.able);
  set(normal.limited);
  const Replicas min = min_replicas(input_.spec);
  const bool lifted = lifts && normal.replicas < min;
  const Replicas wanted = lifted ? min : normal.replicas;
  if (wanted != scale.spec) pass_.reason = reason_for(scale, verdict);
  if (lifted && pass_.reason.empty()) pass_.reason = below_min_reason;
  move_to(scale, wanted);
}

std::string Making::reason_for(Scale scale, const Verdict& verdict) const {
  if (verdict.replicas > scale.spec) {
    return winner_title(verdict) + " above target";
  }
  return verdict.replicas < scale.spec ? "All metrics below target" : "";
}

std::string Making::winner_title(const Verdict& verdict) const {
  const Metric& winner = input_.spec.metrics[*verdict.winner];
  return winner.title.empty() ? title_of(winner) : winner.title;
}

void Making::found(const Verdict& verdict) {
  const Metric& winner = input_.spec.metrics[*verdict.winner];
  fmt::memory_buffer message;  // on the stack unless a selector is very long
  fmt::format_to(std::back_inserter(message),
                 "the HPA was able to successfully calculate a replica count from {}",
                 winner.title.empty() ? std::string_view(winner_title(verdict)) : winner.title);
  set({condition::scaling_active, yes, "ValidMetricFound", {message.data(), message.size()}});
}

Pass write_failed(const PassInput& input, Pass pass, const std::string& error) {
  Status& status = pass.next.status;
  const std::string message =
      fmt::format("the HPA controller was unable to update the target scale: {}", error);
  status.conditions = with(std::move(status.conditions),
                           {condition::able_to_scale, no, "FailedUpdateScale", message}, input.now);
  pass.events.push_back(
      {Event::Type::warning, "FailedRescale",
       fmt::format("New size: {}; reason: {}; error: {}", *pass.write, pass.reason, error)});
  pass.error = ErrorKind::internal;
  pass.error_text = "failed to rescale: " + error;
  return pass;
}

ScaleEvents after_event(ScaleEvents events, const Behavior& behavior, Move move, Timestamp now) {
  const std::int64_t change = std::int64_t{move.desired} - move.current;
  const bool up = change > 0;
  auto& list = up ? events.up : events.down;
  const Duration longest = longest_period(up ? behavior.up : behavior.down);
  list = remember(std::move(list), to_replicas(up ? change : -change), longest, now);
  return events;
}

Pass write_done(const PassInput& input, Pass pass) {
  const Replicas from = input.scale->spec;
  const Replicas to = *pass.write;
  auto& [status, history] = pass.next;
  status.conditions =
      with(std::move(status.conditions),
           {condition::able_to_scale, yes, "SucceededRescale",
            fmt::format("the HPA controller was able to update the target scale to {}", to)},
           input.now);
  status.conditions = after_write(std::move(status.conditions), {.from = from, .to = to},
                                  input.spec, input.gates, input.now);
  status.last_scale_time = input.now;
  status.desired = to;
  pass.events.push_back({Event::Type::normal, "SuccessfulRescale",
                         fmt::format("New size: {}; reason: {}", to, pass.reason)});
  if (input.spec.behavior) {
    history.events =
        after_event(std::move(history.events), *input.spec.behavior, {from, to}, input.now);
  }
  return pass;
}

}  // namespace

Route route(const Spec& spec, Scale scale, const Conditions& stored, const Gates& gates) {
  if (scale.spec == 0 && !may_wake(spec, stored, gates)) return Route::paused;
  if (scale.spec > spec.max) return Route::above_max;
  if (scale.spec != 0 && scale.spec < min_replicas(spec)) return Route::below_min;
  return Route::by_metrics;
}

Pass reconcile(const PassInput& input, State state) {
  Making making(input, std::move(state));
  if (input.scale) {
    making.with_scale(*input.scale);
  } else {
    making.no_scale(input.scale.error());
  }
  Pass pass = making.finish();
  if (input.generation) pass.next.status.observed_generation = input.generation;
  return pass;
}

Pass written(const PassInput& input, Pass pass, WriteError error) {
  CHECK(pass.write.has_value());
  return error ? write_failed(input, std::move(pass), *error) : write_done(input, std::move(pass));
}

bool tries_again(WriteAnswer answer, int attempt) {
  return answer == WriteAnswer::conflict && attempt < write_attempts_max;
}

}  // namespace scale::hpa
