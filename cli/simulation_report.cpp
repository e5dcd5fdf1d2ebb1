#include "cli/simulation_report.h"

#include <fmt/format.h>

#include <iterator>

#include "cli/table.h"
#include "json/json.h"
#include "scale/explain.h"
#include "scale/words.h"

namespace cli {
namespace {

using simulation::Load;
using simulation::Summary;

std::string_view name_of(simulation::Engine engine) {
  return engine == simulation::Engine::hpa ? "hpa" : "direct";
}

bool has_offsets(const Simulated& simulated) {
  return simulated.scenario.inputs.front().signal.offsets;
}

std::string clock_text(Duration since) {
  const auto s = std::chrono::duration_cast<std::chrono::seconds>(since).count();
  return fmt::format("+{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

std::string time_text(const Simulated& simulated, Timestamp at) {
  return has_offsets(simulated) ? clock_text(at - simulation::offset_origin)
                                : base::format_time(at);
}

std::string share_text(Duration part, const Summary& summary) {
  const double whole = base::seconds(summary.end - summary.start);
  return fmt::format("{:.2f}% of the time", whole > 0 ? 100 * base::seconds(part) / whole : 0.0);
}

std::string heading(const Simulated& simulated) {
  const Summary& summary = simulated.timeline.summary;
  return fmt::format("{}, engine {}: {} to {} ({}), decided {} times\n", simulated.object,
                     name_of(simulated.scenario.engine), time_text(simulated, summary.start),
                     time_text(simulated, summary.end),
                     base::format_duration(summary.end - summary.start), summary.decisions);
}

std::string changes_text(const Simulated& simulated) {
  const auto& changes = simulated.timeline.changes;
  const std::size_t count = simulated.timeline.summary.ups + simulated.timeline.summary.downs;
  if (count == 0) return "no change\n";
  std::vector<Row> rows = {{"TIME", "REPLICAS", "", "REASON"}};
  for (const auto& change : changes) {
    rows.push_back({time_text(simulated, change.at),
                    fmt::format("{} -> {}", change.from, change.to), change.flap ? "flap" : "",
                    change.reason});
  }
  std::string text = print_table(rows);
  if (count > changes.size())
    text += fmt::format("and {} more changes, counted below\n", count - changes.size());
  return text;
}

std::string load_text(const Load& load, const Summary& summary) {
  if (load.unmet_time == Duration{0}) return "none";
  return fmt::format("{} x seconds, {}, {} at worst", scale::number_text(load.unmet),
                     share_text(load.unmet_time, summary), scale::number_text(load.worst));
}

std::string summary_text(const Simulated& simulated) {
  const Summary& summary = simulated.timeline.summary;
  std::vector<Row> rows = {
      {"replicas",
       fmt::format("{} to {}, {:.2f} on average", summary.min, summary.max, summary.mean)},
      {"replica hours", fmt::format("{:.2f}", summary.replica_hours)},
      {"changes",
       fmt::format("{} ({} up, {} down)", summary.ups + summary.downs, summary.ups, summary.downs)},
      {"flaps", fmt::format("{} (back within {} of the change before)", summary.flaps,
                            base::format_duration(simulated.scenario.flap_window))},
  };
  const auto& triggers = simulated.scenario.spec.triggers;
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    const Load& load = summary.loads[i];
    rows.push_back({"unmet load", triggers[i].name + ": " + load_text(load, summary)});
    if (load.unknown_time > Duration{0})
      rows.push_back(
          {"no reading", triggers[i].name + ": " + share_text(load.unknown_time, summary)});
  }
  return print_table(rows);
}

json::Array changes_json(const simulation::Timeline& timeline) {
  json::Array array;
  for (const auto& change : timeline.changes) {
    array.push_back(json::Object{{"at", base::format_time_ns(change.at)},
                                 {"from", change.from},
                                 {"to", change.to},
                                 {"reason", change.reason},
                                 {"flap", change.flap}});
  }
  return array;
}

json::Array decisions_json(const Simulated& simulated) {
  json::Array array;
  for (const auto& run : simulated.timeline.decisions) {
    json::Value decision = scale::to_json(run.decision, simulated.scenario.spec);
    decision.get_object()["count"] = run.count;
    decision.get_object()["last"] = base::format_time_ns(run.last);
    array.push_back(std::move(decision));
  }
  return array;
}

json::Array loads_json(const Simulated& simulated) {
  json::Array array;
  const auto& triggers = simulated.scenario.spec.triggers;
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    const Load& load = simulated.timeline.summary.loads[i];
    array.push_back(json::Object{{"name", triggers[i].name},
                                 {"target", triggers[i].target},
                                 {"samples", simulated.scenario.inputs[i].signal.samples.size()},
                                 {"unmet", load.unmet},
                                 {"worst", load.worst},
                                 {"unmetSeconds", base::seconds(load.unmet_time)},
                                 {"unknownSeconds", base::seconds(load.unknown_time)}});
  }
  return array;
}

json::Object summary_json(const Simulated& simulated) {
  const Summary& summary = simulated.timeline.summary;
  return {{"seconds", base::seconds(summary.end - summary.start)},
          {"minReplicas", summary.min},
          {"maxReplicas", summary.max},
          {"meanReplicas", summary.mean},
          {"replicaHours", summary.replica_hours},
          {"ups", summary.ups},
          {"downs", summary.downs},
          {"flaps", summary.flaps},
          {"flapWindowSeconds", base::seconds(simulated.scenario.flap_window)},
          {"podStartSeconds", base::seconds(simulated.scenario.pod_start)},
          {"decisions", summary.decisions},
          {"triggers", loads_json(simulated)}};
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n") == text.npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

// As read_csv takes it again, exactly.
std::string csv_time(const Simulated& simulated, Timestamp at) {
  if (!has_offsets(simulated)) return base::format_time_ns(at);
  const auto ns = (at - simulation::offset_origin).count();
  return fmt::format("{}.{:09}s", ns / 1'000'000'000, ns % 1'000'000'000);
}

}  // namespace

std::string simulation_table(const Simulated& simulated) {
  return heading(simulated) + "\n" + changes_text(simulated) + "\n" + summary_text(simulated);
}

std::string simulation_json(const Simulated& simulated) {
  const Summary& summary = simulated.timeline.summary;
  const json::Object out{{"object", simulated.object},
                         {"engine", name_of(simulated.scenario.engine)},
                         {"start", base::format_time_ns(summary.start)},
                         {"end", base::format_time_ns(summary.end)},
                         {"offsets", has_offsets(simulated)},
                         {"changes", changes_json(simulated.timeline)},
                         {"decisions", decisions_json(simulated)},
                         {"summary", summary_json(simulated)}};
  return json::print_pretty(out) + "\n";
}

std::string simulation_csv(const Simulated& simulated) {
  std::string out = "time,replicas,ready";
  for (const auto& trigger : simulated.scenario.spec.triggers)
    out += "," + csv_cell(trigger.name) + "," + csv_cell(trigger.name + " state");
  out += '\n';
  for (const auto& point : simulated.timeline.points) {
    fmt::format_to(std::back_inserter(out), "{},{},{}", csv_time(simulated, point.at),
                   point.replicas, point.ready);
    for (const auto& read : point.readings) {
      const bool is_value = read.state == scale::Reading::State::value;
      fmt::format_to(std::back_inserter(out), ",{},{}",
                     is_value ? fmt::format("{}", read.value) : "", scale::to_string(read.state));
    }
    out += '\n';
  }
  return out;
}

}  // namespace cli
