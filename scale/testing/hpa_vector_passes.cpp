#include "scale/testing/hpa_vector_passes.h"

#include <algorithm>
#include <array>

#include "base/quantity.h"
#include "scale/hpa/spec_json.h"

namespace scale::testing {
namespace {

constexpr std::array<std::string_view, 3> status_names = {"False", "True", "Unknown"};

std::string_view field_of_target(std::string_view type) {
  if (type == "Utilization") return "averageUtilization";
  return type == "Value" ? "value" : "averageValue";
}

json::Object target_of(const json::Value& metric) {
  const std::string type = text_or(metric, "targetType", "");
  json::Object target{{"type", type}};
  if (const json::Value* value = json::find(metric, "target")) {
    target[field_of_target(type)] = *value;
  }
  return target;
}

json::Object identity_of(const json::Value& metric) {
  json::Object identity{{"name", text_or(metric, "name", "")}};
  if (const json::Value* selector = json::find(metric, "metricSelector")) {
    identity["selector"] = *selector;
  }
  return identity;
}

json::Value metric_of(const json::Value& metric) {
  const std::string type = text_or(metric, "type", "");
  const std::string_view member = hpa::row_of(hpa::metric_type(type)).member;
  json::Object source{{"target", target_of(metric)}};
  if (type == "Resource" || type == "ContainerResource") {
    source["name"] = text_or(metric, "resource", "cpu");
    if (type == "ContainerResource") source["container"] = text_or(metric, "container", "");
  } else {
    source["metric"] = identity_of(metric);
  }
  if (type == "Object") {
    source["describedObject"] = json::Object{{"apiVersion", "apps/v1"},
                                             {"kind", text_or(metric, "objectKind", "Deployment")},
                                             {"name", "described"}};
  }
  json::Object out{{"type", type}};
  if (!member.empty()) out[member] = std::move(source);
  return out;
}

hpa::Reading reading_of(const json::Value& metric, const json::Value& vector) {
  hpa::Reading reading{.error = {},
                       .pod_values = read_pod_values(metric, vector),
                       .value = int_or(metric, "value", 0),
                       .series = {}};
  for (const json::Value& value : list(metric, "values")) {
    reading.series.push_back(value.to_number<std::int64_t>());
  }
  if (json::bool_at(metric, "fetchError").value_or(false)) reading.error = "the read failed";
  return reading;
}

hpa::Observations observations_of(const json::Value& vector, Timestamp now) {
  hpa::Observations out{
      .pods = read_pods(vector, now), .samples = read_samples(vector, now), .readings = {}};
  for (const json::Value& metric : list(vector, "metrics")) {
    out.readings.push_back(reading_of(metric, vector));
  }
  return out;
}

hpa::PodSelector selector_of(const json::Value& vector) {
  using enum hpa::PodSelector::State;
  const std::string state = text_or(vector, "selector", "ok");
  if (state == "missing") return {missing, ""};
  if (state == "unparsable") return {unparsable, "it is not a selector"};
  return {state == "ambiguous" ? ambiguous : usable, ""};
}

std::expected<hpa::Scale, hpa::ScaleError> scale_of(const json::Value& vector) {
  const std::string error = text_or(vector, "scaleGetError", "");
  if (!error.empty()) {
    const bool spec = error == "invalid-api-version";
    return std::unexpected(
        hpa::ScaleError{spec ? hpa::ErrorKind::spec : hpa::ErrorKind::internal, error});
  }
  return hpa::Scale{.spec = int32_or(vector, "specReplicas", 0),
                    .status = int32_or(vector, "statusReplicas", 0)};
}

hpa::Conditions conditions_of(const json::Value& vector, Timestamp now) {
  hpa::Conditions out;
  const json::Value* in = json::find(vector, "conditions");
  if (!in || !in->is_object()) return out;
  for (const auto& member : in->get_object()) {
    const json::Array& pair = member.value().get_array();
    const auto name = std::ranges::find(status_names, std::string_view(pair[0].get_string()));
    out.push_back({.type = member.key(),
                   .status = static_cast<hpa::Condition::Status>(name - status_names.begin()),
                   .reason = std::string(pair[1].get_string()),
                   .message = {},
                   .since = now});
  }
  return out;
}

// The object's stored state and the controller's history, as a vector begins.
hpa::State state_of(const json::Value& vector, Timestamp now) {
  hpa::State state;
  state.status.conditions = conditions_of(vector, now);
  state.status.desired = int32_or(vector, "statusDesired", int32_or(vector, "specReplicas", 0));
  const json::Value* history = json::find(vector, "history");
  if (!history) return state;
  if (json::find(*history, "recommendations")) {
    state.history.recommendations = read_recommendations(*history, now);
  }
  state.history.events = {.up = read_events(*history, "scaleUpEvents", now),
                          .down = read_events(*history, "scaleDownEvents", now)};
  return state;
}

struct Writes {
  int attempts = 0;
  hpa::WriteError error;
};

// The caller's loop around the scale subresource, with the vector's answers.
Writes write_scale(json::Array& answers) {
  Writes writes;
  while (true) {
    ++writes.attempts;
    std::string answer;
    if (!answers.empty()) {
      answer = std::string(answers.front().get_string());
      answers.erase(answers.begin());
    }
    writes.error = answer.empty() ? hpa::WriteError{} : hpa::WriteError{answer};
    const auto kind = answer.empty()         ? hpa::WriteAnswer::done
                      : answer == "conflict" ? hpa::WriteAnswer::conflict
                                             : hpa::WriteAnswer::failed;
    if (!hpa::tries_again(kind, writes.attempts)) return writes;
  }
}

struct Ran {
  hpa::Pass pass;
  Writes writes;
  std::optional<hpa::Replicas> scaled_to;
};

Ran run_pass(const json::Value& vector, const hpa::Spec& spec, hpa::State state,
             json::Array& answers, Timestamp now) {
  const hpa::Config config = read_config(vector);
  const hpa::Gates gates = read_gates(vector);
  const hpa::Observations observed = observations_of(vector, now);
  const hpa::PassInput input{.spec = spec,
                             .scale = scale_of(vector),
                             .selector = selector_of(vector),
                             .observed = observed,
                             .config = config,
                             .gates = gates,
                             .now = now,
                             .generation = {}};
  Ran ran{.pass = hpa::reconcile(input, std::move(state)), .writes = {}, .scaled_to = {}};
  if (!ran.pass.write) return ran;
  ran.writes = write_scale(answers);
  if (!ran.writes.error) ran.scaled_to = ran.pass.write;
  ran.pass = hpa::written(input, std::move(ran.pass), ran.writes.error);
  return ran;
}

void compare_conditions(Expect& expect, const hpa::Conditions& got, bool complete) {
  const json::Value* want = expect.find("conditions");
  if (!want) return;
  json::Object have;
  for (const hpa::Condition& condition : got) {
    have[condition.type] =
        json::Array{status_names[static_cast<std::size_t>(condition.status)], condition.reason};
  }
  for (const auto& member : want->get_object()) {
    const json::Value* one = have.if_contains(member.key());
    if (one ? *one == member.value() : member.value().is_null()) continue;
    expect.note("condition " + std::string(member.key()) + ": want " + json::print(member.value()) +
                ", got " + (one ? json::print(*one) : "none"));
  }
  for (const auto& member : have) {
    if (!complete || want->get_object().contains(member.key())) continue;
    expect.note("condition " + std::string(member.key()) + ": want none, got " +
                json::print(member.value()));
  }
}

// The reason inside the message of SuccessfulRescale; none without that event.
std::optional<std::string> rescale_reason(const std::vector<hpa::Event>& events) {
  constexpr std::string_view marker = "; reason: ";
  for (const hpa::Event& event : events) {
    const std::size_t at = event.message.find(marker);
    if (event.reason == "SuccessfulRescale") return event.message.substr(at + marker.size());
  }
  return std::nullopt;
}

bool same_amount(const json::Value& want, const std::optional<hpa::Milli>& got) {
  if (want.is_null() || !got) return want.is_null() && !got;
  if (const auto* text = want.if_string()) {
    const auto quantity = base::parse_quantity({text->data(), text->size()});
    return quantity && quantity->milli() == *got;
  }
  return want.is_int64() && want.get_int64() == *got;
}

json::Value text_of(const hpa::MetricStatus& status) {
  json::Object out{{"type", status.type ? hpa::row_of(*status.type).name : ""}};
  if (status.average_utilization) out["averageUtilization"] = *status.average_utilization;
  if (status.average_value) out["averageValue"] = *status.average_value;
  if (status.value) out["value"] = *status.value;
  return out;
}

bool same_status(const json::Value& want, const hpa::MetricStatus& got) {
  if (text_or(want, "type", "") != (got.type ? hpa::row_of(*got.type).name : "")) return false;
  const std::optional<hpa::Milli> utilization = got.average_utilization;
  const std::pair<const char*, const std::optional<hpa::Milli>*> fields[] = {
      {"averageUtilization", &utilization},
      {"averageValue", &got.average_value},
      {"value", &got.value}};
  return std::ranges::all_of(fields, [&](const auto& field) {
    const json::Value* value = json::find(want, field.first);
    return !value || same_amount(*value, *field.second);
  });
}

void compare_statuses(Expect& expect, const std::vector<hpa::MetricStatus>& got) {
  if (!expect.find("metricStatus")) return;
  const json::Array& want = expect.find("metricStatus")->get_array();
  json::Array have;
  for (const auto& status : got) have.push_back(text_of(status));
  if (!std::ranges::equal(want, got, same_status)) {
    expect.note("metricStatus: want " + json::print(want) + ", got " + json::print(have));
  }
}

void compare_utilization(Expect& expect, const hpa::Spec& spec,
                         const std::vector<hpa::MetricStatus>& got) {
  for (std::size_t i = 0; i < spec.metrics.size() && i < got.size(); ++i) {
    const bool cpu =
        spec.metrics[i].type == hpa::MetricType::resource && spec.metrics[i].name == "cpu";
    if (cpu) return expect.number("cpuUtilization", got[i].average_utilization.value_or(-1));
  }
  if (expect.find("cpuUtilization")) expect.note("cpuUtilization: there is none");
}

void compare(Expect& expect, const Ran& ran, const hpa::Spec& spec, bool complete) {
  const hpa::Status& status = ran.pass.next.status;
  expect.number("desired", status.desired);
  if (const json::Value* want = expect.find("scaleTo"); want && want->is_null()) {
    if (ran.scaled_to) expect.note("scaleTo: want null, got " + std::to_string(*ran.scaled_to));
  } else if (want && !ran.scaled_to) {
    expect.note("scaleTo: want " + json::print(*want) + ", got null");
  } else {
    expect.number("scaleTo", ran.scaled_to.value_or(0));
  }
  expect.text("error", hpa::to_string(ran.pass.error));
  compare_conditions(expect, status.conditions, complete);
  std::vector<std::string> reasons;
  for (const hpa::Event& event : ran.pass.events) reasons.push_back(event.reason);
  expect.texts("events", reasons);
  expect.text("rescaleReason", rescale_reason(ran.pass.events).value_or("(no rescale)"));
  compare_utilization(expect, spec, status.metrics);
  compare_statuses(expect, status.metrics);
  expect.number("scaleWrites", ran.writes.attempts);
  std::vector<hpa::Replicas> log;
  for (const auto& r : ran.pass.next.history.recommendations.value_or(hpa::Recommendations{})) {
    log.push_back(r.replicas);
  }
  expect.numbers("log", log);
}

// What a step of a sequence changes.
void apply_step(json::Object& vector, hpa::State& state, const json::Value& step, Timestamp now) {
  json::Object changed;
  if (const json::Value* set = json::find(step, "set")) changed = set->get_object();
  if (const json::Value* metrics = json::find(step, "metrics")) changed["metrics"] = *metrics;
  for (const auto& member : changed) vector[member.key()] = member.value();
  const hpa::State fresh = state_of(vector, now);
  if (changed.contains("conditions")) state.status.conditions = fresh.status.conditions;
  if (changed.contains("statusDesired")) state.status.desired = fresh.status.desired;
  if (changed.contains("history")) state.history = fresh.history;
}

}  // namespace

json::Value spec_of_vector(const json::Value& vector) {
  json::Object spec{
      {"scaleTargetRef",
       json::Object{{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "target"}}},
      {"maxReplicas", int_or(vector, "max", 1)}};
  if (const auto min = json::int_at(vector, "min")) spec["minReplicas"] = *min;
  json::Array metrics;
  for (const json::Value& metric : list(vector, "metrics")) metrics.push_back(metric_of(metric));
  spec["metrics"] = std::move(metrics);
  if (const json::Value* behavior = json::find(vector, "behavior")) spec["behavior"] = *behavior;
  return spec;
}

Problems run_reconcile_vector(const json::Value& vector) {
  const auto spec = hpa::spec_from_json(spec_of_vector(vector));
  if (!spec) return {spec.error().what};
  json::Array answers = list(vector, "scaleUpdateErrors");
  const Ran ran = run_pass(vector, *spec, state_of(vector, vector_now), answers, vector_now);
  Expect expect(vector.at("expect"));
  compare(expect, ran, *spec, true);
  return expect.take();
}

Problems run_sequence_vector(const json::Value& vector) {
  Problems problems;
  json::Value now_vector = vector;
  hpa::State state = state_of(vector, vector_now);
  json::Array answers = list(vector, "scaleUpdateErrors");
  for (const json::Value& step : list(vector, "steps")) {
    const Timestamp now = vector_now + seconds_at(step, "atSeconds", 0);
    json::Object& fields = now_vector.get_object();
    apply_step(fields, state, step, now);
    if (const json::Value* set = json::find(step, "set");
        set && set->as_object().contains("scaleUpdateErrors")) {
      answers = list(now_vector, "scaleUpdateErrors");
    }
    const auto spec = hpa::spec_from_json(spec_of_vector(now_vector));
    if (!spec) return {spec.error().what};
    Ran ran = run_pass(now_vector, *spec, std::move(state), answers, now);
    Expect expect(step.at("expect"));
    compare(expect, ran, *spec, false);
    for (const std::string& problem : expect.take()) {
      problems.push_back("at " + json::print(step.at("atSeconds")) + " s: " + problem);
    }
    state = std::move(ran.pass.next);
    if (ran.scaled_to) fields["specReplicas"] = fields["statusReplicas"] = *ran.scaled_to;
  }
  Expect steps(vector.at("expect"));
  steps.number("steps", std::ssize(list(vector, "steps")));
  for (std::string& problem : steps.take()) problems.push_back(std::move(problem));
  return problems;
}

}  // namespace scale::testing
