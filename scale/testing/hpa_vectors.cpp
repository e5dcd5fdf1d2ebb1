#include "scale/testing/hpa_vectors.h"

#include <algorithm>
#include <set>

#include "base/quantity.h"
#include "scale/hpa/defaults.h"
#include "scale/hpa/external_request.h"
#include "scale/hpa/pod_metrics.h"
#include "scale/hpa/spec_json.h"
#include "scale/hpa/validate.h"
#include "scale/testing/hpa_vector_parts.h"
#include "scale/testing/hpa_vector_passes.h"

namespace scale::testing {
namespace {

using hpa::MetricType;
using hpa::TargetType;

const json::Value none;

struct Calculation {
  std::string_view fn;
  MetricType type;
  TargetType target;
};
constexpr Calculation calculations[] = {
    {"resourceUtilization", MetricType::resource, TargetType::utilization},
    {"resourceRaw", MetricType::resource, TargetType::average_value},
    {"podsMetric", MetricType::pods, TargetType::average_value},
    {"objectValue", MetricType::object, TargetType::value},
    {"objectPerPod", MetricType::object, TargetType::average_value},
    {"externalValue", MetricType::external, TargetType::value},
    {"externalPerPod", MetricType::external, TargetType::average_value},
};

hpa::Metric metric_of(const json::Value& vector, const Calculation& row) {
  hpa::Metric metric{.type = row.type,
                     .name = text_or(vector, "resource", "cpu"),
                     .container = text_or(vector, "container", "")};
  if (!metric.container.empty()) metric.type = MetricType::container_resource;
  const std::int64_t target = int_or(vector, "target", 0);
  metric.target.type = row.target;
  if (row.target == TargetType::value) metric.target.value = target;
  if (row.target == TargetType::average_value) metric.target.average_value = target;
  if (row.target == TargetType::utilization) {
    metric.target.average_utilization = hpa::to_replicas(target);
  }
  return metric;
}

hpa::Reading reading_of(const json::Value& vector) {
  hpa::Reading reading{.error = {},
                       .pod_values = read_pod_values(vector, vector),
                       .value = int_or(vector, "value", 0),
                       .series = {}};
  for (const json::Value& value : list(vector, "values")) {
    reading.series.push_back(value.to_number<std::int64_t>());
  }
  return reading;
}

hpa::Tolerance tolerances_of(const json::Value& vector) {
  const json::Value* in = json::find(vector, "tolerances");
  if (!in) return {};
  return {.down = json::number_at(*in, "down").value_or(0.1),
          .up = json::number_at(*in, "up").value_or(0.1)};
}

Problems run_calc(const json::Value& vector) {
  const auto row = std::ranges::find(calculations, text_or(vector, "fn", ""), &Calculation::fn);
  if (row == std::end(calculations)) return {"unknown fn"};
  const hpa::Metric metric = metric_of(vector, *row);
  const hpa::Reading reading = reading_of(vector);
  const hpa::Observations observed{.pods = read_pods(vector, vector_now),
                                   .samples = read_samples(vector, vector_now),
                                   .readings = {}};
  const hpa::Config config = read_config(vector);
  const hpa::Gates gates = read_gates(vector);
  const hpa::Replicas current = int32_or(vector, "currentReplicas", 0);
  const auto got = hpa::evaluate({.metric = metric,
                                  .reading = reading,
                                  .observed = observed,
                                  .scale = {.spec = current, .status = current},
                                  .tolerance = tolerances_of(vector),
                                  .config = config,
                                  .gates = gates,
                                  .now = vector_now});
  Expect expect(vector.at("expect"));
  const std::string code = got ? "" : code_name(got.error().code);
  if (expect.wants_error(got ? nullptr : &code)) return expect.take();
  const hpa::MetricStatus& status = got->status;
  expect.number("replicas", got->proposal);
  expect.number("usage", row->target == TargetType::value ? status.value.value_or(-1)
                                                          : status.average_value.value_or(-1));
  expect.number("utilization", status.average_utilization.value_or(-1));
  expect.number("rawAverage", status.average_value.value_or(-1));
  return expect.take();
}

Problems run_per_pod_usage(const json::Value& vector) {
  Expect expect(vector.at("expect"));
  expect.number("perPod", hpa::average_per_replica(int_or(vector, "usage", 0),
                                                   int32_or(vector, "statusReplicas", 0)));
  return expect.take();
}

Problems run_plain_ratio(const json::Value& vector, const hpa::Amounts& figures) {
  hpa::Tally tally;
  for (const auto& figure : figures) {
    tally.usage = hpa::add(tally.usage, figure.milli);
    ++tally.count;
  }
  const hpa::Average got = hpa::average(tally, int_or(vector, "target", 0));
  Expect expect(vector.at("expect"));
  expect.real("ratio", got.ratio);
  expect.number("current", got.average);
  return expect.take();
}

Problems run_ratio(const json::Value& vector) {
  const hpa::Amounts figures = read_amounts(json::find(vector, "metrics"));
  if (text_or(vector, "fn", "") == "plain") return run_plain_ratio(vector, figures);
  const hpa::Amounts requests = read_amounts(json::find(vector, "requests"));
  hpa::Tally tally;
  for (const auto& figure : figures) {
    const auto request = hpa::amount_of(requests, figure.resource);
    if (!request) continue;
    tally = {.usage = hpa::add(tally.usage, figure.milli),
             .request = hpa::add(tally.request, *request),
             .count = tally.count + 1};
  }
  const auto got = hpa::utilization(tally, int32_or(vector, "target", 0));
  Expect expect(vector.at("expect"));
  const std::string code = got ? "" : code_name(got.error().code);
  if (expect.wants_error(got ? nullptr : &code)) return expect.take();
  expect.real("ratio", got->ratio);
  expect.number("current", got->percent);
  expect.number("rawAverage", got->average);
  return expect.take();
}

Problems run_group_pods(const json::Value& vector) {
  const auto pods = read_pods(vector, vector_now);
  const hpa::Config config = read_config(vector);
  const std::string resource = text_or(vector, "resource", "");
  const hpa::Grouping grouping{.resource = resource,
                               .cpu_initialization = config.cpu_initialization,
                               .initial_readiness_delay = config.initial_readiness_delay,
                               .now = vector_now};
  std::vector<std::string> members[4];
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const json::Value& pod = list(vector, "pods")[i];
    std::optional<hpa::Figure> figure;
    if (json::bool_at(pod, "sampled").value_or(false)) {
      figure = hpa::Figure{.value = 1,
                           .at = aged(pod, "sampleAgeSeconds", 0, vector_now),
                           .window = seconds_at(pod, "windowSeconds", 60)};
    }
    const hpa::Group group = hpa::group_of(pods[i], figure, grouping);
    members[static_cast<std::size_t>(group)].push_back(pods[i].name);
  }
  Expect expect(vector.at("expect"));
  expect.number("ready", std::ssize(members[0]));
  expect.texts("unready", members[1]);
  expect.texts("missing", members[2]);
  expect.texts("ignored", members[3]);
  return expect.take();
}

Problems run_requests(const json::Value& vector) {
  const std::string resource = text_or(vector, "resource", "cpu");
  const std::string container = text_or(vector, "container", "");
  const hpa::Requested requested{
      .resource = resource,
      .container = container,
      .honour_pod_requests = json::bool_at(vector, "podLevelResources").value_or(true)};
  json::Object requests;
  std::optional<std::string> code;
  for (const hpa::Pod& pod : read_pods(vector, vector_now)) {
    const auto request = hpa::request_of(pod, requested);
    if (request) requests[pod.name] = *request;
    if (!request && !code) code = code_name(request.error().code);
  }
  Expect expect(vector.at("expect"));
  if (expect.wants_error(code ? &*code : nullptr)) return expect.take();
  if (*expect.find("requests") != json::Value(requests)) {
    expect.note("requests: want " + json::print(*expect.find("requests")) + ", got " +
                json::print(requests));
  }
  return expect.take();
}

Result<hpa::Behavior> behavior_of(const json::Value& vector) {
  json::Object behavior;
  for (const char* direction : {"scaleUp", "scaleDown"}) {
    if (const json::Value* rules = json::find(vector, direction)) behavior[direction] = *rules;
  }
  return hpa::behavior_from_json(behavior);
}

const json::Value& history_of(const json::Value& vector) {
  const json::Value* history = json::find(vector, "history");
  return history ? *history : none;
}

hpa::ScaleEvents events_of(const json::Value& vector) {
  return {.up = read_events(history_of(vector), "scaleUpEvents", vector_now),
          .down = read_events(history_of(vector), "scaleDownEvents", vector_now)};
}

Problems run_limit(const json::Value& vector) {
  const auto behavior = behavior_of(vector);
  if (!behavior) return {behavior.error().what};
  const hpa::Move move{int32_or(vector, "current", 0), int32_or(vector, "desired", 0)};
  const hpa::Bounds bounds{int32_or(vector, "min", 0), int32_or(vector, "max", 0)};
  const hpa::Limited got = text_or(vector, "mode", "") == "plain"
                               ? hpa::limit_plain(move, bounds)
                               : hpa::limit(move, bounds, *behavior, events_of(vector), vector_now);
  Expect expect(vector.at("expect"));
  expect.number("replicas", got.replicas);
  expect.text("reason", hpa::to_string(got.reason));
  expect.truth("limited", got.replicas != move.desired);
  return expect.take();
}

Problems run_policy_limit(const json::Value& vector) {
  const bool up = text_or(vector, "direction", "up") == "up";
  const json::Value* rules = json::find(vector, "rules");
  const auto behavior = hpa::behavior_from_json(
      json::Object{{up ? "scaleUp" : "scaleDown", rules ? *rules : json::Value(json::Object{})}});
  if (!behavior) return {behavior.error().what};
  const hpa::Replicas current = int32_or(vector, "current", 0);
  const hpa::ScaleEvents events = events_of(vector);
  Expect expect(vector.at("expect"));
  expect.number("limit", up ? hpa::policy_limit_up(current, behavior->up, events, vector_now)
                            : hpa::policy_limit_down(current, behavior->down, events, vector_now));
  return expect.take();
}

Problems run_stabilize(const json::Value& vector) {
  const bool plain = text_or(vector, "mode", "") == "plain";
  const json::Value* in = json::find(vector, "windows");
  const json::Value& windows = in ? *in : none;
  const hpa::Windows both{.up = seconds_at(windows, "scaleUp", 0),
                          .down = seconds_at(windows, "scaleDown", 0)};
  const hpa::Move move{int32_or(vector, "current", 0), int32_or(vector, "desired", 0)};
  const auto log = read_recommendations(history_of(vector), vector_now);
  const hpa::Replicas got = plain ? hpa::stabilize_down(move.desired, log, both.down, vector_now)
                                  : hpa::stabilize(move, log, both, vector_now);
  const auto kept = hpa::remember(log, move.desired,
                                  plain ? both.down : std::max(both.up, both.down), vector_now);
  std::vector<hpa::Replicas> counts;
  for (const auto& entry : kept) counts.push_back(entry.replicas);
  Expect expect(vector.at("expect"));
  expect.number("replicas", got);
  expect.numbers("log", counts);
  // With a behaviour block the vectors give the reason that holding would have, held or not.
  const hpa::Held held = plain ? hpa::held_plain(move.desired, got) : hpa::direction(move);
  expect.text("reason", hpa::to_string(held));
  return expect.take();
}

Problems run_store_event(const json::Value& vector) {
  const bool up = text_or(vector, "direction", "up") == "up";
  std::vector<hpa::ScaleEvent> events = read_events(history_of(vector), "events", vector_now);
  Expect expect(vector.at("expect"));
  expect.number("changeInPeriod",
                hpa::changed_within(events, seconds_at(vector, "periodSeconds", 0), vector_now));
  if (const json::Value* rules = json::find(vector, "rules")) {
    const auto behavior =
        hpa::behavior_from_json(json::Object{{up ? "scaleUp" : "scaleDown", *rules}});
    if (!behavior) return {behavior.error().what};
    events = hpa::remember(std::move(events), int32_or(vector, "change", 0),
                           hpa::longest_period(up ? behavior->up : behavior->down), vector_now);
  }
  json::Array got;
  for (const auto& event : events) {
    got.push_back(json::Object{{"change", event.change}, {"outdated", event.outdated}});
  }
  if (const json::Value* want = expect.find("events"); want && *want != json::Value(got)) {
    expect.note("events: want " + json::print(*want) + ", got " + json::print(got));
  }
  return expect.take();
}

Problems run_status_quantity(const json::Value& vector) {
  Expect expect(vector.at("expect"));
  expect.text("quantity",
              hpa::status_quantity(text_or(vector, "resource", ""), int_or(vector, "rawMilli", 0)));
  return expect.take();
}

Problems run_defaults(const json::Value& vector) {
  const json::Value got = hpa::with_defaults(vector.at("spec"));
  const json::Value& want = vector.at("expect").at("spec");
  if (got == want) return {};
  return {"spec: want " + json::print(want) + ", got " + json::print(got)};
}

Problems run_validate(const json::Value& vector) {
  using Pairs = std::set<std::pair<std::string, std::string>>;
  const auto errors =
      hpa::validate(vector.at("spec"), json::find(vector, "oldSpec"), read_gates(vector));
  Pairs got, want;
  for (const auto& error : errors) got.emplace(error.path, hpa::to_string(error.type));
  for (const json::Value& pair : list(vector.at("expect"), "errors")) {
    want.emplace(pair.at(0).as_string(), pair.at(1).as_string());
  }
  Expect expect(vector.at("expect"));
  expect.truth("valid", errors.empty());
  for (const auto& [path, type] : want) {
    if (!got.contains({path, type})) expect.note("missing error " + path + " " + type);
  }
  for (const auto& [path, type] : got) {
    if (!want.contains({path, type})) expect.note("unwanted error " + path + " " + type);
  }
  return expect.take();
}

Problems run_quantity(const json::Value& vector) {
  const auto got = base::parse_quantity(text_or(vector, "text", ""));
  Expect expect(vector.at("expect"));
  const std::string what = got ? "" : got.error().what;
  if (expect.wants_error(got ? nullptr : &what)) return expect.take();
  expect.number("milli", got->milli());
  expect.text("canonical", got->text());
  return expect.take();
}

Problems run_external_request(const json::Value& vector) {
  std::optional<hpa::Selector> selector;
  const json::Value* given = json::find(vector, "selector");
  if (given && json::bool_at(vector, "selectorPresent").value_or(true)) {
    auto read = hpa::selector_from_json(*given);
    if (!read) return {read.error().what};
    selector = *std::move(read);
  }
  const auto got = hpa::external_request(text_or(vector, "namespace", ""),
                                         text_or(vector, "metricName", ""), selector);
  Expect expect(vector.at("expect"));
  const std::string code = code_name(hpa::FailureCode::invalid_selector);
  if (expect.wants_error(got ? nullptr : &code)) return expect.take();
  expect.text("path", got->path);
  expect.text("query", got->query);
  return expect.take();
}

struct Kind {
  std::string_view name;
  Problems (*run)(const json::Value& vector);
};
constexpr Kind kinds[] = {
    {"calc", run_calc},
    {"defaults", run_defaults},
    {"externalRequest", run_external_request},
    {"groupPods", run_group_pods},
    {"limit", run_limit},
    {"perPodUsage", run_per_pod_usage},
    {"policyLimit", run_policy_limit},
    {"quantity", run_quantity},
    {"ratio", run_ratio},
    {"reconcile", run_reconcile_vector},
    {"requests", run_requests},
    {"sequence", run_sequence_vector},
    {"stabilize", run_stabilize},
    {"statusQuantity", run_status_quantity},
    {"storeEvent", run_store_event},
    {"validate", run_validate},
};

Problems run_by_kind(const json::Value& vector) {
  const auto kind = std::ranges::find(kinds, text_or(vector, "kind", ""), &Kind::name);
  if (kind == std::end(kinds)) return {"unknown kind"};
  if (!json::find(vector, "expect")) return {"expect is missing"};
  try {
    return kind->run(vector);
  } catch (const std::exception& error) {  // of a JSON value that has another type than documented
    return {std::string("cannot be understood: ") + error.what()};
  }
}

// The file's settings with the vector's own on top.
json::Object merged(const json::Value* file, const json::Value* own) {
  json::Object out = file && file->is_object() ? file->get_object() : json::Object{};
  if (!own || !own->is_object()) return out;
  for (const auto& member : own->get_object()) out[member.key()] = member.value();
  return out;
}

}  // namespace

Result<std::vector<json::Value>> hpa_vectors(std::string_view file) {
  TRY(const json::Value root, json::parse(file));
  const json::Value* vectors = json::find(root, "vectors");
  if (!vectors || !vectors->is_array()) return fail(Code::invalid, "vectors: want a list");
  std::vector<json::Value> out;
  for (const json::Value& vector : vectors->get_array()) {
    if (!vector.is_object()) return fail(Code::invalid, "vectors: want a list of objects");
    json::Object full = vector.get_object();
    for (const char* key : {"config", "gates"}) {
      full[key] = merged(json::find(root, key), json::find(vector, key));
    }
    out.emplace_back(std::move(full));
  }
  return out;
}

VectorOutcome run_hpa_vector(const json::Value& vector) {
  return {.id = text_or(vector, "id", "(without id)"), .problems = run_by_kind(vector)};
}

}  // namespace scale::testing
