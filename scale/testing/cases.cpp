#include "scale/testing/cases.h"

#include <fmt/format.h>

#include <algorithm>

#include "scale/testing/code_text.h"
#include "scale/testing/simpler.h"

namespace scale::testing {
namespace {

using namespace std::chrono_literals;
using Simpler = Variants<Case>;

// --- drawing

Reading any_reading(Draw& draw) {
  switch (draw.below(12)) {
    case 0:
      return absent();
    case 1:
      return stale(at(9000s));
    case 2:
      return failed();
    case 3:
      return garbled();
    case 4:
      return value(0);
    case 5:
      return partial(draw.below(300));
    case 6:
      return ended();
    default:
      return value(draw.below(3000) / 10.0);
  }
}

OnMissing any_policy(Draw& draw, const Spec& spec) {
  using enum OnMissing::Action;
  if (draw.chance(50)) return {};
  OnMissing on{.action = draw.one_of({zero, OnMissing::Action::value, fallback, ignore}),
               .value = static_cast<double>(draw.below(60))};
  if (on.action == fallback && !spec.fallback) on.action = hold;
  return on;
}

std::vector<std::string> names_of(const Spec& spec) {
  std::vector<std::string> names;
  for (const auto& trigger : spec.triggers) names.push_back(trigger.name);
  return names;
}

Spec any_spec(Draw& draw) {
  Spec spec{.min = draw.below(4),
            .cooldown = draw.up_to(100),
            .initial_cooldown = draw.up_to(20000),
            .polling = 1s + draw.up_to(60)};
  if (draw.chance(70)) spec.behavior = hpa::Behavior{draw.rules(), draw.rules()};
  spec.max = spec.min + 1 + draw.below(20);
  if (spec.min > 0 && draw.chance(30)) spec.idle = draw.below(spec.min);
  spec.force_activation = draw.chance(10);
  if (draw.chance(50)) {
    spec.fallback = Fallback{.failure_threshold = draw.below(4),
                             .replicas = draw.below(8),
                             .kind = static_cast<Fallback::Kind>(draw.below(4))};
  }
  for (int i = draw.between(1, 3); i > 0; --i) {
    spec.triggers.push_back(trigger("t" + std::to_string(i), draw.between(1, 20),
                                    draw.chance(30) ? draw.below(50) : 0));
    if (draw.chance(20)) spec.triggers.back().metric_type = MetricType::value;
    for (OnMissing& on : spec.triggers.back().on_missing) on = any_policy(draw, spec);
  }
  if (draw.chance(20)) {
    const bool guarded = draw.chance(50);
    const std::string text = guarded ? "t1 ?? 7" : "t1 * 2 - 40";
    spec.modifiers = Modifiers{.formula = *formula::compile(text, names_of(spec)),
                               .text = text,
                               .target = static_cast<double>(draw.between(1, 9)),
                               .activation = static_cast<double>(draw.below(20))};
  }
  return spec;
}

// What some earlier life of the object left.
History any_history(Draw& draw, const Spec& spec) {
  History history{.active = draw.chance(30), .seeded = draw.chance(80)};
  for (const auto& t : spec.triggers) {
    if (draw.chance(20)) continue;
    history.held.push_back(
        {.replicas = draw.below(20), .active = draw.chance(50), .trigger = trigger_key(t.name)});
    if (draw.chance(30)) history.held.back().failing_since = at(10000s) - draw.up_to(300);
  }
  if (draw.chance(60)) history.last_active = at(10000s) - draw.up_to(200);
  Replicas high = 40, low = 0;
  for (int age = 300; age > 0; age -= 1 + draw.below(100)) {
    const Timestamp then = at(10000s) - std::chrono::seconds(age);
    history.highs.push_back({.at = then, .replicas = high -= 1 + draw.below(8)});
    history.lows.push_back({.at = then, .replicas = low += 1 + draw.below(8)});
    history.events.up.push_back({.at = then, .change = draw.between(1, 4)});
    history.events.down.push_back({.at = then, .change = draw.between(1, 4)});
  }
  if (draw.chance(50))
    history.recommended = {at(10000s) - draw.up_to(40), static_cast<Replicas>(draw.below(25))};
  if (draw.chance(50)) history.window = {at(10000s) - draw.up_to(20), draw.between(1, 20), 0};
  return history;
}

// --- simplifying

// What was drawn by these rules keeps to them: see any_spec() and any_case().
void repair(Case& c) {
  Spec& spec = c.spec;
  spec.min = std::min(spec.min, spec.max - 1);
  if (spec.idle && *spec.idle >= spec.min) spec.idle.reset();
  for (auto& trigger : spec.triggers) {
    for (OnMissing& on : trigger.on_missing) {
      if (on.action == OnMissing::Action::fallback && !spec.fallback) on = {};
    }
  }
  if (c.workload.ready) c.workload.ready = std::min(*c.workload.ready, c.workload.replicas);
}

// The formula reads t1, and keeps its place among the others.
void leave_out_trigger(Simpler& variants, std::size_t i) {
  const Spec& spec = variants.original().spec;
  if (spec.triggers.size() < 2 || (spec.modifiers && spec.triggers[i].name == "t1")) return;
  variants.add([i](Case& c) {
    c.spec.triggers.erase(c.spec.triggers.begin() + static_cast<std::ptrdiff_t>(i));
    c.readings.erase(c.readings.begin() + static_cast<std::ptrdiff_t>(i));
    if (!c.spec.modifiers) return;
    c.spec.modifiers->formula = *formula::compile(c.spec.modifiers->text, names_of(c.spec));
  });
}

void simplify_trigger(Simpler& variants, std::size_t i) {
  const auto trigger = [i](Case& c) -> TriggerSpec& { return c.spec.triggers[i]; };
  const auto reading = [i](Case& c) -> Reading& { return c.readings[i]; };
  variants.set([=](Case& c) -> auto& { return trigger(c).metric_type; }, MetricType::average_value);
  for (std::size_t state = 0; state < TriggerSpec{}.on_missing.size(); ++state) {
    variants.set([=](Case& c) -> auto& { return trigger(c).on_missing[state]; }, OnMissing{});
    variants.lower([=](Case& c) -> auto& { return trigger(c).on_missing[state].value; });
  }
  variants.lower([=](Case& c) -> auto& { return trigger(c).activation; });
  variants.lower([=](Case& c) -> auto& { return trigger(c).target; }, 1);
  variants.set(reading, value(0));
  variants.set([=](Case& c) -> auto& { return reading(c).complete; }, true);
  variants.lower([=](Case& c) -> auto& { return reading(c).value; });
}

void simplify_spec(Simpler& variants) {
  const auto spec = [](auto member) {
    return [member](Case& c) -> auto& { return c.spec.*member; };
  };
  variants.clear(spec(&Spec::modifiers));
  variants.clear(spec(&Spec::behavior));
  simplify_behavior(variants, spec(&Spec::behavior));
  variants.clear(spec(&Spec::fallback));
  variants.clear(spec(&Spec::idle));
  variants.set(spec(&Spec::force_activation), false);
  variants.set(spec(&Spec::initial_cooldown), Duration{});
  variants.set(spec(&Spec::cooldown), Duration{});
  variants.set(spec(&Spec::polling), Spec{}.polling);
  variants.lower(spec(&Spec::min));
  variants.lower(spec(&Spec::max), 1);
  if (!variants.original().spec.fallback) return;
  variants.lower([](Case& c) -> auto& { return c.spec.fallback->replicas; });
  variants.lower([](Case& c) -> auto& { return c.spec.fallback->failure_threshold; });
  variants.set([](Case& c) -> auto& { return c.spec.fallback->kind; }, Fallback::Kind::fixed);
}

void simplify_held(Simpler& variants, std::size_t i) {
  const auto held = [i](Case& c) -> History::Held& { return c.history.held[i]; };
  variants.clear([=](Case& c) -> auto& { return held(c).replicas; });
  variants.set([=](Case& c) -> auto& { return held(c).active; }, false);
  variants.set([=](Case& c) -> auto& { return held(c).failing_since; }, Timestamp{});
  if (variants.original().history.held[i].replicas)
    variants.lower([=](Case& c) -> auto& { return *held(c).replicas; });
}

void simplify_history(Simpler& variants) {
  const auto past = [](auto member) {
    return [member](Case& c) -> auto& { return c.history.*member; };
  };
  variants.set([](Case& c) -> auto& { return c.history; }, History{});
  variants.shorten(past(&History::held));
  variants.shorten(past(&History::highs));
  variants.shorten(past(&History::lows));
  variants.shorten([](Case& c) -> auto& { return c.history.events.up; });
  variants.shorten([](Case& c) -> auto& { return c.history.events.down; });
  variants.clear(past(&History::recommended));
  variants.clear(past(&History::window));
  variants.clear(past(&History::last_active));
  variants.set(past(&History::active), false);
  variants.set(past(&History::seeded), false);
  const std::size_t held = variants.original().history.held.size();
  for (std::size_t i = 0; i < held; ++i) simplify_held(variants, i);
}

}  // namespace

Case any_case(Draw& draw) {
  Case c{.spec = any_spec(draw), .readings = {}, .workload = {}, .history = {}};
  for (std::size_t i = 0; i < c.spec.triggers.size(); ++i) c.readings.push_back(any_reading(draw));
  c.workload = {.replicas = draw.below(25), .object_created = at(0s)};
  // Stated, because a Value target whose ready pods grow with the count asks for more each time.
  c.workload.ready = draw.below(c.workload.replicas + 1);
  c.history = any_history(draw, c.spec);
  return c;
}

std::string describe(const Case& one) {
  const auto& triggers = one.spec.triggers;
  return fmt::format(
      "Scene scene{{.spec = {},\n.workload = {},\n.history = {}}};\nscene.decide({}, {});\n",
      code(one.spec), code(one.workload), code(one.history, triggers), code(one.readings),
      code(one.now));
}

std::vector<Case> simpler(const Case& one) {
  Simpler variants(one);
  for (std::size_t i = 0; i < one.readings.size(); ++i) leave_out_trigger(variants, i);
  simplify_spec(variants);
  simplify_history(variants);
  for (std::size_t i = 0; i < one.readings.size(); ++i) simplify_trigger(variants, i);
  variants.lower([](Case& c) -> auto& { return c.workload.replicas; });
  if (one.workload.ready) variants.lower([](Case& c) -> auto& { return *c.workload.ready; });
  std::vector<Case> all = variants.take();
  std::ranges::for_each(all, repair);
  return all;
}

}  // namespace scale::testing
