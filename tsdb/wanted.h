#pragma once

// Which metrics somebody wants. A store may keep all that comes (the default), or only what is
// asked for: then what nobody wants is not even read.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"

namespace tsdb {

struct WantedOptions {
  bool all = true;
  std::vector<std::string> always = {};  // metrics that are wanted, whoever asks
  // How long a metric is wanted after somebody asked for it once.
  Duration kept_for = std::chrono::minutes(10);
  std::size_t asked_max = 10'000;  // metrics that were asked for once; more are not wanted
};

// Names are those of queries: '.' and '/' mean '_'. Thread-safe.
class Wanted {
 public:
  using Names = std::unordered_set<std::string>;  // folded

  explicit Wanted(WantedOptions options = {});

  bool all() const { return options_.all; }

  // Somebody asks for it, now and then.
  void ask(std::string_view metric, Timestamp now);
  // Somebody goes on asking, until the same number of release().
  void hold(std::string_view metric);
  void release(std::string_view metric);
  // Forgets what nobody has asked for lately. Call it now and then.
  void forget(Timestamp now);

  // Grows with every change of names().
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  std::shared_ptr<const Names> names() const;

 private:
  void changed() REQUIRES(mutex_);

  const WantedOptions options_;
  mutable base::Mutex mutex_;
  std::unordered_map<std::string, std::size_t> held_ GUARDED_BY(mutex_);
  std::unordered_map<std::string, Timestamp> asked_ GUARDED_BY(mutex_);
  std::shared_ptr<const Names> names_ GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> version_{1};
};

// What one thread knows of it. Confined to its thread; `wanted` outlives it.
class WantedView {
 public:
  explicit WantedView(const Wanted& wanted) : wanted_(wanted) {}

  bool all() const { return wanted_.all(); }
  // Looks whether something has changed: call it once for each request.
  void refresh();
  // Whether a metric of that name, as sent, is wanted: itself, or the count, sum or buckets that a
  // histogram of that name gives.
  bool wants(std::string_view metric);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  bool find(std::string_view metric) const;

  const Wanted& wanted_;
  std::uint64_t version_ = 0;
  std::shared_ptr<const Wanted::Names> names_;
  // Of names that came, so that most are looked up as they are.
  std::unordered_map<std::string, bool, Hash, std::equal_to<>> known_;
};

}  // namespace tsdb
