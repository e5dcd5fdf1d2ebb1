#include "scale/testing/hpa_vector_parts.h"

#include <algorithm>
#include <array>
#include <bit>

namespace scale::testing {
namespace {

constexpr double day_s = 86400;

struct PhaseRow {
  std::string_view name;
  hpa::Phase phase;
};
constexpr PhaseRow phases[] = {{"Pending", hpa::Phase::pending},
                               {"Running", hpa::Phase::running},
                               {"Succeeded", hpa::Phase::succeeded},
                               {"Failed", hpa::Phase::failed},
                               {"Unknown", hpa::Phase::unknown}};

struct ReadyRow {
  std::string_view name;
  hpa::Readiness::Status status;
};
constexpr ReadyRow readies[] = {{"True", hpa::Readiness::Status::yes},
                                {"False", hpa::Readiness::Status::no},
                                {"Unknown", hpa::Readiness::Status::unknown}};

constexpr std::array<std::string_view, 10> codes = {
    "fetch",           "no-metrics",          "no-pods",           "no-usable-metrics",
    "missing-request", "container-not-found", "unmatched-metrics", "invalid-selector",
    "no-target",       "unknown-type"};

Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

std::string pod_name(const json::Value& pod, std::size_t index) {
  return text_or(pod, "name", "p" + std::to_string(index));
}

// A pod's containers as {name, requests, usage}: as listed, or the one the shorthand stands for.
json::Array containers_of(const json::Value& pod) {
  if (json::find(pod, "containers")) return list(pod, "containers");
  json::Object main{{"name", "main"}};
  for (const char* key : {"requests", "usage"}) {
    if (const json::Value* value = json::find(pod, key)) main[key] = *value;
  }
  return {main};
}

std::vector<hpa::Container> read_containers(const json::Array& containers) {
  std::vector<hpa::Container> out;
  for (const json::Value& container : containers) {
    out.push_back({.name = text_or(container, "name", "main"),
                   .requests = read_amounts(json::find(container, "requests")),
                   .restart_always = json::bool_at(container, "restartAlways").value_or(false)});
  }
  return out;
}

std::optional<hpa::Readiness> read_readiness(const json::Value& pod, Timestamp now) {
  if (is_null(pod, "ready")) return std::nullopt;
  const double start = json::number_at(pod, "startAgeSeconds").value_or(day_s);
  const std::string name = text_or(pod, "ready", "True");
  return hpa::Readiness{.status = std::ranges::find(readies, name, &ReadyRow::name)->status,
                        .since = aged(pod, "readyAgeSeconds", start, now)};
}

hpa::Pod read_pod(const json::Value& pod, std::size_t index, Timestamp now) {
  hpa::Pod out{.name = pod_name(pod, index),
               .deleted = json::bool_at(pod, "deleted").value_or(false),
               .ready = read_readiness(pod, now),
               .started = {},
               .containers = read_containers(containers_of(pod)),
               .init_containers = read_containers(list(pod, "initContainers")),
               .requests = read_amounts(json::find(pod, "podRequests"))};
  const std::string phase = text_or(pod, "phase", "Running");
  out.phase = std::ranges::find(phases, phase, &PhaseRow::name)->phase;
  if (!is_null(pod, "startAgeSeconds")) out.started = aged(pod, "startAgeSeconds", day_s, now);
  return out;
}

void add_usage(hpa::PodSample& sample, const json::Array& containers) {
  for (const json::Value& container : containers) {
    const json::Value* usage = json::find(container, "usage");
    if (!usage) continue;
    sample.containers.push_back({text_or(container, "name", "main"), read_amounts(usage)});
  }
}

hpa::PodSample empty_sample(const json::Value& pod, std::string name, Timestamp now) {
  return {.pod = std::move(name),
          .at = aged(pod, "sampleAgeSeconds", 0, now),
          .window = seconds_at(pod, "windowSeconds", 60),
          .containers = {}};
}

}  // namespace

Duration seconds_at(const json::Value& value, std::string_view key, double otherwise) {
  return from_seconds(json::number_at(value, key).value_or(otherwise));
}

Timestamp aged(const json::Value& value, std::string_view key, double otherwise, Timestamp now) {
  return now - seconds_at(value, key, otherwise);
}

std::int64_t int_or(const json::Value& value, std::string_view key, std::int64_t otherwise) {
  return json::int_at(value, key).value_or(otherwise);
}

std::int32_t int32_or(const json::Value& value, std::string_view key, std::int32_t otherwise) {
  return hpa::to_replicas(int_or(value, key, otherwise));
}

std::string text_or(const json::Value& value, std::string_view key, std::string_view otherwise) {
  return json::text_at(value, key).value_or(std::string(otherwise));
}

bool is_null(const json::Value& value, std::string_view key) {
  const json::Value* member = json::find(value, key);
  return member && member->is_null();
}

const json::Array& list(const json::Value& value, std::string_view key) {
  static const json::Array none;
  const json::Value* member = json::find(value, key);
  return member && member->is_array() ? member->get_array() : none;
}

hpa::Config read_config(const json::Value& vector) {
  const json::Value* in = json::find(vector, "config");
  if (!in) return {};
  return {.tolerance = json::number_at(*in, "tolerance").value_or(0.1),
          .cpu_initialization = seconds_at(*in, "cpuInitializationPeriodSeconds", 120),
          .initial_readiness_delay = seconds_at(*in, "initialReadinessDelaySeconds", 10),
          .downscale_stabilization = seconds_at(*in, "downscaleStabilizationSeconds", 300)};
}

hpa::Gates read_gates(const json::Value& vector) {
  const json::Value* in = json::find(vector, "gates");
  if (!in) return {};
  return {.zero_mode = text_or(*in, "zeroMode", "condition") == "classic"
                           ? hpa::ZeroMode::classic
                           : hpa::ZeroMode::condition,
          .scale_to_zero = json::bool_at(*in, "scaleToZero").value_or(true),
          .configurable_tolerance = json::bool_at(*in, "configurableTolerance").value_or(true),
          .pod_level_resources = json::bool_at(*in, "podLevelResources").value_or(true)};
}

hpa::Amounts read_amounts(const json::Value* value) {
  hpa::Amounts out;
  if (!value || !value->is_object()) return out;
  for (const auto& member : value->get_object()) {
    out.push_back({std::string(member.key()), int_or(*value, member.key(), 0)});
  }
  return out;
}

std::vector<hpa::Pod> read_pods(const json::Value& vector, Timestamp now) {
  std::vector<hpa::Pod> out;
  for (const json::Value& pod : list(vector, "pods")) {
    out.push_back(read_pod(pod, out.size(), now));
  }
  return out;
}

std::vector<hpa::PodSample> read_samples(const json::Value& vector, Timestamp now) {
  std::vector<hpa::PodSample> out;
  const json::Array& pods = list(vector, "pods");
  for (std::size_t i = 0; i < pods.size(); ++i) {
    hpa::PodSample sample = empty_sample(pods[i], pod_name(pods[i], i), now);
    add_usage(sample, containers_of(pods[i]));
    add_usage(sample, list(pods[i], "initContainers"));
    if (!sample.containers.empty()) out.push_back(std::move(sample));
  }
  for (const json::Value& orphan : list(vector, "orphanSamples")) {
    hpa::PodSample sample = empty_sample(orphan, text_or(orphan, "name", "orphan"), now);
    add_usage(sample, containers_of(orphan));
    out.push_back(std::move(sample));
  }
  return out;
}

std::vector<hpa::PodValue> read_pod_values(const json::Value& holder, const json::Value& vector) {
  std::vector<hpa::PodValue> out;
  const json::Array& values = list(holder, "podValues");
  const json::Array& pods = list(vector, "pods");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null()) continue;
    const json::Value pod = i < pods.size() ? pods[i] : json::Value(json::Object{});
    out.push_back({pod_name(pod, i), values[i].to_number<std::int64_t>()});
  }
  if (const json::Value* extra = json::find(holder, "extraPodValues")) {
    for (const hpa::Amount& amount : read_amounts(extra)) {
      out.push_back({amount.resource, amount.milli});
    }
  }
  return out;
}

