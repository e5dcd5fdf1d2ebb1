#include "tsdb/fold_tree.h"

namespace tsdb {
namespace {

const Fold nothing;

}  // namespace

void FoldTree::push_back(const Contribution& one) {
  leaves_.push_back(one);
  fit();
  touch(leaves_.size() - 1);
}

void FoldTree::set(std::size_t i, const Contribution& one) {
  leaves_[i] = one;
  touch(i);
}

void FoldTree::pop_back() {
  touch(leaves_.size() - 1);
  leaves_.pop_back();
  fit();
}

const Fold& FoldTree::refresh() {
  for (std::size_t level = 0; level < levels_.size(); ++level) {
    for (const std::size_t node : changed_[level]) {
      if (node >= levels_[level].size()) continue;  // it went meanwhile
      fold_anew(level, node);
      if (level + 1 < levels_.size()) touch_node(level + 1, node / width);
    }
    changed_[level].clear();
  }
  return levels_.empty() ? nothing : levels_.back().front().fold;
}

void FoldTree::touch(std::size_t leaf) {
  touch_node(0, leaf / width);
}

void FoldTree::touch_node(std::size_t level, std::size_t node) {
  if (levels_[level][node].changed) return;
  levels_[level][node].changed = true;
  changed_[level].push_back(node);
}

// As many nodes and levels as there are things below them.
void FoldTree::fit() {
  std::size_t level = 0;
  for (std::size_t n = leaves_.size(); n > 1 || (level == 0 && n > 0); ++level) {
    n = (n + width - 1) / width;
    if (level == levels_.size()) {
      levels_.emplace_back();
      changed_.emplace_back();
    }
    const std::size_t before = levels_[level].size();
    levels_[level].resize(n);
    // A new node has everything before it, and a new level everything below it, to tell.
    if (n > before) {
      for (std::size_t node = before; node < n; ++node) touch_node(level, node);
    } else if (n < before) {
      touch_node(level, n - 1);
    }
    if (n == 1) {
      ++level;
      break;
    }
  }
  levels_.resize(level);
  changed_.resize(level);
}

void FoldTree::fold_anew(std::size_t level, std::size_t node) {
  Fold fold;
  const std::size_t end = std::min((node + 1) * width, below(level));
  for (std::size_t i = node * width; i < end; ++i) {
    level == 0 ? fold.add(leaves_[i]) : fold.add(levels_[level - 1][i].fold);
  }
  levels_[level][node] = {.fold = fold, .changed = false};
}

}  // namespace tsdb
