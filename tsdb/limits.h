#pragma once

// What keeps a store from growing without end: whether a new series may come, and whether one that
// is known gets room for more samples.

#include <cstddef>
#include <optional>

#include "base/log.h"
#include "base/time.h"
#include "tsdb/footprint.h"
#include "tsdb/label_sets.h"
#include "tsdb/types.h"

namespace tsdb {

struct LabelLimits {
  std::size_t labels_max;  // of a resource and a point together
  std::size_t bytes_max;   // of one name and its value
};

// Whether `view` would make a series within the limits.
bool within(const LabelLimits& limits, const SeriesView& view);

struct Limits {
  std::size_t series_max;
  std::size_t series_per_resource_max;
  std::size_t bytes_max;  // new series are refused from seven eighths of it on
  LabelLimits labels;
};

// Confined to its store. The first refusal for each limit is logged, and again after it was far
// from it.
class Admission {
 public:
  Admission(const Limits& limits, Log log) : limits_(limits), log_(std::move(log)) {}

  // Why no series of `view` is added to a store of that size; nullopt: it may come. A refusal is
  // noted in `resource`.
  std::optional<Appended> refused(const SeriesView& view, LabelSet& resource, std::size_t series,
                                  const Footprint& footprint, Timestamp now);
  // Whether a series gets room for more samples, or has to drop its oldest.
  bool has_room(const Footprint& footprint) const { return footprint.total() < limits_.bytes_max; }
  // The store has shrunk to this.
  void shrunk(std::size_t series, const Footprint& footprint);

 private:
  std::optional<Appended> over(const SeriesView& view, const LabelSet& resource, std::size_t series,
                               const Footprint& footprint) const;
  void say(Appended limit, const LabelSet& resource, Timestamp now);

  Limits limits_;
  Log log_;
  bool said_series_ = false;
  bool said_memory_ = false;
};

}  // namespace tsdb
