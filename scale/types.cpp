#include "scale/types.h"

#include <array>

namespace scale {
namespace {

// Indexed by the enumerator; names as in JSON and text.
constexpr std::array<std::string_view, 5> state_names = {"value", "absent", "stale", "error",
                                                         "not_a_number"};

constexpr std::array<std::string_view, 15> clamp_names = {"tolerance",
                                                          "stabilization",
                                                          "policy",
                                                          "min",
                                                          "max",
                                                          "activation",
                                                          "cooldown",
                                                          "initial_cooldown",
                                                          "idle",
                                                          "hold",
                                                          "paused",
                                                          "paused_replicas",
                                                          "paused_scale_in",
                                                          "paused_scale_out",
                                                          "force_activation"};

static_assert(state_names.size() == static_cast<std::size_t>(Reading::State::not_a_number) + 1);
static_assert(clamp_names.size() == static_cast<std::size_t>(ClampKind::force_activation) + 1);

template <class Enum, std::size_t size>
std::optional<Enum> named(const std::array<std::string_view, size>& names, std::string_view text) {
  for (std::size_t i = 0; i < size; ++i) {
    if (names[i] == text) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Reading::State state) {
  return state_names[static_cast<std::size_t>(state)];
}

std::string_view to_string(ClampKind kind) {
  return clamp_names[static_cast<std::size_t>(kind)];
}

std::optional<Reading::State> reading_state(std::string_view name) {
  return named<Reading::State>(state_names, name);
}

std::optional<ClampKind> clamp_kind(std::string_view name) {
  return named<ClampKind>(clamp_names, name);
}

}  // namespace scale
