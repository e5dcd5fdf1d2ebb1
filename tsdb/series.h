#pragma once

// One series: whose it is, what it counts, its samples.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
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

// What few series have.
struct Seldom {
  Starts starts;    // of a counter that was started anew
  Timestamp ended;  // the newest no-recorded-value point
  std::vector<Watcher> watchers;

  bool empty() const { return !starts.changed() && ended == Timestamp{} && watchers.empty(); }
};

// Eleven words, plus its samples. Confined to its store.
struct Series {
  static constexpr std::uint32_t histograms_max = (1u << 28) - 1;

  Spelling* spelling = nullptr;
  LabelSet* resource = nullptr;
  LabelSet* scope = nullptr;
  LabelSet* attributes = nullptr;
  [[no_unique_address]] Samples samples;
  std::uint32_t histograms : 28 = 0;  // its place in the store's Histograms; 0: it has none
  Shape shape : 2 = Shape::level;
  bool digested : 1 = false;
  bool dropped : 1 = false;  // left the store; those who hold it let go
  Timestamp start;           // of a counter: when the counting behind its newest sample began
  Digest digest;             // by which it is known, where `digested`; the index has the others
  std::unique_ptr<Seldom> seldom;

  Timestamp newest() const { return samples.empty() ? Timestamp{} : samples.all().back().time(); }

  // The newest no-recorded-value point; 0 when there was none.
  Timestamp ended() const { return seldom ? seldom->ended : Timestamp{}; }
  void end(Timestamp time);
  // Whether its sender said that nothing follows the newest sample.
  bool has_ended() const { return seldom && seldom->ended > newest(); }

  // When the counting behind its samples began, where that has changed; nullptr: it is `start` for
  // all of them.
  const Starts* starts() const {
    return seldom && seldom->starts.changed() ? &seldom->starts : nullptr;
  }
  void set_starts(Starts starts);
  // As Starts says it.
  void note_start(Timestamp time, Timestamp from, Timestamp next);
  void drop_starts_before(Timestamp oldest);

  // The standing queries that it feeds.
  std::span<Watcher> watchers() {
    return seldom ? std::span(seldom->watchers) : std::span<Watcher>();
  }
  std::span<const Watcher> watchers() const {
    return seldom ? std::span<const Watcher>(seldom->watchers) : std::span<const Watcher>();
  }
  void watch(Watcher watcher) { rare().watchers.push_back(watcher); }
  void unwatch(const StandingQuery& query);
  void unwatch_all();

 private:
  Seldom& rare();
  void tidy();
};
static_assert(sizeof(Series) == 88);

// What a query sees under `name`; "" when it is missing. The resource's host.name, else its pod, is
// `host.name`; otherwise the point's attribute goes before the resource's.
std::string_view label_of(const PackedLabels& resource, const PackedLabels& attributes,
                          std::string_view name);
std::string_view label_of(const Series& series, std::string_view name);
// All of them.
Labels labels_of(const Series& series);

}  // namespace tsdb
