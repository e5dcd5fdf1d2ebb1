#include "tsdb/silence.h"

#include <algorithm>

namespace tsdb {

void Departed::add(const Series& series, LabelSets& sets) {
  const Timestamp last = series.newest();
  if (series.has_ended()) {
    ended_ = std::max(ended_.value_or(last), last);
  } else if (series.shape != Shape::delta) {
    unknown_ = std::max(unknown_.value_or(last), last);
  } else {
    auto& quiet = quiet_[series.resource];
    if (!quiet.resource) quiet.resource = held(sets, series.resource);
    quiet.last = std::max(quiet.last, last);
  }
}

void Departed::forget_before(Timestamp time) {
  std::erase_if(quiet_, [time](const auto& entry) { return entry.second.last < time; });
}

void Silence::add(std::span<Series* const> series) {
  for (const Series* one : series) {
    if (one->has_ended()) {
      add_ended(one->newest());
    } else if (one->shape == Shape::delta) {
      add_delta(*one->resource, one->newest());
    } else {
      add_unknown(one->newest());
    }
  }
}

void Silence::add(const Departed& departed) {
  if (departed.ended_) add_ended(*departed.ended_);
  if (departed.unknown_) add_unknown(*departed.unknown_);
  for (const auto& [resource, quiet] : departed.quiet_) add_delta(*resource, quiet.last);
}

void Evidence::add(const Evidence& other) {
  ended = std::max(ended, other.ended);
  unknown = std::max(unknown, other.unknown);
  watches_resources = watches_resources || other.watches_resources;
}

bool Evidence::says_ended(Duration window) const {
  return ended && (!unknown || *unknown < *ended - window);
}

void Silence::add_delta(const LabelSet& resource, Timestamp last) {
  evidence_.watches_resources = true;
  reported_without(resource, last) ? add_ended(last) : add_unknown(last);
}

bool Silence::reported_without(const LabelSet& resource, Timestamp last) const {
  if (resource.labels.bytes().empty()) return false;
  const Timestamp silent_since = std::max(last, resource.refused);
  const Timestamp reported = resource.newest;
  return last < now_ - window_ && reported >= silent_since + window_ && reported >= now_ - window_;
}

}  // namespace tsdb
