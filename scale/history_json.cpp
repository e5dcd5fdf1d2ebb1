#include <fmt/format.h>

#include <charconv>

#include "scale/explain.h"
#include "scale/extremes.h"
#include "scale/members.h"

namespace scale {
namespace {

using members::bad;

// --- writing

json::Value held_to_json(const History::Held& held) {
  json::Object out;
  out["trigger"] = fmt::format("{:016x}", held.trigger);
  if (held.replicas) out["replicas"] = *held.replicas;
  out["active"] = held.active;
  out["at"] = held.at.ns;
  if (held.series != 0) out["series"] = held.series;
  if (held.failing_since.ns != 0) out["failing_since"] = held.failing_since.ns;
  return out;
}

json::Value pair(const History::Recommendation& r) {
  json::Array out{r.at.ns, r.replicas};
  if (r.late_us != 0) out.push_back(std::int64_t{r.late_us});
  return out;
}

json::Array pairs(const Recommendations& all) {
  json::Array out;
  for (const auto& r : all) out.push_back(pair(r));
  return out;
}

json::Array events_to_json(const std::vector<hpa::ScaleEvent>& events) {
  json::Array out;
  for (const auto& event : events)
    out.push_back(json::Array{event.at.ns, event.change, event.outdated});
  return out;
}

// --- reading

// A key as we write it; older versions wrote the name itself.
std::uint64_t key_from_text(const std::string& text) {
  constexpr std::size_t digits = 16;
  std::uint64_t key = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, key, digits);
  if (text.size() == digits && error == std::errc{} && rest == end && key != 0) return key;
  return text.empty() ? 0 : trigger_key(text);
}

Result<History::Held> held_from_json(const json::Value& value) {
  History::Held held;
  TRY(const std::string trigger, members::text(value, "trigger"));
  held.trigger = key_from_text(trigger);
  TRY(held.replicas, members::optional_integer<Replicas>(value, "replicas"));
  TRY(held.active, members::flag(value, "active"));
  TRY(held.at, members::time_ns(value, "at"));
  TRY(held.series, members::integer_or_zero<std::uint32_t>(value, "series"));
  if (json::find(value, "failing_since")) {
    TRY(held.failing_since, members::time_ns(value, "failing_since"));
  }
  return held;
}

// [time, number, ...]
Result<History::Recommendation> pair_from_json(const json::Value& value) {
  const auto* items = value.if_array();
  if (!items || items->size() < 2) return fail(Code::bad_data, "want [time, number]");
  const auto* at = (*items)[0].if_int64();
  const auto* number = (*items)[1].if_int64();
  if (!at || !members::is_plausible({*at}) || !number || !std::in_range<Replicas>(*number))
    return fail(Code::bad_data, "want [time, number]");
  return History::Recommendation{.at = {*at}, .replicas = static_cast<Replicas>(*number)};
}

// [time, number, late?]
Result<History::Recommendation> recommendation_from_json(const json::Value& value) {
  TRY(History::Recommendation read, pair_from_json(value));
  const auto& items = value.get_array();
  if (items.size() < 3) return read;
  const auto* late = items[2].if_int64();
  if (!late || !std::in_range<std::uint32_t>(*late))
    return fail(Code::bad_data, "want [time, number, lateness]");
  read.late_us = static_cast<std::uint32_t>(*late);
  return read;
}

Result<hpa::ScaleEvent> event_from_json(const json::Value& value) {
  TRY(const auto pair, pair_from_json(value));
  const auto& items = value.get_array();
  if (items.size() != 3 || !items[2].is_bool() || pair.replicas <= 0)
    return fail(Code::bad_data, "want [time, change above 0, outdated]");
  return hpa::ScaleEvent{.at = pair.at, .change = pair.replicas, .outdated = items[2].get_bool()};
}

Result<History::Window> window_from_json(const json::Value& value) {
  TRY(const auto pair, pair_from_json(value));
  const auto& items = value.get_array();
  const auto* change = items.size() == 3 ? items[2].if_int64() : nullptr;
  if (!change || !std::in_range<Replicas>(*change))
    return fail(Code::bad_data, "want [start, base, change]");
  return History::Window{
      .start = pair.at, .base = pair.replicas, .change = static_cast<Replicas>(*change)};
}

// Oldest first, each lower (higher) than the one before it.
bool is_staircase(const Recommendations& all, Extreme extreme) {
  for (std::size_t i = 1; i < all.size(); ++i) {
    const bool steps = extreme == Extreme::high ? all[i].replicas < all[i - 1].replicas
                                                : all[i].replicas > all[i - 1].replicas;
    if (!steps || all[i].at < all[i - 1].at) return false;
  }
  return true;
}

Result<Recommendations> staircase(const json::Value& value, std::string_view key, Extreme extreme) {
  TRY(Recommendations all, members::list(value, key, recommendation_from_json));
  if (!is_staircase(all, extreme)) return bad(key);
  return all;
}

// What older versions kept: every recommendation, and changes of both signs in one list.
Result<void> read_old_past(const json::Value& value, History& history) {
  constexpr Duration every_one{1};
  TRY(const Recommendations all, members::list(value, "recommendations", pair_from_json));
  for (const auto& r : all) {
    if (history.recommended && r.at < history.recommended->at) return bad("recommendations");
    note(history.highs, Extreme::high, r, every_one);
    note(history.lows, Extreme::low, r, every_one);
    history.recommended = r;
  }
  history.seeded = !all.empty();
  TRY(const Recommendations events, members::list(value, "events", pair_from_json));
  for (const auto& event : events) {
    const Timestamp at = event.at;
    const Replicas change = event.replicas;
    if (change > 0) history.events.up.push_back({.at = at, .change = change});
    if (change < 0)
      history.events.down.push_back({.at = at, .change = hpa::to_replicas(-std::int64_t{change})});
  }
  return {};
}

Result<void> read_past(const json::Value& value, History& history) {
  TRY(history.highs, staircase(value, "highs", Extreme::high));
  TRY(history.lows, staircase(value, "lows", Extreme::low));
  TRY(history.events.up, members::list(value, "up", event_from_json));
  TRY(history.events.down, members::list(value, "down", event_from_json));
  TRY(history.seeded, members::flag(value, "seeded"));
  if (const auto* recommended = json::find(value, "recommended")) {
    TRY(history.recommended, pair_from_json(*recommended));
  }
  if (const auto* window = json::find(value, "window")) {
    TRY(history.window, window_from_json(*window));
  }
  return {};
}

}  // namespace

json::Value to_json(const History& history) {
  json::Object out;
  json::Array& held = out["held"].emplace_array();
  for (const auto& h : history.held) held.push_back(held_to_json(h));
  out["active"] = history.active;
  if (history.last_active) out["last_active"] = history.last_active->ns;
  if (history.recommended) out["recommended"] = pair(*history.recommended);
  out["highs"] = pairs(history.highs);
  out["lows"] = pairs(history.lows);
  out["up"] = events_to_json(history.events.up);
  out["down"] = events_to_json(history.events.down);
  if (const auto& window = history.window)
    out["window"] = json::Array{window->start.ns, window->base, window->change};
  out["seeded"] = history.seeded;
  return out;
}

Result<History> history_from_json(const json::Value& value) {
  History history;
  TRY(history.held, members::list(value, "held", held_from_json));
  TRY(history.active, members::flag(value, "active"));
  if (json::find(value, "last_active")) {
    TRY(history.last_active, members::time_ns(value, "last_active"));
  }
  if (json::find(value, "recommendations")) {
    TRY_VOID(read_old_past(value, history));
  } else {
    TRY_VOID(read_past(value, history));
  }
  return history;
}

}  // namespace scale
