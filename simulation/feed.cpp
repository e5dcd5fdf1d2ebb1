#include "simulation/feed.h"

#include <algorithm>

namespace simulation {
namespace {

using State = scale::Reading::State;

constexpr std::string_view recorded_error = "as recorded";

bool is_fresh(const scale::Reading& reading) {
  return reading.state == State::value || reading.state == State::not_a_number;
}

// `before` is in force until the sample comes; silence remembers when the last one was heard.
scale::Reading read(const Sample& sample, const scale::Reading& before) {
  scale::Reading reading{.state = sample.state, .value = sample.value, .newest = before.newest};
  if (is_fresh(reading)) {
    reading.newest = sample.at;
    reading.series = 1;
  }
  if (sample.state == State::error) reading.error = std::string(recorded_error);
  return reading;
}

}  // namespace

void Feed::advance(Timestamp now) {
  const auto& samples = signal_.samples;
  while (taken_ < samples.size() && samples[taken_].at <= now)
    reading_ = read(samples[taken_++], reading_);
  if (const auto at = stale_at(); at && *at <= now)
    reading_ = {.state = State::stale, .newest = reading_.newest};
}

std::optional<Timestamp> Feed::next() const {
  std::optional<Timestamp> next = stale_at();
  if (taken_ == signal_.samples.size()) return next;
  const Timestamp at = signal_.samples[taken_].at;
  return next ? std::min(*next, at) : at;
}

// A sample of just that age still counts, as in the store.
std::optional<Timestamp> Feed::stale_at() const {
  if (!is_fresh(reading_)) return std::nullopt;
  return reading_.newest + stale_after_ + Duration{1};
}

}  // namespace simulation
