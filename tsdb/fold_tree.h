#pragma once

// The fold of very many contributions, kept while single ones change.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tsdb/fold.h"

namespace tsdb {

// A tree of folds over an array:
//
//   contributions  [0 .. 15] [16 .. 31] ...          one per series
//   level 0            f         f      ...  [16]    fold of sixteen contributions
//   level 1            f                     ...     fold of sixteen folds
//   ...                                              up to one
//
// A change costs the folds above it, each at most once per refresh(). Sums are never corrected,
// always added up anew, so that nothing is left of a value that has gone. A value that moves.
class FoldTree {
 public:
  std::size_t size() const { return leaves_.size(); }
  const Contribution& operator[](std::size_t i) const { return leaves_[i]; }

  void push_back(const Contribution& one);
  void set(std::size_t i, const Contribution& one);
  void pop_back();
  void clear() { *this = {}; }

  // The fold of all.
  const Fold& refresh();

  // Calls change(i) for every contribution that is not good at `now` any more; it may set(i, ...),
  // and nothing else. Call it after refresh().
  template <class Change>
  void each_overdue(Timestamp now, Change change) {
    if (!levels_.empty()) overdue(levels_.size() - 1, 0, now, change);
  }

 private:
  static constexpr std::size_t width = 16;
  struct Node {
    Fold fold;
    bool changed = false;  // something below has
  };
  using Level = std::vector<Node>;

  // How many things lie below a node of `level`.
  std::size_t below(std::size_t level) const {
    return level == 0 ? leaves_.size() : levels_[level - 1].size();
  }
  void touch(std::size_t leaf);
  void touch_node(std::size_t level, std::size_t node);
  void fit();
  void fold_anew(std::size_t level, std::size_t node);

  template <class Change>
  void overdue(std::size_t level, std::size_t node, Timestamp now, Change& change) {
    if (now <= levels_[level][node].fold.good_until) return;
    const std::size_t end = std::min((node + 1) * width, below(level));
    for (std::size_t i = node * width; i < end; ++i) {
      if (level > 0) {
        overdue(level - 1, i, now, change);
      } else if (now > leaves_[i].good_until) {
        change(i);
      }
    }
  }

  std::vector<Contribution> leaves_;
  std::vector<Level> levels_;                      // the last one has one node
  std::vector<std::vector<std::size_t>> changed_;  // by level: the nodes to be folded anew
};

}  // namespace tsdb
