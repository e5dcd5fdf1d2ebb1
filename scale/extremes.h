#pragma once

// What was recommended lately, as far as it can still matter: of many recommendations the highest
// and lowest of every window, in memory that a window bounds. Pure.
//
//   highs:  9 ──┐
//               └── 7 ──┐          each entry is lower than the one before it: what came later
//                       └── 4      and is higher has outdone it. lows: the mirror image.
//
// Within one period, counted from the epoch, one entry is enough: the more extreme of two, at the
// later time, so that it holds rather too long; it remembers how much later that is. Evaluations a
// period apart are never merged, so a controller that ticks with the period gets exactly what it
// would get from the whole list.

#include <optional>
#include <vector>

#include "scale/types.h"

namespace scale {

enum class Extreme : std::uint8_t { high, low };

using Recommendations = std::vector<History::Recommendation>;

// How long entries matter. `inclusive`: also the one exactly one window old, as without a behaviour
// block.
struct Reach {
  Duration window{};
  bool inclusive = false;
};

// Whether something recommended at `at` still counts.
bool counts(Timestamp at, Reach reach, Timestamp now);
// When it no longer does.
Timestamp leaves(Timestamp at, Reach reach);

// Adds what was recommended, not before any entry. At most window / period + 2 entries remain once
// forget() has been called.
void note(Recommendations& all, Extreme extreme, History::Recommendation fresh, Duration period);

// Drops what no longer counts. Entries from a future that a clock has left move to now.
void forget(Recommendations& all, Reach reach, Timestamp now);

// The highest (lowest) of those that count; nullopt when none does.
std::optional<Replicas> extreme_of(const Recommendations& all, Reach reach, Timestamp now);
// The same of those that count by the time when they were made.
std::optional<Replicas> true_extreme_of(const Recommendations& all, Reach reach, Timestamp now);

// When the last of those that are at least as high (low) as `replicas` leaves; nullopt when none
// counts.
std::optional<Timestamp> release(const Recommendations& all, Extreme extreme, Replicas replicas,
                                 Reach reach, Timestamp now);

// The recommendation in force since `last` was made, as a controller would have repeated it on its
// ticks: at the last multiple of `period` since then that lies before `now`.
History::Recommendation repeated(History::Recommendation last, Duration period, Timestamp now);

}  // namespace scale
