#pragma once

// Pods and what was measured of them, as far as the algorithm looks at them. Plain values.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "scale/hpa/arithmetic.h"

namespace scale::hpa {

// Amounts by resource name.
struct Amount {
  std::string resource;
  Milli milli = 0;
  bool operator==(const Amount&) const = default;
};
using Amounts = std::vector<Amount>;
std::optional<Milli> amount_of(const Amounts& amounts, std::string_view resource);

struct Container {
  std::string name;
  Amounts requests;
  bool restart_always = false;  // of an init container: it runs beside the others
};

enum class Phase : std::uint8_t { pending, running, succeeded, failed, unknown };

// The Ready condition.
struct Readiness {
  enum class Status : std::uint8_t { no, yes, unknown };
  Status status = Status::yes;
  Timestamp since;  // its last transition
};

struct Pod {
  std::string name;
  Phase phase = Phase::running;
  bool deleted = false;  // has a deletion timestamp
  std::optional<Readiness> ready;
  std::optional<Timestamp> started;
  std::vector<Container> containers;
  std::vector<Container> init_containers;
  Amounts requests;  // those of the pod itself; usually none
};

inline constexpr Duration default_sample_window = std::chrono::seconds(60);

// What the resource metrics API says of one pod.
struct PodSample {
  struct Usage {
    std::string container;
    Amounts amounts;
  };
  std::string pod;
  Timestamp at;
  Duration window = default_sample_window;
  std::vector<Usage> containers;
};

// What the custom metrics API says of one pod.
struct PodValue {
  std::string pod;
  Milli value = 0;
};

// Pods that are Running and Ready, terminating ones included.
std::int64_t count_ready(const std::vector<Pod>& pods);

}  // namespace scale::hpa
