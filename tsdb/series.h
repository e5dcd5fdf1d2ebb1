#pragma once

// One series: whose it is, what it counts, its samples.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "tsdb/digest.h"
#include "tsdb/label_sets.h"
#include "tsdb/packed_labels.h"
#include "tsdb/samples.h"
#include "tsdb/starts.h"
#include "tsdb/types.h"

namespace tsdb {

struct Metric;
struct StandingQuery;

// That a standing query is fed by a series, and under which number.
struct Watcher {
  StandingQuery* query;
  std::uint32_t number;
};

// One way in which a metric's name was sent; the ways that fold together share a Metric.
struct Spelling {
  std::string name;
  Metric* metric = nullptr;
  std::uint32_t series = 0;  // how many are spelled so; with the last one it goes
};

// About a hundred bytes, plus its samples. Confined to its store.
struct Series {
  Spelling* spelling = nullptr;
  LabelSet* resource = nullptr;
  LabelSet* scope = nullptr;
  LabelSet* attributes = nullptr;
  Samples samples;
  Starts starts;    // of a counter
  Timestamp ended;  // the newest no-recorded-value point; 0 when there was none
  Digest digest;    // by which it is known, where `digested`; the index has the others
  bool digested = false;
  Shape shape = Shape::level;
  bool dropped = false;          // left the store; those who hold it let go
  std::uint32_t histograms = 0;  // its place in the store's Histograms; 0: it has none
  // The standing queries that it feeds; most series feed none.
  std::unique_ptr<std::vector<Watcher>> watchers;

  Timestamp newest() const { return samples.empty() ? Timestamp{} : samples.all().back().time(); }
  // Whether its sender said that nothing follows the newest sample.
  bool has_ended() const { return ended > newest(); }
};

// What a query sees under `name`; "" when it is missing. The resource's host.name, else its pod, is
// `host.name`; otherwise the point's attribute goes before the resource's.
std::string_view label_of(const PackedLabels& resource, const PackedLabels& attributes,
                          std::string_view name);
std::string_view label_of(const Series& series, std::string_view name);
// All of them.
Labels labels_of(const Series& series);

}  // namespace tsdb
