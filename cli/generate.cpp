// `tidewheel generate`: OTLP traffic of a stated shape, and a report of how it went.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <optional>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "json/json.h"
#include "otlp/generator.h"

namespace cli {
namespace {

template <class T>
struct Choice {
  std::string_view name;
  T value;
};

constexpr std::array protocols = {Choice{"grpc", otlp::Protocol::grpc},
                                  Choice{"http", otlp::Protocol::http}};
constexpr std::array shapes = {Choice{"bulk", otlp::LoadShape::bulk},
                               Choice{"single", otlp::LoadShape::single},
                               Choice{"small", otlp::LoadShape::small}};
constexpr std::array kinds = {Choice{"gauge", tsdb::Kind::gauge}, Choice{"sum", tsdb::Kind::sum}};
constexpr std::array profiles = {
    Choice{"constant", otlp::Profile::constant}, Choice{"ramp", otlp::Profile::ramp},
    Choice{"sine", otlp::Profile::sine}, Choice{"step", otlp::Profile::step}};
constexpr std::uint16_t otlp_port_default = 4317;

template <class T, std::size_t size>
Result<T> choose(const std::array<Choice<T>, size>& choices, std::string_view option,
                 const std::string& text) {
  std::string names;
  for (const auto& choice : choices) {
    if (choice.name == text) return choice.value;
    names += (names.empty() ? "" : ", ") + std::string(choice.name);
  }
  return fail(Code::invalid, fmt::format("--{}: \"{}\" is none of {}", option, text, names));
}

Result<std::vector<tsdb::Label>> read_attributes(const std::vector<std::string>& texts) {
  std::vector<tsdb::Label> labels;
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == text.npos || equals == 0) {
      return fail(Code::invalid, fmt::format("--attribute: \"{}\" is not key=value", text));
    }
    labels.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  return labels;
}

// What flags ask for wins over the variable.
Result<net::http::Headers> merged(net::http::Headers headers, const OptionText& variable) {
  TRY(const net::http::Headers others, parse_headers(variable));
  for (const auto& [name, value] : others.all()) {
    if (!headers.find(name)) headers.add(name, value);
  }
  return headers;
}

// What is out of range stays so.
int int_of(std::int64_t number) {
  using Limits = std::numeric_limits<int>;
  return static_cast<int>(std::clamp<std::int64_t>(number, Limits::min(), Limits::max()));
}

Result<otlp::GeneratorOptions> read_options(const Arguments& arguments) {
  otlp::GeneratorOptions options;
  const DestinationOptions to = completed(arguments.target, arguments.exporter);
  TRY(Destination target, open_destination(to, otlp_port_default));
  TRY(options.headers, merged(std::move(target.headers), arguments.exporter.headers));
  options.target = std::move(target.origin);
  TRY(options.protocol, choose(protocols, "protocol", arguments.protocol));
  TRY(options.shape, choose(shapes, "shape", arguments.shape));
  TRY(options.kind, choose(kinds, "kind", arguments.metric_kind));
  TRY(options.value.profile, choose(profiles, "profile", arguments.profile));
  TRY(options.attributes, read_attributes(arguments.attributes));
  options.metric = arguments.metric;
  options.value.min = arguments.low;
  options.value.max = arguments.high;
  options.value.period = arguments.period;
  if (options.shape == otlp::LoadShape::single) options.interval = arguments.interval;
  options.duration = arguments.duration;
  options.requests = static_cast<std::uint64_t>(arguments.requests);
  options.connections = int_of(arguments.connections);
  options.senders = int_of(arguments.senders);
  TRY_VOID(check(options));
  return options;
}

Task<void> run_generator(otlp::GeneratorOptions options, const Clock* clock,
                         std::optional<Result<otlp::GeneratorReport>>* report) {
  *report = co_await otlp::generate(std::move(options), *clock);
}

double milliseconds(Duration d) {
  return base::seconds(d) * 1e3;
}

std::string text_of(const otlp::GeneratorReport& r) {
  const double seconds = base::seconds(r.elapsed);
  std::string text = fmt::format(
      "{} requests, {} points, {} bytes in {:.2f} s: {:.0f} points/s\nlatency p50 {:.3f} ms, p99 "
      "{:.3f} ms\n",
      r.requests, r.points, r.bytes, seconds, static_cast<double>(r.points) / seconds,
      milliseconds(r.latency_p50), milliseconds(r.latency_p99));
  if (r.rejected > 0) text += fmt::format("{} points rejected\n", r.rejected);
  if (r.errors > 0) text += fmt::format("{} errors, the last: {}\n", r.errors, r.last_error);
  return text;
}

std::string failure(const Arguments& arguments, Error error) {
  return fmt::format("cannot send to {}: {}", arguments.target.address,
                     advised(std::move(error), arguments.target).what);
}

json::Value json_of(const otlp::GeneratorReport& r) {
  return json::Object{{"requests", r.requests},
                      {"points", r.points},
                      {"rejected", r.rejected},
                      {"bytes", r.bytes},
                      {"errors", r.errors},
                      {"lastError", r.last_error},
                      {"seconds", base::seconds(r.elapsed)},
                      {"latencyP50Seconds", base::seconds(r.latency_p50)},
                      {"latencyP99Seconds", base::seconds(r.latency_p99)}};
}

}  // namespace

int run_generate(const Arguments& arguments) {
  auto options = read_options(arguments);
  if (!options) {
    fmt::print(stderr, "tidewheel: {}\n", options.error().what);
    return 2;
  }
  const base::SystemClock clock;
  base::Loop loop;
  base::TaskGroup tasks(loop.executor(), Log::make(base::LogLevel::warn, base::LogFormat::text));
  std::optional<Result<otlp::GeneratorReport>> report;
  tasks.spawn(run_generator(std::move(*options), &clock, &report));
  const Interrupts interrupts(loop, [&tasks] { tasks.stop(); }, [] {});
  loop.run_until([&tasks] { return tasks.size() == 0; });
  if (!report || !*report) {
    fmt::print(stderr, "tidewheel: {}\n", report ? failure(arguments, report->error()) : "stopped");
    return 1;
  }
  fmt::print("{}", arguments.json ? json::print(json_of(**report)) + "\n" : text_of(**report));
  return (*report)->requests > 0 ? 0 : 1;
}

}  // namespace cli
