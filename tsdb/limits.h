#pragma once

// What keeps a store from growing without end: whether a new series may come, and whether one that
// is known gets room for more samples.

#include <cstddef>
#include <optional>
#include <vector>

#include "base/log.h"
#include "base/time.h"
#include "tsdb/label_sets.h"
#include "tsdb/shared.h"
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

// What has come to an end, to be said outside the store's lock.
struct LimitNews {
  bool series = false;
  bool bytes = false;
  std::vector<Labels> resources;  // with too many series

  bool empty() const { return !series && !bytes && resources.empty(); }
};

// Confined to its store; limits are of all shards together. The first refusal for each limit is
// news, and again after the store was far from it; a resource is news every ten minutes.
class Admission {
 public:
  Admission(const Limits& limits, SharedByShards& shared) : limits_(limits), shared_(shared) {}

  // Why no series of `view` is added where all shards hold `bytes`; nullopt: it may come, and is
  // counted. A refusal is noted in `resource`.
  std::optional<Appended> refused(const SeriesView& view, LabelSet& resource, std::size_t bytes,
                                  Timestamp now);
  // The same but for its labels.
  std::optional<Appended> refused(LabelSet& resource, std::size_t bytes, Timestamp now);
  // Whether a series gets room for more samples, or has to drop its oldest.
  bool has_room(std::size_t bytes) const { return bytes < limits_.bytes_max; }
  // The store has shrunk to this.
  void shrunk(std::size_t bytes);

  // What there is since the last time.
  LimitNews news();

 private:
  void note(Appended limit, const LabelSet& resource, Timestamp now);

  Limits limits_;
  SharedByShards& shared_;
  LimitNews news_;
};

// One line in the log for each.
void say(const LimitNews& news, const Limits& limits, const Log& log);

}  // namespace tsdb
