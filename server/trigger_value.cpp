#include "server/trigger_value.h"

#include <string_view>
#include <utility>

#include "control/policies.h"
#include "tsdb/wrong_clocks.h"

namespace server {
namespace {

namespace otel = scalers::kedify_otel;
using Action = scale::OnMissing::Action;
using State = scale::Reading::State;

std::string what_is_missing(const scale::Reading& reading) {
  switch (reading.state) {
    case State::stale:
      return "the newest sample is older than the window (" + base::format_time(reading.newest) +
             ")";
    case State::not_a_number:
      return "the result is not a number";
    default:
      return "no series matches";
  }
}

Error unavailable(const otel::Params& params, const scale::Reading& reading,
                  const std::optional<tsdb::WrongClock>& clock) {
  std::string what =
      "metricQuery " + tsdb::to_string(params.question.query) + ": " + what_is_missing(reading);
  if (clock) what += "; " + tsdb::describe(*clock);
  return {Code::unavailable, std::move(what)};
}

// The last value, where silence leaves no doubt.
std::optional<double> quiet_value(const otel::Params& params, const Finding& finding) {
  if (finding.answer.state != tsdb::Answer::State::stale || !finding.last) return std::nullopt;
  if (finding.clock) return std::nullopt;
  tsdb::Answer before = finding.answer;
  before.state = tsdb::Answer::State::value;
  before.value = *finding.last;
  const scale::Reading reading = otel::read(params, before);
  if (reading.state != State::value || reading.value > params.activation) return std::nullopt;
  return reading.value;
}

}  // namespace

Result<ScalerTrigger> parse_trigger(const scalers::Metadata& metadata) {
  ScalerTrigger trigger;
  TRY(trigger.params, otel::parse(metadata));
  for (std::size_t i = 0; i < control::on_missing_keys.size(); ++i) {
    const std::string_view key = control::on_missing_keys[i];
    const auto said = metadata.find(key);
    if (said == metadata.end()) continue;
    auto word = control::parse_on_missing(said->second);
    if (!word) return fail(key, std::move(word).error());
    trigger.on_missing[i] = *word;
  }
  return trigger;
}

Result<double> value_of(const ScalerTrigger& trigger, const Finding& finding, NotFound not_found) {
  const scale::Reading reading = otel::read(trigger.params, finding.answer);
  if (reading.state == State::value) return reading.value;
  const auto& word = trigger.on_missing[static_cast<std::size_t>(reading.state) - 1];
  if (word.action == Action::zero) return 0;
  if (word.action == Action::value) return word.value;
  if (word.action == Action::hold) {
    if (const auto quiet = quiet_value(trigger.params, finding)) return *quiet;
    const bool absent = reading.state == State::absent;
    if (absent && !not_found.error && not_found.value) return *not_found.value;
  }
  return std::unexpected(unavailable(trigger.params, reading, finding.clock));
}

}  // namespace server
