#pragma once

// Which metrics somebody wants. A store may keep all that comes (the default), or only what is
// asked for: then what nobody wants is not even read.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/mutex.h"
#include "base/time.h"
#include "tsdb/digest.h"

namespace tsdb {

struct WantedOptions {
  bool all = true;
  std::vector<std::string> always = {};  // metrics that are wanted, whoever asks
  // How long a metric is wanted after somebody asked for it once, or let it go.
  Duration kept_for = std::chrono::minutes(10);
  std::size_t asked_max = 10'000;  // metrics that nobody holds; more are not wanted
};

// Names are those of queries: '.' and '/' mean '_'. Thread-safe.
class Wanted {
 public:
  explicit Wanted(WantedOptions options = {});

  bool all() const { return options_.all; }

  // Somebody asks for it, now and then. Both return since when all that comes of it is kept: the
  // epoch where that was ever so, `now` where it begins.
  Timestamp ask(std::string_view metric, Timestamp now);
  // Somebody goes on asking, until the same number of release().
  Timestamp hold(std::string_view metric, Timestamp now);
  // Then it counts as asked for just now.
  void release(std::string_view metric);
  // Forgets what nobody has asked for lately. Call it now and then.
  void forget(Timestamp now);

  // The same without asking; nullopt: it is not kept for its own sake.
  std::optional<Timestamp> since(std::string_view metric) const;
  // Whether a metric of that name, as sent, is wanted: itself, or the count, sum or buckets that a
  // histogram of that name gives.
  bool wants(std::string_view metric) const;
  // Grows whenever some name begins or ceases to be wanted.
  std::uint64_t version() const { return version_.load(std::memory_order_acquire); }
  std::size_t size() const;

 private:
  struct Name {
    Timestamp since;
    Timestamp asked;
    std::size_t held = 0;
    bool always = false;
  };

  static bool is_asked_only(const Name& name) { return name.held == 0 && !name.always; }
  Name& named(const std::string& folded, Timestamp now) REQUIRES(mutex_);
  void changed() { version_.fetch_add(1, std::memory_order_release); }

  const WantedOptions options_;
  mutable base::Mutex mutex_;
  std::unordered_map<std::string, Name> names_ GUARDED_BY(mutex_);  // folded
  std::size_t asked_only_ GUARDED_BY(mutex_) = 0;
  Timestamp latest_ GUARDED_BY(mutex_);  // the moment of the latest call that says one
  std::atomic<std::uint64_t> version_{1};
};

// What one thread knows of it, so that a name that came before costs one hash and no lock.
// Confined to its thread; `wanted` outlives it.
class WantedView {
 public:
  explicit WantedView(const Wanted& wanted);

  bool all() const { return wanted_.all(); }
  // Looks whether something has changed: call it once for each request.
  void refresh() { version_ = wanted_.version(); }
  // Whether a metric of that name, as sent, is wanted.
  bool wants(std::string_view metric) {
    if (all()) return true;
    const Digest name = hasher_.of(metric);
    Known& known = known_[name.low % known_.size()];
    if (known.version != version_ || known.name != name)
      known = {.name = name, .version = version_, .wanted = wanted_.wants(metric)};
    return known.wanted;
  }

 private:
  // What was found last of the names that meet in one place.
  struct Known {
    Digest name;
    std::uint64_t version = 0;
    bool wanted = false;
  };

  const Wanted& wanted_;
  const Hasher hasher_;
  std::uint64_t version_ = 0;
  std::vector<Known> known_;
};

}  // namespace tsdb
