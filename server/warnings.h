#pragma once

// What is odd about the objects that somebody else's KEDA asks for: typing mistakes in their
// metadata. Shown in REST beside the senders whose clock is wrong, logged once.

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"

namespace server {

struct MetadataWarning {
  std::string ns;
  std::string name;
  std::vector<std::string> unknown_keys;  // of all its triggers; sorted, unique, at most keys_max
  Timestamp first_seen;
};

// Thread-safe: written on the ingest threads, read on the control loop.
class MetadataWarnings {
 public:
  static constexpr std::size_t objects_max = 1'000;  // more are not remembered, nor logged
  static constexpr std::size_t keys_max = 20;        // of one object

  // Returns the keys of the object that were not known before.
  std::vector<std::string> add(const std::string& ns, const std::string& name,
                               const std::vector<std::string>& keys, Timestamp now);
  std::vector<MetadataWarning> list() const;

 private:
  mutable base::Mutex mutex_;
  std::map<std::pair<std::string, std::string>, MetadataWarning> objects_ GUARDED_BY(mutex_);
};

}  // namespace server
