#pragma once

// Label sets that many series share: each distinct set is kept once and counted.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/time.h"
#include "tsdb/packed_labels.h"
#include "tsdb/types.h"

namespace tsdb {

// One set in the pool, at a stable address as long as somebody holds it.
struct LabelSet {
  PackedLabels labels;
  std::uint64_t hash = 0;
  std::uint32_t holders = 0;
  std::uint32_t series = 0;  // of a resource: how many series it has
  // Of a resource: the newest sample of any of its series, no later than it arrived.
  Timestamp newest;
  // Of a resource: when a new series of it was last refused for a limit of the store; 0: never.
  Timestamp refused;
};

// Confined to its store. Destroyed after every holder has released.
class LabelSets {
 public:
  LabelSets();
  ~LabelSets();
  LabelSets(const LabelSets&) = delete;
  LabelSets& operator=(const LabelSets&) = delete;

  // The one set equal to `labels`, held once more.
  LabelSet* hold(std::span<const LabelView> labels);
  LabelSet* hold(LabelSet* set);
  // The same of a set that is packed already.
  LabelSet* hold_packed(std::string_view bytes);
  // Whether names of the last labels were equal.
  bool repeated() const { return packer_.repeated(); }
  void release(LabelSet* set);
  std::size_t size() const { return sets_.size(); }
  // Of all sets, with the table that finds them.
  std::size_t bytes() const;

 private:
  struct Probe {
    std::string_view bytes;
    std::uint64_t hash;
  };
  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    std::size_t operator()(const LabelSet* set) const { return set->hash; }
    std::size_t operator()(const Probe& probe) const { return probe.hash; }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const LabelSet* a, const LabelSet* b) const { return a == b; }
    bool operator()(const Probe& a, const LabelSet* b) const {
      return a.bytes == b->labels.bytes();
    }
    bool operator()(const LabelSet* a, const Probe& b) const { return operator()(b, a); }
  };

  std::uint64_t key_;  // of the hashes, so that nobody can choose what they meet in
  Packer packer_;
  boost::unordered_flat_set<LabelSet*, Hash, Equal> sets_;
  std::size_t bytes_ = 0;  // of the sets
};

// A set that is held once more, until this ends. The pool outlives it.
struct Release {
  LabelSets* sets = nullptr;
  void operator()(LabelSet* set) const { sets->release(set); }
};
using HeldSet = std::unique_ptr<LabelSet, Release>;
inline HeldSet held(LabelSets& sets, LabelSet* set) {
  return {sets.hold(set), Release{&sets}};
}

// Senders repeat the same resource point after point: remembers the last set as it was sent, so
// that the repetition costs a comparison instead of sorting and hashing. Confined to its store.
class LastSet {
 public:
  explicit LastSet(LabelSets& sets) : sets_(sets) {}
  ~LastSet() { forget(); }
  LastSet(const LastSet&) = delete;
  LastSet& operator=(const LastSet&) = delete;

  // The set equal to `labels`. Held by this memory until the next call; hold it to keep it.
  LabelSet* find(std::span<const LabelView> labels);
  // Whether names of the last set were equal.
  bool repeated() const { return repeated_; }
  void forget();

 private:
  void remember(std::span<const LabelView> labels);

  LabelSets& sets_;
  LabelSet* set_ = nullptr;
  bool repeated_ = false;
  std::string text_;               // every name and value, one after the other
  std::vector<LabelView> labels_;  // into text_
};

}  // namespace tsdb
