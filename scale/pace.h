#pragma once

// The HPA's limits at event time. An HPA moves once per sync period; a decision may be made at
// every sample. So limits count per window of one period: the first evaluation at or after the end
// of the last window opens a new one, whose base is the count then. Inside it every evaluation is
// limited from that base, by the events from before it, and its net change becomes one scale event
// at its start. Evaluated once per period that is the HPA exactly; evaluated more often it reaches
// no further than an HPA would that ticks in the window at the most demanding sample, only sooner.
// Pure.

#include <optional>

#include "scale/hpa/limits.h"
#include "scale/types.h"

namespace scale {

// Whether the history's window is over, or there is none.
bool window_over(const History& history, Duration period, Timestamp now);

// Ends the window, if there is one, and makes its change a scale event (with a behaviour block).
void close_window(const Spec& spec, History& history);

// What may become of `move` now: current is the count now, desired what stabilisation lets through.
// A limit slows down, it never turns back.
hpa::Limited pace(const Spec& spec, const History& history, hpa::Move move, Timestamp now);

// When a limit that left the count at `to` may allow more: at the end of the window, when its base
// moves there, or when an event leaves its policy's period.
std::optional<Timestamp> pace_changes(const Spec& spec, const History& history, Replicas to,
                                      Timestamp now);

}  // namespace scale
