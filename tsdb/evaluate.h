#pragma once

// From series to one answer. Pure.

#include <optional>
#include <span>

#include "base/time.h"
#include "tsdb/fold.h"
#include "tsdb/metric_query.h"
#include "tsdb/series.h"
#include "tsdb/silence.h"
#include "tsdb/types.h"

namespace tsdb {

struct Evaluation {
  Answer answer;
  // The moment after which passing time alone may change the answer; nullopt when it cannot.
  std::optional<Timestamp> good_until;
};

// What one series brings, from its samples not older than `window` at `now`.
Contribution contribution_of(Operation operation, const Series& series, Duration window,
                             Timestamp now);

// What the series of one shard bring to an answer.
struct PartialAnswer {
  Fold fold;
  std::uint32_t matched = 0;  // how many series match
  bool exact = false;         // some series of the shard is spelled exactly as was asked
  // Without any value: how those that match fell silent, and those that did match and have left.
  Evidence present;
  Evidence departed;
};

// What `series`, which match, bring. It knows nothing of the past: series that have left the store
// leave no trace.
PartialAnswer partial_answer(const Question& question, std::span<Series* const> series,
                             Duration window, Timestamp now);

// What all shards bring. Where the exact spelling is in one of them, only those count in which it
// is.
PartialAnswer merged(std::span<const PartialAnswer> parts);

// The answer to all that was brought. A stale one has yet to be explained.
Evaluation answer_of(Aggregation aggregation, const PartialAnswer& all);

// How far back an answer looks, and since when all that comes of its metric has been kept (see
// tsdb/wanted.h).
struct Lookback {
  Duration window;
  Timestamp kept_since = {};
};

// Says of a stale answer whether its silence is evidence that there is nothing. Where its metric
// has been kept for less than two windows it is none: the series may have had points meanwhile that
// nobody kept. After that its senders have reported without it for a whole window of our listening.
void explain_silence(Evaluation& stale, const PartialAnswer& all, const Lookback& back,
                     Timestamp now);

}  // namespace tsdb
