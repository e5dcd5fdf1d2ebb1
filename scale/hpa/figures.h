#pragma once

// From what was measured to one figure per pod.

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "scale/hpa/pods.h"

namespace scale::hpa {

struct Figure {
  Milli value = 0;
  Timestamp at;
  Duration window{};
};

// What is measured: a resource of the whole pod, or of one container.
struct Measured {
  std::string_view resource;
  std::string_view container;  // empty: of the pod
};

// Of the pod: the sum over the sample's containers; none when one lacks the resource, or there are
// no containers. Of a container: its amount; none when the sample lacks it.
std::optional<Figure> figure_of(const PodSample& sample, Measured measured);

struct Figures {
  std::vector<std::optional<Figure>> of_pods;  // one per pod, in the pods' order
  std::vector<Milli> strays;                   // of pods that are not listed
};

// Figures matched to pods by name; of two for one pod the later one counts.
Figures figures_of(std::span<const Pod> pods, std::span<const PodSample> samples,
                   Measured measured);
Figures figures_of(std::span<const Pod> pods, std::span<const PodValue> values);

}  // namespace scale::hpa
