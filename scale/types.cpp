#include "scale/types.h"

#include <algorithm>
#include <array>

namespace scale {
namespace {

// Indexed by the enumerator; names as in JSON and text.
constexpr std::array<std::string_view, 5> state_names = {"value", "absent", "stale", "error",
                                                         "not_a_number"};

constexpr std::array<std::string_view, 8> basis_names = {"value", "zero",   "stated",  "fallback",
                                                         "held",  "silent", "ignored", "nothing"};

constexpr std::array<std::string_view, 4> phase_names = {"scaled", "cooling", "resting", "leaving"};

constexpr std::array<std::string_view, 18> clamp_names = {"tolerance",
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
                                                          "force_activation",
                                                          "growth",
                                                          "just_started",
                                                          "left_to_hpa"};

static_assert(state_names.size() == static_cast<std::size_t>(Reading::State::not_a_number) + 1);
static_assert(basis_names.size() == static_cast<std::size_t>(Basis::nothing) + 1);
static_assert(phase_names.size() == static_cast<std::size_t>(Phase::leaving) + 1);
static_assert(clamp_names.size() == static_cast<std::size_t>(ClampKind::left_to_hpa) + 1);

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

std::string_view to_string(Basis basis) {
  return basis_names[static_cast<std::size_t>(basis)];
}

std::string_view to_string(Phase phase) {
  return phase_names[static_cast<std::size_t>(phase)];
}

std::string_view to_string(ClampKind kind) {
  return clamp_names[static_cast<std::size_t>(kind)];
}

std::optional<Reading::State> reading_state(std::string_view name) {
  return named<Reading::State>(state_names, name);
}

std::optional<Basis> basis_named(std::string_view name) {
  return named<Basis>(basis_names, name);
}

std::optional<Phase> phase_named(std::string_view name) {
  return named<Phase>(phase_names, name);
}

std::optional<ClampKind> clamp_kind(std::string_view name) {
  return named<ClampKind>(clamp_names, name);
}

std::uint64_t trigger_key(std::string_view name) {
  constexpr std::uint64_t offset = 14695981039346656037u;
  constexpr std::uint64_t prime = 1099511628211u;
  std::uint64_t hash = offset;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  return std::max(hash, composite_key + 1);
}

}  // namespace scale
