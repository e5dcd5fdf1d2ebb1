#include "control/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace control {
namespace {

constexpr std::size_t digits = 16;  // of a question in hexadecimal

Duration window_of(const tsdb::Question& question, const Listening& listening) {
  return question.window.value_or(listening.retention);
}

std::uint64_t identity_of(const tsdb::Question& question, Duration window) {
  return scale::trigger_key(fmt::format("{} {} {}", tsdb::to_string(question.query),
                                        tsdb::to_string(question.operation), window.count()));
}

// Whichever way the clock went meanwhile.
bool is_recent(const Whole& whole, Duration window, Timestamp now) {
  return whole.at >= now - window && whole.at <= now + window;
}

// Whether the series in the store are as new as they were for `whole`.
bool is_as_new(const Listening& listening, const Whole& whole) {
  const bool of_this_run = whole.at >= listening.since;
  return of_this_run || !listening.as_of || whole.at <= *listening.as_of;
}

std::optional<std::uint64_t> question_from(const std::string& text) {
  std::uint64_t question = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, question, digits);
  if (text.size() != digits || error != std::errc{} || rest != end) return std::nullopt;
  return question;
}

}  // namespace

json::Value to_json(const Whole& whole) {
  return json::Object{{"question", fmt::format("{:016x}", whole.question)},
                      {"series", whole.series},
                      {"at", whole.at.ns}};
}

Result<Whole> whole_from_json(const json::Value& value) {
  const auto question = question_from(json::text_at(value, "question").value_or(""));
  const auto series = json::int_at(value, "series");
  const auto at = json::int_at(value, "at");
  if (!question || !series || *series < 1 || !std::in_range<std::uint32_t>(*series) || !at)
    return fail(Code::bad_data, "want question, series, at");
  return Whole{.question = *question, .series = static_cast<std::uint32_t>(*series), .at = {*at}};
}

void Windows::put(std::span<const scalers::kedify_otel::Params> triggers,
                  const Listening& listening, Timestamp now) {
  std::vector<Trigger> put;
  for (const auto& params : triggers) {
    const Duration window = window_of(params.question, listening);
    Trigger& trigger = put.emplace_back();
    trigger.question = identity_of(params.question, window);
    trigger.fills_at = fills_at(trigger.question, window, listening, now);
    trigger.last_sample_only = params.question.operation == tsdb::Operation::last_one;
    const Whole* before = find(trigger.question);
    if (before != nullptr && is_recent(*before, window, now) && is_as_new(listening, *before))
      trigger.series_before = before->series;
  }
  triggers_ = std::move(put);
  std::erase_if(whole_, [this](const Whole& whole) {
    return std::ranges::find(triggers_, whole.question, &Trigger::question) == triggers_.end();
  });
}

// A store keeps a window that is longer than its retention only from when it is asked for, and one
// that does not listen to all any window.
Timestamp Windows::fills_at(std::uint64_t question, Duration window, const Listening& listening,
                            Timestamp now) const {
  if (!listening.to_all) {
    const auto asked = std::ranges::find(triggers_, question, &Trigger::question);
    return asked != triggers_.end() ? asked->fills_at : now + window;
  }
  if (window <= listening.retention) return listening.since + window;
  return std::max(listening.since, now - listening.retention) + window;
}

void Windows::mark(std::span<scale::Reading> readings, Timestamp now) {
  for (std::size_t i = 0; i < readings.size(); ++i) {
    Trigger& trigger = triggers_[i];
    scale::Reading& reading = readings[i];
    const bool counts = trigger.last_sample_only && reading.state == scale::ReadingState::value;
    // From here on the store knows as much as it did before.
    if (counts && trigger.series_before > 0 && reading.series >= trigger.series_before)
      trigger.fills_at = std::min(trigger.fills_at, now);
    reading.complete = now >= trigger.fills_at;
    if (counts && reading.complete && reading.series > 0)
      remember(trigger.question, reading.series, now);
  }
}

std::optional<Timestamp> Windows::next_fill(Timestamp now) const {
  std::optional<Timestamp> next;
  for (const Trigger& trigger : triggers_) {
    if (trigger.fills_at > now) next = std::min(next.value_or(trigger.fills_at), trigger.fills_at);
  }
  return next;
}

const Whole* Windows::find(std::uint64_t question) const {
  const auto found = std::ranges::find(whole_, question, &Whole::question);
  return found == whole_.end() ? nullptr : &*found;
}

void Windows::remember(std::uint64_t question, std::uint32_t series, Timestamp now) {
  const Whole whole{.question = question, .series = series, .at = now};
  const auto found = std::ranges::find(whole_, question, &Whole::question);
  found == whole_.end() ? whole_.push_back(whole) : static_cast<void>(*found = whole);
}

}  // namespace control
