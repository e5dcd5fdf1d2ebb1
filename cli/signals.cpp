#include "cli/signals.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "cli/rest_client.h"
#include "scalers/kedify_otel.h"
#include "simulation/csv_signal.h"

namespace cli {
namespace {

struct Stated {
  std::size_t trigger = 0;
  std::string file;
};

std::string names_of(const control::Plan& plan) {
  std::string text;
  for (const auto& trigger : plan.spec.triggers) text += (text.empty() ? "" : ", ") + trigger.name;
  return text;
}

// A name may hold '=' itself, so the names are tried against the text. Names win over indices.
Result<Stated> parse_stated(std::string_view text, const control::Plan& plan) {
  const auto& triggers = plan.spec.triggers;
  const auto matches = [text](std::string_view name) {
    return text.size() > name.size() && text.starts_with(name) && text[name.size()] == '=';
  };
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    if (matches(triggers[i].name))
      return Stated{i, std::string(text.substr(triggers[i].name.size() + 1))};
  }
  for (std::size_t i = 0; i < triggers.size(); ++i) {
    const std::string index = std::to_string(i);
    if (matches(index)) return Stated{i, std::string(text.substr(index.size() + 1))};
  }
  return fail(Code::invalid,
              fmt::format("--signal {}: want TRIGGER=FILE, and TRIGGER one of {}, or an index",
                          text, names_of(plan)));
}

// What the trigger would have read.
void clamp(simulation::Signal& signal, const scalers::kedify_otel::Params& params) {
  for (simulation::Sample& sample : signal.samples) {
    if (sample.state != scale::Reading::State::value) continue;
    const scale::Reading reading = scalers::kedify_otel::read(
        params, {.state = tsdb::Answer::State::value, .value = sample.value});
    sample.state = reading.state;
    sample.value = reading.value;
  }
}

Result<simulation::Signal> read_signal(const std::string& file, simulation::Series series) {
  TRY(const std::string text, base::read_file(file, simulation::SignalLimits{}.bytes_max));
  const auto first = text.find_first_not_of(" \t\r\n");
  const bool is_json = first != text.npos && text[first] == '{';
  return is_json ? simulation::read_range(text, series) : simulation::read_csv(text);
}

// "line 3: what" of a file is "file:3: what", as for manifests.
Error in_file(const std::string& file, Error error) {
  constexpr std::string_view prefix = "line ";
  const bool has_line = error.what.starts_with(prefix);
  error.what = fmt::format("{}:{}{}", file, has_line ? "" : " ",
                           has_line ? error.what.substr(prefix.size()) : error.what);
  return error;
}

const json::Array* array_at(const json::Value& value, std::string_view key) {
  const json::Value* found = json::find(value, key);
  return found != nullptr && found->is_array() ? &found->get_array() : nullptr;
}

std::optional<std::size_t> index_where(const json::Array& triggers, std::string_view key,
                                       const std::string& text) {
  const auto found = std::ranges::find_if(
      triggers, [&](const json::Value& row) { return json::text_at(row, key) == text; });
  if (found == triggers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - triggers.begin());
}

Result<std::size_t> recorded_index(const json::Array& recorded, const scale::TriggerSpec& trigger) {
  if (const auto index = index_where(recorded, "name", trigger.name)) return *index;
  if (const auto index = index_where(recorded, "query", trigger.query)) return *index;
  std::string names;
  for (const json::Value& row : recorded)
    names += (names.empty() ? "" : ", ") + json::text_at(row, "name").value_or("");
  return fail(Code::invalid,
              fmt::format("trigger {} was not recorded, only {}", trigger.name, names));
}

}  // namespace

Result<Signals> read_signals(const std::vector<std::string>& stated, const control::Plan& plan,
                             simulation::Series series) {
  Signals signals{.of = std::vector<simulation::Signal>(plan.spec.triggers.size())};
  for (const std::string& text : stated) {
    TRY(const Stated one, parse_stated(text, plan));
    simulation::Signal& signal = signals.of[one.trigger];
    if (!signal.samples.empty())
      return fail(Code::invalid, fmt::format("--signal {}: the trigger has one already", text));
    auto read = read_signal(one.file, series);
    if (!read) return std::unexpected(in_file(one.file, std::move(read).error()));
    signal = *std::move(read);
    clamp(signal, plan.triggers[one.trigger]);
  }
  for (std::size_t i = 0; i < signals.of.size(); ++i) {
    if (signals.of[i].samples.empty())
      return fail(Code::invalid, fmt::format("no signal for trigger {0}: add --signal {0}=FILE",
                                             plan.spec.triggers[i].name));
  }
  return signals;
}

Result<Signals> fetch_signals(const DestinationOptions& server, const std::string& object,
                              Duration since, const control::Plan& plan) {
  const std::string path = object_path(object);
  TRY(const json::Value view, get_json(server, path));
  const json::Array* recorded = array_at(view, "triggers");
  if (recorded == nullptr)
    return fail(Code::bad_data, server.address + ": answered no list of triggers");
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(since).count();
  Signals signals;
  for (const scale::TriggerSpec& trigger : plan.spec.triggers) {
    TRY(const std::size_t index, recorded_index(*recorded, trigger));
    TRY(const json::Value body,
        get_json(server, fmt::format("{}/points?trigger={}&from={}s", path, index, seconds)));
    auto read = simulation::read_points(body);
    if (!read) return fail(server.address, std::move(read).error());
    if (read->signal.samples.empty())
      return fail(Code::not_found, fmt::format("nothing was recorded of trigger {} in the last {}",
                                               trigger.name, base::format_duration(since)));
    if (!signals.replicas) signals.replicas = read->replicas;
    signals.of.push_back(std::move(read->signal));
  }
  return signals;
}

}  // namespace cli
