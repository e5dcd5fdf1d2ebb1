#include "cli/command.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <sys/resource.h>

#include <array>
#include <cstdio>

#include "cli/zap_flags.h"

namespace cli {
namespace {

constexpr std::array commands = {
    Command{"check", "every static rule of manifests, for people and for CI", Group::check,
            "PATH...", run_check},
    Command{"demo", "standalone with the quick-start manifests and generated traffic",
            Group::server, "", run_demo},
    Command{"explain", "why an object has the replicas it has, or had", Group::remote, "NS/NAME",
            run_explain},
    Command{"generate", "send OTLP metrics of a stated shape", Group::load, "", run_generate},
    Command{"get", "list objects with their signals and replicas", Group::remote, "[NS/NAME]",
            run_get},
    Command{"query", "evaluate a metricQuery in a running Tidewheel", Group::remote, "EXPR",
            run_query},
    Command{"scaler", "only the OTel external scaler, next to an existing KEDA", Group::server, "",
            run_scaler},
    Command{"simulate", "what a ScaledObject would have done over recorded signals",
            Group::simulate, "PATH...", run_simulate},
    Command{"standalone", "everything on one machine: workloads are local processes", Group::server,
            "PATH...", run_standalone},
    Command{"top", "objects and metrics by load", Group::remote, "", run_top},
};

constexpr std::string_view description =
    "Tidewheel turns signals into replica counts: OpenTelemetry metrics in, decisions within "
    "milliseconds,\n"
    "workloads on Kubernetes or on this machine scaled, and every change explained.";

constexpr int usage_status = 2;

// Reads a duration option; CLI11 turns the thrown text into its usage error.
template <class Target>
CLI::Option* add_duration(CLI::App& app, const std::string& name, Target& target,
                          const std::string& help) {
  return app.add_option_function<std::string>(
      name,
      [&target, name](const std::string& text) {
        const auto parsed = base::parse_duration(text);
        if (!parsed) throw CLI::ValidationError(name, parsed.error().what);
        target = *parsed;
      },
      help);
}

void declare_settings(CLI::App& app, Options& options) {
  for (const Setting& setting : settings()) {
    const std::string fallback = default_text(setting);
    std::string help(setting.help);
    if (!fallback.empty()) help += fmt::format(" [{}]", fallback);
    if (!setting.environment.empty()) help += fmt::format(" (env {})", setting.environment);
    CLI::Option* option = app.add_option_function<std::string>(
        fmt::format("--{}", setting.flag),
        [&options, &setting](const std::string& text) {
          const auto assigned = assign(options, setting, text);
          if (!assigned)
            throw CLI::ValidationError(fmt::format("--{}", setting.flag), assigned.error().what);
        },
        help);
    is_list(setting) ? option->join(',') : option->take_last();
  }
}

void declare_remote(CLI::App& app, const Command& command, Arguments& arguments) {
  declare_destination(app, "--server", arguments.server,
                      "address of a running Tidewheel's REST API; https:// for TLS");
  app.add_flag("--json", arguments.json, "print JSON");
  if (command.name == "explain") {
    app.add_option("object", arguments.object, "namespace/name of a ScaledObject")->required();
    app.add_option("--at", arguments.at,
                   "a moment of the past: 2026-11-25T03:12:00Z, 10m for ten minutes ago, or "
                   "@1764040320 [now]");
  } else if (command.name == "get") {
    app.add_option("object", arguments.object, "namespace/name of a ScaledObject");
  } else if (command.name == "query") {
    app.add_option("expression", arguments.expression,
                   "metricQuery, such as 'sum(queue_depth{queue=\"mail\"})'")
        ->required();
    app.add_option("--operation", arguments.operation, "last_one, min, max, avg, count or rate")
        ->capture_default_str();
    app.add_option("--window", arguments.window, "how far back to look [the retention]");
  }
}

void declare_generator(CLI::App& app, Arguments& arguments) {
  declare_destination(app, "--target", arguments.target,
                      "host:port that takes OTLP; https:// for TLS");
  app.add_option("--protocol", arguments.protocol, "grpc or http")->capture_default_str();
  app.add_option("--shape", arguments.shape, "single, bulk or small")->capture_default_str();
  app.add_option("--metric", arguments.metric, "single: the metric's name")->capture_default_str();
  app.add_option("--kind", arguments.metric_kind, "single: gauge or sum")->capture_default_str();
  app.add_option("--attribute", arguments.attributes, "single: key=value, may be repeated");
  app.add_option("--profile", arguments.profile, "single: constant, ramp, sine or step")
      ->capture_default_str();
  app.add_option("--low", arguments.low, "single: lowest value (a sum: lowest rate per second)")
      ->capture_default_str();
  app.add_option("--high", arguments.high, "single: highest value")->capture_default_str();
  duration_option(app, "--period", arguments.period, "single: length of one wave [1m]");
  duration_option(app, "--interval", arguments.interval, "single: time between exports [1s]");
  duration_option(app, "--duration", arguments.duration, "stop after so long [until interrupted]");
  app.add_option("--requests", arguments.requests, "stop after so many requests");
  app.add_option("--connections", arguments.connections,
                 "concurrent connections [small: 200, else 1]");
  app.add_option(
         "--senders", arguments.senders,
         "bulk, small: senders, each with series of its own, that take turns on each connection")
      ->capture_default_str();
  app.add_flag("--json", arguments.json, "print the report as JSON");
}

void declare(CLI::App& app, const Command& command, Arguments& arguments) {
  switch (command.group) {
    case Group::server:
      declare_settings(app, arguments.options);
      if (command.name == "scaler") declare_zap_flags(app, arguments.options);
      if (command.name == "standalone") {
        app.add_option("paths", arguments.paths, "YAML files or folders with manifests")
            ->required();
      }
      if (command.name == "demo") {
        duration_option(app, "--run-for", arguments.run_for,
                        "end by itself after so long (env RUN_FOR)");
      }
      break;
    case Group::remote:
      declare_remote(app, command, arguments);
      break;
    case Group::load:
      declare_generator(app, arguments);
      break;
    case Group::simulate:
      declare_simulate(app, arguments);
      break;
    case Group::check:
      declare_check(app, arguments);
      break;
  }
}

// Connections and pods take descriptors; what the system allows is there to be used.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<void> apply_environment(Arguments& arguments, const Environment& environment) {
  for (const char* name : {"PATH", "HOME", "LANG"}) {
    if (const auto value = environment(name))
      arguments.workload_env.push_back(fmt::format("{}={}", name, *value));
  }
  TRY_VOID(apply_environment(arguments.options, environment));
  if (const auto text = environment("RUN_FOR"); text && !text->empty()) {
    auto parsed = base::parse_duration(*text);
    if (!parsed) return fail("RUN_FOR", parsed.error());
    arguments.run_for = *parsed;
  }
  arguments.exporter = read_exporter_variables(environment);
  return {};
}

}  // namespace