hpa::Recommendations read_recommendations(const json::Value& history, Timestamp now) {
  hpa::Recommendations out;
  for (const json::Value& item : list(history, "recommendations")) {
    out.push_back({aged(item, "ageSeconds", 0, now), int32_or(item, "replicas", 0)});
  }
  return out;
}

std::vector<hpa::ScaleEvent> read_events(const json::Value& history, std::string_view key,
                                         Timestamp now) {
  std::vector<hpa::ScaleEvent> out;
  for (const json::Value& item : list(history, key)) {
    out.push_back({aged(item, "ageSeconds", 0, now), int32_or(item, "change", 0),
                   json::bool_at(item, "outdated").value_or(false)});
  }
  return out;
}

void Expect::note(std::string problem) {
  problems_.push_back(std::move(problem));
}

void Expect::differ(std::string_view key, const json::Value& want, const json::Value& got) {
  note(std::string(key) + ": want " + json::print(want) + ", got " + json::print(got));
}

void Expect::number(std::string_view key, std::int64_t got) {
  const json::Value* want = find(key);
  if (want && json::int_at(expect_, key) != got) differ(key, *want, got);
}

void Expect::text(std::string_view key, std::string_view got) {
  const json::Value* want = find(key);
  if (want && json::text_at(expect_, key) != got) differ(key, *want, json::Value(std::string(got)));
}

void Expect::truth(std::string_view key, bool got) {
  const json::Value* want = find(key);
  if (want && json::bool_at(expect_, key) != got) differ(key, *want, got);
}

void Expect::real(std::string_view key, double got) {
  const json::Value* want = find(key);
  if (!want) return;
  const auto number = json::number_at(expect_, key);
  if (!number || std::bit_cast<std::uint64_t>(*number) != std::bit_cast<std::uint64_t>(got)) {
    differ(key, *want, got);
  }
}

void Expect::numbers(std::string_view key, const std::vector<std::int32_t>& got) {
  const json::Value* want = find(key);
  if (!want) return;
  const json::Array have(got.begin(), got.end());
  if (*want != json::Value(have)) differ(key, *want, have);
}

void Expect::texts(std::string_view key, const std::vector<std::string>& got) {
  const json::Value* want = find(key);
  if (!want) return;
  const json::Array have(got.begin(), got.end());
  if (*want != json::Value(have)) differ(key, *want, have);
}

bool Expect::wants_error(const std::string* got) {
  const json::Value* want = find("error");
  if (!want) {
    if (got) note("failed: " + *got);
    return got != nullptr;
  }
  if (!got) {
    note("did not fail, want " + json::print(*want));
  } else if (want->is_string() && json::text_at(expect_, "error") != *got) {
    differ("error", *want, json::Value(*got));
  }
  return true;
}

std::string code_name(hpa::FailureCode code) {
  return std::string(codes[static_cast<std::size_t>(code)]);
}

}  // namespace scale::testing
