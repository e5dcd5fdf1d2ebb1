#include "scale/testing/code_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>

namespace scale::testing {
namespace {

// "{.a = 1, .b = 2}"
class Members {
 public:
  void add(std::string_view name, std::string_view text) {
    text_ += fmt::format("{}.{} = {}", text_.empty() ? "" : ", ", name, text);
  }
  // Unless it is the default.
  template <class T>
  void add_number(std::string_view name, T value, T usual) {
    if (value != usual) add(name, fmt::format("{}", value));
  }
  void add_span(std::string_view name, Duration value, Duration usual) {
    if (value != usual) add(name, code(value));
  }
  template <class T>
  void add_optional(std::string_view name, const std::optional<T>& value) {
    if (value) add(name, fmt::format("{}", *value));
  }
  void add_flag(std::string_view name, bool value) {
    if (value) add(name, "true");
  }
  std::string text() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

template <class Items, class Text>
std::string list(const Items& items, Text text) {
  std::string all;
  for (const auto& item : items) all += (all.empty() ? "" : ", ") + text(item);
  return "{" + all + "}";
}

std::string quoted(std::string_view text) {
  return fmt::format("\"{}\"", text);
}

std::string part(const hpa::Policy& policy) {
  return fmt::format("{}({}, {})", policy.type == hpa::PolicyType::pods ? "pods" : "percent",
                     policy.value, code(policy.period));
}

std::string part(const hpa::Rules& rules) {
  constexpr std::string_view selects[] = {"max", "min", "disabled"};
  Members out;
  if (rules.window) out.add("window", code(*rules.window));
  if (rules.select != hpa::SelectPolicy::max) {
    out.add("select",
            fmt::format("hpa::SelectPolicy::{}", selects[static_cast<std::size_t>(rules.select)]));
  }
  out.add("policies", list(rules.policies, [](const auto& p) { return part(p); }));
  out.add_optional("tolerance", rules.tolerance);
  return out.text();
}

std::string part(const OnMissing& on) {
  constexpr std::string_view actions[] = {"hold", "zero", "value", "fallback", "ignore"};
  const auto action = actions[static_cast<std::size_t>(on.action)];
  if (on.action == OnMissing::Action::hold) return "{}";
  if (on.action != OnMissing::Action::value)
    return fmt::format("{{.action = OnMissing::Action::{}}}", action);
  return fmt::format("{{.action = OnMissing::Action::{}, .value = {}}}", action, on.value);
}

std::string part(MetricType type) {
  return type == MetricType::value ? "MetricType::value" : "MetricType::average_value";
}

std::string part(const TriggerSpec& trigger) {
  Members out;
  out.add("name", quoted(trigger.name));
  out.add("target", fmt::format("{}", trigger.target));
  out.add_number("activation", trigger.activation, 0.0);
  if (trigger.metric_type != MetricType::average_value)
    out.add("metric_type", part(trigger.metric_type));
  if (trigger.on_missing != TriggerSpec{}.on_missing) {
    out.add("on_missing",
            "{" + list(trigger.on_missing, [](const auto& on) { return part(on); }) + "}");
  }
  return out.text();
}

std::string part(const Fallback& fallback) {
  constexpr std::string_view kinds[] = {"fixed", "current", "current_if_higher", "current_if_lower",
                                        "modifiers"};
  Members out;
  out.add_number("failure_threshold", fallback.failure_threshold, 0);
  out.add_number("replicas", fallback.replicas, 0);
  if (fallback.kind != Fallback::Kind::fixed) {
    out.add("kind",
            fmt::format("Fallback::Kind::{}", kinds[static_cast<std::size_t>(fallback.kind)]));
  }
  return "Fallback" + out.text();
}

std::string part(const Modifiers& modifiers, const std::vector<TriggerSpec>& triggers) {
  const std::string names = list(triggers, [](const auto& t) { return quoted(t.name); });
  Members out;
  out.add("formula", fmt::format("*formula::compile({}, std::vector<std::string>{})",
                                 quoted(modifiers.text), names));
  out.add("text", quoted(modifiers.text));
  out.add("target", fmt::format("{}", modifiers.target));
  out.add_number("activation", modifiers.activation, 0.0);
  if (modifiers.metric_type != MetricType::average_value)
    out.add("metric_type", part(modifiers.metric_type));
  return "Modifiers" + out.text();
}

std::string part(const KedaBehavior& keda) {
  Members out;
  out.add_flag("fallback_always_active", keda.fallback_always_active);
  out.add_flag("pauses_spare_minimum", keda.pauses_spare_minimum);
  out.add_flag("errors_stop_last_active", keda.errors_stop_last_active);
  return out.text();
}

// What makes the key.
std::string key_code(std::uint64_t key, const std::vector<TriggerSpec>& triggers) {
  if (key == composite_key) return "composite_key";
  const auto named = std::ranges::find_if(
      triggers, [key](const TriggerSpec& t) { return trigger_key(t.name) == key; });
  if (named == triggers.end()) return fmt::format("{:#x}", key);
  return fmt::format("trigger_key({})", quoted(named->name));
}

std::string part(const History::Held& held, const std::vector<TriggerSpec>& triggers) {
  Members out;
  out.add_optional("replicas", held.replicas);
  out.add_flag("active", held.active);
  if (held.at.ns != 0) out.add("at", code(held.at));
  if (held.trigger != 0) out.add("trigger", key_code(held.trigger, triggers));
  out.add_number("series", held.series, 0u);
  if (held.failing_since.ns != 0) out.add("failing_since", code(held.failing_since));
  return out.text();
}

std::string part(const History::Recommendation& r) {
  const std::string late = r.late_us != 0 ? fmt::format(", {}", r.late_us) : "";
  return fmt::format("{{{}, {}{}}}", code(r.at), r.replicas, late);
}

std::string part(const std::vector<hpa::ScaleEvent>& events) {
  return list(events, [](const hpa::ScaleEvent& e) {
    return fmt::format("{{{}, {}{}}}", code(e.at), e.change, e.outdated ? ", true" : "");
  });
}

void add_past(const History& history, Members& out) {
  const auto recommendation = [](const History::Recommendation& r) { return part(r); };
  if (history.recommended)
    out.add("recommended", "History::Recommendation" + part(*history.recommended));
  if (!history.highs.empty()) out.add("highs", list(history.highs, recommendation));
  if (!history.lows.empty()) out.add("lows", list(history.lows, recommendation));
  const auto& [up, down] = history.events;
  if (!up.empty() || !down.empty()) {
    Members events;
    if (!up.empty()) events.add("up", part(up));
    if (!down.empty()) events.add("down", part(down));
    out.add("events", events.text());
  }
  if (const auto& window = history.window) {
    out.add("window", fmt::format("History::Window{{{}, {}, {}}}", code(window->start),
                                  window->base, window->change));
  }
}

}  // namespace

std::string code(Duration span) {
  using namespace std::chrono;
  const auto ns = span.count();
  if (ns % 1'000'000'000 == 0) return fmt::format("{}s", ns / 1'000'000'000);
  if (ns % 1'000'000 == 0) return fmt::format("{}ms", ns / 1'000'000);
  return fmt::format("{}ns", ns);
}

std::string code(Timestamp time) {
  return fmt::format("at({})", code(time - at(Duration{})));
}

std::string code(const Reading& read) {
  using enum Reading::State;
  const std::string since = code(read.newest);
  switch (read.state) {
    case value:
      return read.complete ? fmt::format("value({})", read.value)
                           : fmt::format("partial({})", read.value);
    case absent:
      return "absent()";
    case stale:
      return read.ended ? "ended()" : fmt::format("stale({})", since);
    case error:
      return "failed()";
    case not_a_number:
      return "garbled()";
  }
  return "{}";
}

std::string code(const std::vector<Reading>& readings) {
  return list(readings, [](const Reading& r) { return code(r); });
}

std::string code(const Spec& spec) {
  const Spec usual;
  Members out;
  out.add("min", fmt::format("{}", spec.min));
  out.add("max", fmt::format("{}", spec.max));
  out.add_optional("idle", spec.idle);
  out.add_span("cooldown", spec.cooldown, usual.cooldown);
  out.add_span("initial_cooldown", spec.initial_cooldown, usual.initial_cooldown);
  out.add_span("polling", spec.polling, usual.polling);
  if (spec.behavior) {
    Members behavior;
    behavior.add("up", part(spec.behavior->up));
    behavior.add("down", part(spec.behavior->down));
    out.add("behavior", "hpa::Behavior" + behavior.text());
  }
  out.add_number("tolerance", spec.tolerance, usual.tolerance);
  out.add_span("downscale_stabilization", spec.downscale_stabilization,
               usual.downscale_stabilization);
  out.add_span("sync_period", spec.sync_period, usual.sync_period);
  if (spec.fallback) out.add("fallback", part(*spec.fallback));
  if (spec.modifiers) out.add("modifiers", part(*spec.modifiers, spec.triggers));
  if (const std::string keda = part(spec.keda); keda != "{}") out.add("keda", keda);
  out.add_flag("paused", spec.paused);
  out.add_optional("paused_replicas", spec.paused_replicas);
  out.add_flag("paused_scale_in", spec.paused_scale_in);
  out.add_flag("paused_scale_out", spec.paused_scale_out);
  out.add_flag("force_activation", spec.force_activation);
  out.add_flag("hpa_scales", spec.hpa_scales);
  out.add("triggers", list(spec.triggers, [](const auto& t) { return part(t); }));
  return out.text();
}

std::string code(const Workload& workload) {
  Members out;
  out.add("replicas", fmt::format("{}", workload.replicas));
  out.add("object_created", code(workload.object_created));
  out.add_optional("ready", workload.ready);
  return out.text();
}

std::string code(const History& history, const std::vector<TriggerSpec>& triggers) {
  Members out;
  if (!history.held.empty())
    out.add("held", list(history.held, [&](const auto& held) { return part(held, triggers); }));
  out.add_flag("active", history.active);
  out.add_flag("seeded", history.seeded);
  if (history.last_active) out.add("last_active", code(*history.last_active));
  add_past(history, out);
  return out.text();
}

}  // namespace scale::testing
