#pragma once

// Makes the cluster what a set of manifests says: at the start, and again whenever the files
// change.

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/task.h"
#include "kube/client.h"
#include "kube/manifest.h"

namespace cluster {

// What the embedded cluster would refuse in manifests that are valid by themselves: containers
// without a command, kinds that are not for people to state (Pod, Event), two ScaledObjects on one
// workload (both named). Pure.
std::vector<kube::ManifestProblem> check_manifests(std::span<const kube::Manifest> manifests);

struct LoadResult {
  // Not empty: nothing was changed; except that the API itself failed on the way, which then is the
  // problem.
  std::vector<kube::ManifestProblem> problems;
  std::size_t applied = 0;  // objects that are new or have changed
  std::size_t unchanged = 0;
  std::size_t removed = 0;  // objects of an earlier load that are in no file any more
};

// Confined to its loop; the client outlives it. Objects it made carry the annotation
// tidewheel.dev/loaded-from, by which the next load, also after a restart, knows what to remove.
class Loader {
 public:
  Loader(kube::Client& client, Log log) : client_(client), log_(std::move(log)) {}

  // All or nothing: everything is checked first, and when anything is wrong nothing changes and
  // every problem is told. The replicas of a Deployment that something scales stay as they
  // are, unless its manifest states another number than the last time. Fields without effect here
  // are logged once per object and change.
  Task<LoadResult> load(kube::Manifests manifests);

 private:
  kube::Client& client_;
  Log log_;
};

}  // namespace cluster
