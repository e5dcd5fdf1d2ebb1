// `tidewheel simulate`: what a ScaledObject would have done over recorded signals.

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/command.h"
#include "cli/signals.h"
#include "cli/simulation_report.h"
#include "control/plan.h"
#include "kube/manifest.h"
#include "kube/types.h"

namespace cli {
namespace {

constexpr std::string_view example =
    "Example: what these rules would have made of yesterday's queue\n"
    "  tidewheel simulate queue.yaml --signal queue=yesterday.csv\n"
    "and of what a running Tidewheel recorded\n"
    "  tidewheel simulate queue.yaml --from default/queue-worker --since 24h\n"
    "A CSV has a time (RFC 3339, Unix seconds, or offsets such as 15s) and a value in each line; "
    "JSON is\n"
    "the answer of Prometheus' /api/v1/query_range. A flap is a change against the one before it, "
    "within\n"
    "--flap-window of it.";

// Points are recorded every 15 s: what is silent for four of them was not recorded.
constexpr Duration recorded_stale_after = std::chrono::minutes(1);

struct Output {
  std::string_view name;
  std::string (*print)(const Simulated&);
};
constexpr std::array outputs = {Output{"csv", simulation_csv}, Output{"json", simulation_json},
                                Output{"table", simulation_table}};

// What is simulated.
struct Subject {
  kube::Key key;
  kube::ScaledObject object;
  control::Plan plan;
  std::optional<scale::Replicas> replicas;  // of its Deployment, where a manifest states it
};

void print_error(std::string_view line) {
  fmt::print(stderr, "tidewheel: {}\n", line);
}

Error problems_of(const std::vector<std::string>& lines) {
  return {Code::invalid, fmt::format("{}", fmt::join(lines, "\ntidewheel: "))};
}

Result<const kube::Manifest*> choose(const kube::Manifests& manifests, const std::string& object) {
  std::vector<const kube::Manifest*> all;
  std::string names;
  for (const kube::Manifest& manifest : manifests.objects) {
    if (manifest.resource != kube::scaled_objects) continue;
    all.push_back(&manifest);
    names += (names.empty() ? "" : ", ") + to_string(manifest.key);
  }
  if (all.empty()) return fail(Code::invalid, "the manifests hold no ScaledObject");
  if (object.empty() && all.size() == 1) return all.front();
  if (object.empty())
    return fail(Code::invalid, "several ScaledObjects, choose one with --object: " + names);
  const std::string wanted = object.contains('/') ? object : "default/" + object;
  const auto found = std::ranges::find_if(
      all, [&](const kube::Manifest* one) { return to_string(one->key) == wanted; });
  if (found == all.end())
    return fail(Code::not_found, fmt::format("no ScaledObject {}, only {}", wanted, names));
  return *found;
}

// spec.replicas of the Deployment that is scaled; 1 where it states none, as the API defaults it.
std::optional<scale::Replicas> stated_replicas(const kube::Manifests& manifests,
                                               const kube::Key& target) {
  for (const kube::Manifest& manifest : manifests.objects) {
    if (manifest.resource != kube::deployments || manifest.key != target) continue;
    const json::Value* spec = json::find(manifest.object, "spec");
    return static_cast<scale::Replicas>(json::int_at(*spec, "replicas").value_or(1));
  }
  return std::nullopt;
}

Result<Subject> read_subject(const Arguments& arguments) {
  const std::vector<std::filesystem::path> paths(arguments.paths.begin(), arguments.paths.end());
  const kube::Manifests manifests = kube::read_manifests(paths);
  std::vector<std::string> problems;
  for (const auto& problem : manifests.problems) problems.push_back(to_string(problem));
  if (!problems.empty()) return std::unexpected(problems_of(problems));
  TRY(const kube::Manifest* manifest, choose(manifests, arguments.simulate.object));
  TRY(kube::ScaledObject object, kube::scaled_object_from_json(manifest->object));
  auto compiled = control::compile(object, {arguments.options.own_scaler_addresses, "direct"});
  for (const auto& problem : compiled.problems)
    problems.push_back(to_string(kube::problem_at(*manifest, problem)));
  if (!compiled.plan) return std::unexpected(problems_of(problems));
  const auto replicas = stated_replicas(manifests, compiled.plan->target);
  return Subject{manifest->key, std::move(object), *std::move(compiled.plan), replicas};
}

Result<Signals> find_signals(const Arguments& arguments, const control::Plan& plan) {
  const SimulateArguments& stated = arguments.simulate;
  if (!stated.from.empty()) return fetch_signals(arguments.server, stated.from, stated.since, plan);
  return read_signals(stated.signals, plan,
                      stated.sum ? simulation::Series::sum : simulation::Series::one);
}

Duration stale_after(const Arguments& arguments, const control::Plan& plan, std::size_t trigger) {
  const SimulateArguments& stated = arguments.simulate;
  if (stated.stale_after) return *stated.stale_after;
  if (!stated.from.empty()) return recorded_stale_after;
  return plan.triggers[trigger].question.window.value_or(arguments.options.retention);
}

simulation::Engine engine_of(const Arguments& arguments, const control::Plan& plan) {
  const std::string& stated = arguments.simulate.engine;
  const bool hpa = (stated.empty() ? plan.engine : stated) == "hpa";
  return hpa ? simulation::Engine::hpa : simulation::Engine::direct;
}

scale::Replicas resting(const scale::Spec& spec) {
  return spec.idle.value_or(spec.min);
}

simulation::Scenario scenario_of(const Arguments& arguments, const Subject& subject,
                                 Signals signals) {
  const SimulateArguments& stated = arguments.simulate;
  const auto known = stated.replicas    ? stated.replicas
                     : signals.replicas ? signals.replicas
                                        : subject.replicas;
  simulation::Scenario scenario{.spec = subject.plan.spec,
                                .replicas = known.value_or(resting(subject.plan.spec)),
                                .pod_start = stated.pod_start,
                                .flap_window = stated.flap_window,
                                .engine = engine_of(arguments, subject.plan),
                                .polling = subject.object.spec.polling(),
                                .keep_points = stated.output == "csv"};
  for (std::size_t i = 0; i < signals.of.size(); ++i)
    scenario.inputs.push_back({.signal = std::move(signals.of[i]),
                               .stale_after = stale_after(arguments, subject.plan, i)});
  return scenario;
}

Result<Simulated> simulated(const Arguments& arguments) {
  TRY(const Subject subject, read_subject(arguments));
  TRY(Signals signals, find_signals(arguments, subject.plan));
  Simulated out{.object = to_string(subject.key),
                .scenario = scenario_of(arguments, subject, std::move(signals))};
  TRY(out.timeline, simulation::simulate(out.scenario));
  return out;
}

}  // namespace

void declare_simulate(CLI::App& app, Arguments& arguments) {
  SimulateArguments& stated = arguments.simulate;
  app.footer(std::string(example));
  app.add_option("paths", arguments.paths, "YAML files or folders with a ScaledObject")->required();
  app.add_option("--object", stated.object, "namespace/name, where there are several");
  auto* signal =
      app.add_option("--signal", stated.signals, "TRIGGER=FILE, once for each trigger; CSV or JSON")
          ->allow_extra_args(false);
  app.add_flag("--sum", stated.sum, "add up several series of one range query");
  app.add_option("--from", stated.from, "namespace/name: signals that a running Tidewheel recorded")
      ->excludes(signal);
  duration_option(app, "--since", stated.since, "with --from: how far back [24h]");
  declare_destination(app, "--server", arguments.server, "with --from: address of its REST API");
  app.add_option("--engine", stated.engine,
                 "direct: decides at every sample; hpa: at the HPA's 15 s ticks and KEDA's "
                 "pollingInterval [the manifest's, else direct]")
      ->check(CLI::IsMember({"direct", "hpa"}));
  app.add_option("--replicas", stated.replicas,
                 "at the beginning [as recorded; the Deployment's; idle or min]")
      ->check(CLI::NonNegativeNumber);
  duration_option(app, "--pod-start", stated.pod_start, "how long a pod takes to be ready [30s]");
  duration_option(app, "--stale-after", stated.stale_after,
                  "a sample older than this is no reading [the trigger's window, else 2m; 1m with "
                  "--from]");
  duration_option(app, "--flap-window", stated.flap_window,
                  "a change back within this time is a flap [10m]");
  app.add_option("--output", stated.output, "table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
}

int run_simulate(const Arguments& arguments) {
  const auto result = simulated(arguments);
  if (!result) {
    print_error(result.error().what);
    return 1;
  }
  const auto output = std::ranges::find(outputs, arguments.simulate.output, &Output::name);
  fmt::print("{}", output->print(*result));
  return 0;
}

}  // namespace cli
