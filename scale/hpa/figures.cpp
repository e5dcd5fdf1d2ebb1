#include "scale/hpa/figures.h"

#include <map>
#include <unordered_map>

namespace scale::hpa {
namespace {

class Matcher {
 public:
  explicit Matcher(std::span<const Pod> pods) {
    figures_.of_pods.resize(pods.size());
    places_.reserve(pods.size());
    for (std::size_t i = 0; i < pods.size(); ++i) places_.emplace(pods[i].name, i);
  }

  void add(std::string_view pod, const Figure& figure) {
    if (const auto place = places_.find(pod); place != places_.end()) {
      figures_.of_pods[place->second] = figure;
    } else {
      strays_[pod] = figure.value;
    }
  }

  Figures take() {
    for (const auto& [pod, value] : strays_) figures_.strays.push_back(value);
    return std::move(figures_);
  }

 private:
  std::unordered_map<std::string_view, std::size_t> places_;
  std::map<std::string_view, Milli> strays_;
  Figures figures_;
};

}  // namespace

std::optional<Figure> figure_of(const PodSample& sample, Measured measured) {
  Figure figure{.at = sample.at, .window = sample.window};
  bool found = false;
  for (const PodSample::Usage& usage : sample.containers) {
    if (!measured.container.empty() && usage.container != measured.container) continue;
    const auto amount = amount_of(usage.amounts, measured.resource);
    if (!amount) return std::nullopt;
    figure.value = add(figure.value, *amount);
    found = true;
  }
  if (!found) return std::nullopt;
  return figure;
}

Figures figures_of(std::span<const Pod> pods, std::span<const PodSample> samples,
                   Measured measured) {
  Matcher matcher(pods);
  for (const PodSample& sample : samples) {
    if (const auto figure = figure_of(sample, measured)) matcher.add(sample.pod, *figure);
  }
  return matcher.take();
}

Figures figures_of(std::span<const Pod> pods, std::span<const PodValue> values) {
  Matcher matcher(pods);
  for (const PodValue& value : values) matcher.add(value.pod, {.value = value.value});
  return matcher.take();
}

}  // namespace scale::hpa
