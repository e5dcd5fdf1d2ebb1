#pragma once

// Owns every series and finds them: by identity for the next point, by metric for a query.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "tsdb/digest_table.h"
#include "tsdb/label_sets.h"
#include "tsdb/points_written.h"
#include "tsdb/series.h"

namespace tsdb {

// The series whose names fold to one, and what is asked of them.
struct Metric {
  std::string folded;
  std::vector<Series*> series;  // in no order
  std::vector<StandingQuery*> standing;
  std::map<std::string, Spelling, std::less<>> spellings;
  Duration retention{};
  std::uint64_t written = 0;                    // points kept that are not told yet
  std::unique_ptr<PointsWritten::Shown> shown;  // where they are told; nullptr: nowhere (yet)

  // Whether a query for `name` takes this series: when some series is spelled exactly so, only
  // those; else all.
  bool answers(std::string_view name, const Series& one) const;
};

// Confined to its store.
class SeriesIndex {
 public:
  using Metrics = std::map<std::string, std::unique_ptr<Metric>, std::less<>>;

  explicit SeriesIndex(Duration retention)
      : retention_(retention), last_resource_(sets_), last_scope_(sets_), last_attributes_(sets_) {}
  ~SeriesIndex();
  SeriesIndex(const SeriesIndex&) = delete;
  SeriesIndex& operator=(const SeriesIndex&) = delete;

  // What identifies a series, resolved as far as the store knows it. Valid until the next call.
  struct Identity {
    LabelSet* resource = nullptr;
    LabelSet* scope = nullptr;
    std::string_view metric;
    LabelSet* attributes = nullptr;
    std::uint64_t hash = 0;
    bool repeated = false;  // some of its labels have one name
  };
  Identity identify(const SeriesView& view);
  static Identity identity_of(const Series& series);
  static Identity identity_of(LabelSet& resource, LabelSet& scope, std::string_view metric,
                              LabelSet& attributes);

  // The series of this identity, or nullptr. Equal hashes are told apart by comparing.
  Series* find(const Identity& identity) const;
  // `spelling`: of the identity's metric, where it is known.
  Series& add(const Identity& identity, Spelling* spelling = nullptr);
  // Makes room for so many series in all.
  void reserve(std::size_t series) { table_.reserve(series); }

  // The series that was learned by a digest, in steps, each of which looks at what the one before
  // can fetch ahead: a candidate, or nullptr, and whether it is the one.
  void prefetch(const Digest& digest) const { digests_.prefetch(digest.low); }
  Series* candidate(const Digest& digest) const { return digests_.find(digest.low); }
  bool is_known(const Series& series, const Digest& digest) const {
    return series.digest == digest || is_another(series, digest);
  }
  // From now on `series` is known by `digest`, unless it has many already.
  void learn(const Digest& digest, Series& series);

  // Takes one series out; nobody finds it any more. Those who hold it let go, then destroy() ends
  // it.
  Series* take(Metric& metric, std::size_t position);
  void destroy(Series* series);
  // Forgets spellings without series. Returns whether there were any.
  bool drop_spellings(Metric& metric);
  // Drops a metric that has neither series nor standing queries.
  void tidy(Metric& metric);

  // Of resources, scopes and points, shared between series.
  LabelSets& sets() { return sets_; }

  Metric* metric(std::string_view folded) const;
  Metric& metric_or_new(std::string_view folded);
  const Metrics& metrics() const { return metrics_; }
  std::size_t size() const { return table_.size(); }
  // Of the series and of what finds them, without their samples.
  Footprint footprint() const;

 private:
  struct Entry {
    std::uint64_t hash;
    Series* series;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const Entry& entry) const { return entry.hash; }
    std::size_t operator()(const Identity& identity) const { return identity.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const Entry& a, const Entry& b) const { return a.series == b.series; }
    bool operator()(const Identity& a, const Entry& b) const {
      return b.hash == a.hash && same(a, *b.series);
    }
    bool operator()(const Entry& a, const Identity& b) const { return operator()(b, a); }
  };

  static bool same(const Identity& identity, const Series& series);
  bool is_another(const Series& series, const Digest& digest) const;
  void unlearn(Series& series);
  static std::uint64_t hash_of(const Identity& identity);
  Spelling& spelling_or_new(std::string_view name);

  Duration retention_;
  LabelSets sets_;
  LastSet last_resource_;
  LastSet last_scope_;
  LastSet last_attributes_;
  std::vector<LabelView> scope_labels_;
  Metrics metrics_;
  boost::unordered_flat_set<Entry, Hash, Equal> table_;
  DigestTable digests_;
  // Of the few series that are known by several, all but the first.
  std::unordered_map<const Series*, std::vector<Digest>> more_digests_;
};

}  // namespace tsdb
