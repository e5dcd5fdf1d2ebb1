#pragma once

// Keeps a cache of one resource in step with the API: list, then watch, and from the beginning when
// the watch ends.

#include <functional>
#include <set>

#include "base/log.h"
#include "base/metrics.h"
#include "base/task.h"
#include "kube/client.h"

namespace kube {

// Who keeps the cache. Everything is called on the client's loop.
struct Follower {
  Resource resource;
  std::function<void(Key, json::Value)> changed;  // new, or changed
  std::function<void(const Key&)> removed;
  std::function<std::set<Key>()> known;  // what the cache holds, asked before each list
  std::function<void()> listed;          // the cache holds everything; after each list
};

// Runs until its task is stopped. A failed list or watch is logged once per failure, counted, and
// tried again after a wait that grows up to 30 s. The client outlives it.
Task<void> follow(Client& client, Follower follower, Log log, base::metrics::Counter& restarts);

}  // namespace kube
