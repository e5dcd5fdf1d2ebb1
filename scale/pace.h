#pragma once

// The HPA's limits at event time. An HPA moves once per sync period; a decision may be made at
// every sample. So limits count per window of one period. A window opens with a change: an
// evaluation opens one when the last is over, or nothing was changed in it. Its base is the count
// then. Inside it every evaluation is limited from that base, by the events as of its start, and
// its net change becomes one scale event at its start. Evaluated once per period that is the HPA
// exactly; evaluated more often it reaches no further than an HPA reaches by the end of the period,
// only sooner.
// Pure.

#include <optional>

#include "scale/hpa/limits.h"
#include "scale/types.h"

namespace scale {

// Whether a new window begins now: there is none, it is over, or nothing was changed in it.
bool window_over(const History& history, Duration period, Timestamp now);

// Ends the window, if there is one, and makes its change a scale event (with a behaviour block).
void close_window(const Spec& spec, History& history);

// What may become of `move`: current is the count now, desired what stabilisation lets through.
// A limit slows down, it never turns back.
hpa::Limited pace(const Spec& spec, const History& history, hpa::Move move);

// When a limit that left the count at `to` may allow more: at the end of the window, when its base
// moves there; while nothing was changed in it, when an event leaves its policy's period.
std::optional<Timestamp> pace_changes(const Spec& spec, const History& history, Replicas to);

}  // namespace scale
