#pragma once

// Which readings are whole. A store is empty after a start, so at first a trigger's value is made
// of less than it looks back on, and may only raise.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "json/json.h"
#include "scale/types.h"
#include "scalers/kedify_otel.h"

namespace control {

// The last whole answer to a question that needs only each series' last sample. Survives restarts.
struct Whole {
  std::uint64_t question = 0;  // a hash of its query, operation and window
  std::uint32_t series = 0;    // how many took part, at least 1
  Timestamp at;
  bool operator==(const Whole&) const = default;
};

json::Value to_json(const Whole& whole);
Result<Whole> whole_from_json(const json::Value& value);

// Since when the store has been listening, and how far back it keeps what nobody asks for.
struct Listening {
  Timestamp since;
  Duration retention;
  // It began with what was known then; nullopt: with nothing.
  std::optional<Timestamp> as_of = std::nullopt;
  bool to_all = true;  // false: to a metric only from when it is asked for (tsdb/wanted.h)
};

// The windows of one object's triggers. A reading is whole
// - once its window reaches back no further than the store has been listening; or, sooner,
// - for last_one, where a window's worth of samples is not needed: once as many series report as
//   took part in the last whole answer to the same question, no longer ago than a window before
//   the questions were put. A store that began with series from before that answer does not count
//   so: they take part with older samples than the answer was made of.
// Without such an answer nobody knows how many series there should be, and the window passes.
// A plain value, confined to the control loop.
class Windows {
 public:
  // The answers of an earlier run; before the first put().
  void restore(std::vector<Whole> whole) { whole_ = std::move(whole); }

  // New questions, one per trigger. What is known of those that are asked again stays.
  void put(std::span<const scalers::kedify_otel::Params> triggers, const Listening& listening,
           Timestamp now);

  // Marks what is whole and what is not. readings: one per trigger.
  void mark(std::span<scale::Reading> readings, Timestamp now);

  // The next moment at which time alone makes a reading whole.
  std::optional<Timestamp> next_fill(Timestamp now) const;

  // For the journal.
  const std::vector<Whole>& whole() const { return whole_; }

 private:
  struct Trigger {
    std::uint64_t question = 0;
    Timestamp fills_at;
    bool last_sample_only = false;
    std::uint32_t series_before = 0;  // that make a reading whole before its window; 0: unknown
  };

  const Whole* find(std::uint64_t question) const;
  Timestamp fills_at(std::uint64_t question, Duration window, const Listening& listening,
                     Timestamp now) const;
  void remember(std::uint64_t question, std::uint32_t series, Timestamp now);

  std::vector<Trigger> triggers_;
  std::vector<Whole> whole_;  // at most one per question that is asked
};

}  // namespace control
