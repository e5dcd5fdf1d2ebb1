#include "control/policies.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "json/json.h"
#include "scalers/number.h"

namespace control {
namespace {

using scale::OnMissing;
using Action = OnMissing::Action;

struct Word {
  std::string_view text;
  Action action;
};
constexpr std::array words = {
    Word{"hold", Action::hold},
    Word{"zero", Action::zero},
    Word{"ignore", Action::ignore},
    Word{"fallback", Action::fallback},
};

// What KEDA's scalers call the number that stands for no data.
constexpr std::array<std::string_view, 2> substitute_keys = {"metricUnavailableValue",
                                                             "valueIfNull"};
constexpr std::string_view null_key = "ignoreNullValues";
constexpr std::string_view no_data_key = "noDataError";

struct Kind {
  std::string_view name;
  scale::Fallback::Kind kind;
};
constexpr std::array kinds = {
    Kind{"", scale::Fallback::Kind::fixed},
    Kind{"static", scale::Fallback::Kind::fixed},
    Kind{"currentReplicas", scale::Fallback::Kind::current},
    Kind{"currentReplicasIfHigher", scale::Fallback::Kind::current_if_higher},
    Kind{"currentReplicasIfLower", scale::Fallback::Kind::current_if_lower},
    Kind{"scalingModifiers", scale::Fallback::Kind::modifiers},
};

struct Switch {
  std::string_view name;
  bool scale::KedaBehavior::* member;
};
constexpr std::array switches = {
    Switch{"errors-stop-last-active", &scale::KedaBehavior::errors_stop_last_active},
    Switch{"fallback-always-active", &scale::KedaBehavior::fallback_always_active},
    Switch{"idle-equals-minimum", nullptr},  // for kube's rules of admission
    Switch{"pauses-spare-minimum", &scale::KedaBehavior::pauses_spare_minimum},
};
constexpr std::string_view switches_annotation = "tidewheel.dev/keda-behavior";

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A text and the field it stands in.
struct Said {
  std::string text;
  std::string field;
};

std::optional<Said> our_word(const kube::ScaledObject& object, std::size_t index,
                             std::string_view key) {
  const auto& metadata = object.spec.triggers[index].metadata;
  if (const auto it = metadata.find(std::string(key)); it != metadata.end())
    return Said{it->second, fmt::format("spec.triggers[{}].metadata.{}", index, key)};
  const auto& annotations = object.meta.annotations;
  if (const auto it = annotations.find(std::string(key)); it != annotations.end())
    return Said{it->second, fmt::format("metadata.annotations[{}]", key)};
  return std::nullopt;
}

bool is_false(std::string_view text) {
  constexpr std::array<std::string_view, 6> no = {"0", "f", "F", "false", "FALSE", "False"};
  return std::ranges::find(no, text) != no.end();
}

// What the trigger's metadata says of values that are not there, in KEDA's words.
std::optional<OnMissing> null_word(const kube::Trigger& trigger) {
  for (const std::string_view key : substitute_keys) {
    const auto it = trigger.metadata.find(std::string(key));
    if (it == trigger.metadata.end()) continue;
    const auto number = scalers::parse_finite_number(it->second);
    if (number) return OnMissing{.action = Action::value, .value = *number};
  }
  const auto ignore = trigger.metadata.find(std::string(null_key));
  if (ignore != trigger.metadata.end() && !is_false(ignore->second))
    return OnMissing{.action = Action::zero};
  const auto no_data = trigger.metadata.find(std::string(no_data_key));
  if (no_data != trigger.metadata.end() && is_false(no_data->second))
    return OnMissing{.action = Action::zero};
  return std::nullopt;
}

OnMissing kedas_word(const kube::ScaledObject& object, std::size_t index,
                     scale::ReadingState state) {
  using enum scale::ReadingState;
  if (state == absent || state == not_a_number) {
    if (const auto said = null_word(object.spec.triggers[index])) return *said;
  }
  return {.action = object.spec.fallback ? Action::fallback : Action::hold};
}

}  // namespace

Result<OnMissing> parse_on_missing(std::string_view text) {
  text = trimmed(text);
  for (const Word& word : words) {
    if (text == word.text) return OnMissing{.action = word.action};
  }
  constexpr std::string_view value = "value:";
  if (text.starts_with(value)) {
    TRY(const double number, scalers::parse_finite_number(trimmed(text.substr(value.size()))));
    return OnMissing{.action = Action::value, .value = number};
  }
  return fail(Code::invalid,
              fmt::format("\"{}\" is none of hold, zero, value: N, fallback, ignore", text));
}

std::array<OnMissing, 4> on_missing(const kube::ScaledObject& object, std::size_t index,
                                    std::vector<kube::Problem>& problems) {
  std::array<OnMissing, 4> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto said = our_word(object, index, on_missing_keys[i]);
    if (!said) {
      out[i] = kedas_word(object, index, static_cast<scale::ReadingState>(i + 1));
      continue;
    }
    const auto parsed = parse_on_missing(said->text);
    if (!parsed) {
      problems.push_back({said->field, parsed.error().what});
      continue;
    }
    out[i] = *parsed;
    if (out[i].action == Action::fallback && !object.spec.fallback)
      problems.push_back({said->field, "fallback needs spec.fallback"});
  }
  return out;
}

bool says_what_is_missing(std::string_view key) {
  return key == null_key || key == no_data_key ||
         std::ranges::find(substitute_keys, key) != substitute_keys.end() ||
         std::ranges::find(on_missing_keys, key) != on_missing_keys.end();
}

std::optional<scale::Fallback> fallback_of(const kube::ScaledObject& object,
                                           std::vector<kube::Problem>& problems) {
  if (!object.spec.fallback) return std::nullopt;
  const auto& from = *object.spec.fallback;
  const auto found = std::ranges::find(kinds, from.behavior, &Kind::name);
  if (found == kinds.end()) {
    problems.push_back(
        {"spec.fallback.behavior", fmt::format("\"{}\" is not a behaviour", from.behavior)});
    return std::nullopt;
  }
  if (from.failure_threshold < 0)
    problems.push_back({"spec.fallback.failureThreshold", "must not be negative"});
  if (from.replicas < 0) problems.push_back({"spec.fallback.replicas", "must not be negative"});
  if (found->kind == scale::Fallback::Kind::modifiers &&
      object.spec.advanced.scaling_modifiers.formula.empty()) {
    problems.push_back({"spec.fallback.behavior",
                        "scalingModifiers fallback behavior requires scalingModifiers.formula to "
                        "be defined"});
  }
  return scale::Fallback{
      .failure_threshold = from.failure_threshold, .replicas = from.replicas, .kind = found->kind};
}

scale::KedaBehavior keda_behavior(const kube::ScaledObject& object,
                                  std::vector<kube::Problem>& problems) {
  scale::KedaBehavior out;
  const auto it = object.meta.annotations.find(std::string(switches_annotation));
  if (it == object.meta.annotations.end()) return out;
  std::string_view rest = it->second;
  while (!rest.empty()) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    const std::string_view name = trimmed(rest.substr(0, comma));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
    const auto found = std::ranges::find(switches, name, &Switch::name);
    if (found != switches.end()) {
      if (found->member) out.*found->member = true;
    } else if (!name.empty()) {
      problems.push_back({fmt::format("metadata.annotations[{}]", switches_annotation),
                          fmt::format("\"{}\" is not a behaviour to keep", name)});
    }
  }
  return out;
}

}  // namespace control