CLI::Option* duration_option(CLI::App& app, const std::string& name, Duration& target,
                             const std::string& help) {
  return add_duration(app, name, target, help);
}

CLI::Option* duration_option(CLI::App& app, const std::string& name,
                             std::optional<Duration>& target, const std::string& help) {
  return add_duration(app, name, target, help);
}

int run(std::span<const char* const> raw, const Environment& environment) {
  Arguments arguments;
  const auto applied = apply_environment(arguments, environment);
  if (!applied) {
    fmt::print(stderr, "tidewheel: {}\n", applied.error().what);
    return usage_status;
  }
  CLI::App app{std::string(description), "tidewheel"};
  app.set_version_flag("--version", "tidewheel " TIDEWHEEL_VERSION);
  app.require_subcommand(1);
  const Command* chosen = nullptr;
  for (const Command& command : commands) {
    auto* sub = app.add_subcommand(std::string(command.name), std::string(command.summary));
    declare(*sub, command, arguments);
    sub->callback([&chosen, &command] { chosen = &command; });
  }
  try {
    app.parse(static_cast<int>(raw.size()), raw.data());
  } catch (const CLI::ParseError& error) {
    const int status = app.exit(error);
    return status == 0 ? 0 : usage_status;
  }
  if (chosen->group == Group::server || chosen->group == Group::load) raise_descriptor_limit();
  return chosen->run(arguments);
}

}  // namespace cli
