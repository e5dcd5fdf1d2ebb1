#include "scale/composite.h"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cmath>

#include "scale/fallback.h"

namespace scale {
namespace {

constexpr std::size_t values_inline = 32;
using Values = boost::container::small_vector<std::optional<double>, values_inline>;

bool is_missing(const Proposal& proposal) {
  return !is_fresh(proposal.basis) && proposal.basis != Basis::ignored;
}

class Composer {
 public:
  Composer(const Inputs& in, std::vector<Proposal>& proposals)
      : in_(in), modifiers_(*in.spec.modifiers), triggers_(proposals), out_(blank(in)) {}

  void run() {
    const bool fallen =
        std::ranges::find(triggers_, Basis::fallback, &Proposal::basis) != triggers_.end();
    const auto missing = std::ranges::find_if(triggers_, is_missing);
    summarise();
    if (fallen && in_.spec.fallback->kind != Fallback::Kind::modifiers) {
      fall_back();
    } else if (missing != triggers_.end()) {
      out_.reading = missing->reading;
      hold();
    } else {
      evaluate();
    }
    for (Proposal& trigger : triggers_) silence(trigger);
    triggers_.push_back(std::move(out_));
  }

 private:
  static Proposal blank(const Inputs& in) {
    Proposal proposal{.trigger = in.spec.triggers.size()};
    proposal.reading.state = Reading::State::value;
    return proposal;
  }

  // How old, how complete and how broken the whole is.
  void summarise() {
    for (const Proposal& trigger : triggers_) {
      out_.reading.newest = std::max(out_.reading.newest, trigger.reading.newest);
      out_.reading.complete =
          out_.reading.complete && (trigger.basis != Basis::value || trigger.reading.complete);
      out_.failures = std::max(out_.failures, trigger.failures);
    }
    // On the way to a fallback only when everything that is missing is.
    const bool some_just_hold = std::ranges::any_of(
        triggers_, [](const Proposal& p) { return is_missing(p) && p.failures == 0; });
    if (some_just_hold) out_.failures = 0;
  }

  // What a trigger says by itself counts no more.
  static void silence(Proposal& trigger) {
    trigger.active = false;
    trigger.held = false;
    trigger.replicas.reset();
  }

  void read(Basis basis, double value) {
    out_.basis = basis;
    out_.used = std::max(value, 0.0);
    out_.reading.value = out_.used;
    out_.active = out_.used > modifiers_.activation;
    out_.replicas = ask(out_.used, yardstick(in_, out_.trigger)).proposed;
  }

  void fall_back() {
    const Replicas replicas = fallback_replicas(*in_.spec.fallback, in_.current());
    const auto value = fallback_value({.target = modifiers_.target,
                                       .type = modifiers_.metric_type,
                                       .replicas = replicas,
                                       .ready = in_.workload.ready.value_or(in_.current())});
    if (!value) return fail("fallback of a Value target needs ready pods");
    read(Basis::fallback, *value);
    out_.active = replicas > 0 || in_.spec.keda.fallback_always_active;
  }

  void evaluate() {
    Values values;
    for (const Proposal& trigger : triggers_) {
      const bool known = is_fresh(trigger.basis) && trigger.basis != Basis::fallback;
      values.push_back(known ? std::optional(trigger.used) : std::nullopt);
    }
    const auto result = modifiers_.formula.evaluate(values);
    if (!result) return fail(result.error().what);
    if (*result) return read(Basis::value, **result);
    if (!in_.spec.fallback) return fail("the formula gives nil, and there is no fallback");
    read(Basis::fallback, in_.spec.fallback->replicas * modifiers_.target);
  }

  void fail(std::string what) {
    out_.reading.state = Reading::State::error;
    out_.reading.error = SharedText(std::move(what));
    hold();
  }

  void hold() {
    const auto* held = held_by(in_.history, composite_key, out_.trigger);
    if (!held || !held->replicas) return;
    out_.basis = is_silence() && !held->active ? Basis::silent : Basis::held;
    out_.held = true;
    out_.active = held->active;
    out_.replicas = held->replicas;
  }

  // Whether all that is missing is stale.
  bool is_silence() const {
    return out_.reading.state == Reading::State::stale && out_.failures == 0 &&
           std::ranges::none_of(triggers_, [](const Proposal& p) {
             return is_missing(p) && p.reading.state != Reading::State::stale;
           });
  }

  const Inputs& in_;
  const Modifiers& modifiers_;
  std::vector<Proposal>& triggers_;
  Proposal out_;
};

}  // namespace

void compose(const Inputs& in, std::vector<Proposal>& proposals) {
  Composer(in, proposals).run();
}

}  // namespace scale
