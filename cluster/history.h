#pragma once

// The recent changes of one kind, for watches: each watch reads on from a version, so a slow one
// costs no memory of its own.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/task.h"
#include "kube/client.h"

namespace cluster {

using Stored = std::shared_ptr<const json::Value>;

struct Change {
  kube::WatchEvent::Type type{};
  std::uint64_t version = 0;
  Stored object;
};

// Confined to the control loop.
class History {
 public:
  // Holds the newest `size_max` changes after version `begin`.
  History(std::size_t size_max, std::uint64_t begin) : size_max_(size_max), begin_(begin) {}

  // change.version is greater than every one before. Wakes every listener.
  void add(Change change);
  // False when changes after `version` have been forgotten.
  bool reaches(std::uint64_t version) const { return version >= begin_; }
  // The first change after `version`; nullptr when there is none yet.
  const Change* after(std::uint64_t version) const;

  void listen(base::Signal& signal) { listeners_.insert(&signal); }
  void unlisten(base::Signal& signal) { listeners_.erase(&signal); }

 private:
  std::size_t size_max_;
  std::uint64_t begin_;
  std::deque<Change> changes_;  // ascending versions
  std::set<base::Signal*> listeners_;
};

// A watch over a history: first `existing` objects as added, then every change after `version`, of
// one namespace unless `ns` is empty.
class HistoryWatch final : public kube::Watch {
 public:
  HistoryWatch(std::shared_ptr<History> history, std::string ns, std::vector<Stored> existing,
               std::uint64_t version, base::Executor executor);
  ~HistoryWatch() override;

  Task<Result<kube::WatchEvent>> next() override;

 private:
  std::shared_ptr<History> history_;
  std::string ns_;
  std::vector<Stored> existing_;
  std::size_t given_ = 0;  // of existing_
  std::uint64_t version_;
  base::Signal changed_;
};

}  // namespace cluster
