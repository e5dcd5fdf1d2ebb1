#pragma once

// The commands: each is a table row and a thin function that returns the exit status.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/destination.h"
#include "cli/exporter_variables.h"
#include "cli/settings.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cli {

// simulate
struct SimulateArguments {
  std::string object;                // "namespace/name"; empty: the only one
  std::vector<std::string> signals;  // "TRIGGER=FILE"
  bool sum = false;                  // several series of one file are added up
  std::string from;                  // "namespace/name" of a running one; empty: signals
  Duration since = std::chrono::hours(24);
  std::string engine;  // empty: the manifest's
  std::string output = "table";
  std::optional<std::int32_t> replicas;  // at the beginning
  std::optional<Duration> stale_after;   // none: as for each trigger
  Duration pod_start = std::chrono::seconds(30);
  Duration flap_window = std::chrono::minutes(10);
};

// check
struct CheckArguments {
  bool strict = false;  // warnings fail too
  std::string output = "text";
};

// What was typed, read and checked.
struct Arguments {
  Options options;                  // of commands that run a server
  std::vector<std::string> paths;   // standalone: manifests
  std::optional<Duration> run_for;  // demo: end by itself
  // "NAME=value", what every local workload finds: our PATH, HOME and LANG.
  std::vector<std::string> workload_env;
  DestinationOptions server{.address = "http://127.0.0.1:9090"};  // a running one, to ask
  std::string object;                                             // "namespace/name"
  std::string at;          // explain: a moment of the past; empty: now
  std::string expression;  // query
  std::string operation = "last_one";
  std::string window;
  bool json = false;

  // generate
  DestinationOptions target{.address = "127.0.0.1:4317"};
  ExporterVariables exporter;
  std::string protocol = "grpc";
  std::string shape = "single";
  std::string metric = "queue_depth";
  std::string metric_kind = "gauge";
  std::vector<std::string> attributes;  // key=value
  std::string profile = "sine";
  double low = 0;
  double high = 100;
  Duration period = std::chrono::seconds(60);
  Duration interval = std::chrono::seconds(1);
  Duration duration{};           // 0: until interrupted
  std::int64_t requests = 0;     // 0: no bound
  std::int64_t connections = 0;  // 0: the shape's own number
  std::int64_t senders = 1;      // that take turns on each connection

  SimulateArguments simulate;
  CheckArguments check;
};

// Which options a command takes.
enum class Group : std::uint8_t { server, remote, load, simulate, check };

struct Command {
  std::string_view name;
  std::string_view summary;
  Group group;
  std::string_view positional;  // "", "PATH...", "NS/NAME", "EXPR"
  int (*run)(const Arguments&);
};

int run_standalone(const Arguments& arguments);
int run_scaler(const Arguments& arguments);
int run_demo(const Arguments& arguments);
int run_generate(const Arguments& arguments);
int run_get(const Arguments& arguments);
int run_explain(const Arguments& arguments);
int run_top(const Arguments& arguments);
int run_query(const Arguments& arguments);
int run_simulate(const Arguments& arguments);
int run_check(const Arguments& arguments);

// The options of the commands that have many.
void declare_simulate(CLI::App& app, Arguments& arguments);
void declare_check(CLI::App& app, Arguments& arguments);

// An option that is a duration such as "30s".
CLI::Option* duration_option(CLI::App& app, const std::string& name, Duration& target,
                             const std::string& help);
CLI::Option* duration_option(CLI::App& app, const std::string& name,
                             std::optional<Duration>& target, const std::string& help);

// Parses the command line and runs one command. Returns the exit status: 0 fine, 1 failed, 2 wrong
// usage.
int run(std::span<const char* const> arguments, const Environment& environment);

}  // namespace cli
