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

// The answer of `matched` series from all that they bring. A stale one has yet to be explained.
Evaluation answer_of(Aggregation aggregation, const Fold& fold, std::size_t matched);

// The answer of `series`, which match. It knows nothing of the past: series that have left the
// store leave no trace, and what never had a value is absent.
Evaluation evaluate(const Question& question, std::span<Series* const> series, Duration window,
                    Timestamp now);

// Says of a stale answer whether its silence is evidence that there is nothing.
void explain_silence(Evaluation& stale, const Silence& silence, Timestamp now);

}  // namespace tsdb
