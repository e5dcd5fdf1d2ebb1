#pragma once

// What became of the points of one request, and how to say it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "otlp/bucket_flaws.h"
#include "tsdb/types.h"

namespace otlp {

// Why a point was not taken.
enum class Drop : std::uint8_t {
  empty,
  too_old,
  too_far_ahead,
  series_limit,
  resource_limit,
  memory_limit,
  label_limit
};

struct DropRow {
  Drop drop;
  std::string_view label;  // in metrics
  std::string_view words;  // for the sender
};
inline constexpr std::array drop_rows{
    DropRow{Drop::empty, "empty", "without a value"},
    DropRow{Drop::too_old, "too_old", "older than the retention"},
    DropRow{Drop::too_far_ahead, "too_far_ahead", "too far in the future"},
    DropRow{Drop::series_limit, "series_limit", "of new series over the series limit"},
    DropRow{Drop::resource_limit, "resource_limit",
            "of new series over the limit of their resource"},
    DropRow{Drop::memory_limit, "memory_limit", "of new series without memory for them"},
    DropRow{Drop::label_limit, "label_limit", "with too many or too long attributes"},
};

// nullopt for a point that was taken.
std::optional<Drop> drop_of(tsdb::Appended outcome);

struct Tally {
  std::uint64_t accepted = 0;
  std::array<std::uint64_t, drop_rows.size()> dropped{};  // by Drop
  std::array<std::uint64_t, flaw_rows.size()> flawed{};   // taken without their buckets, by Flaw
  std::uint64_t exemplars = 0;
  std::uint64_t skipped_metrics = 0;  // unread: their points are not among the others

  void count(tsdb::Appended outcome);
  std::uint64_t dropped_total() const;
  std::uint64_t flawed_total() const;
};

// What the sender is told: "12 points dropped: 10 without a value, 2 older than the retention; 1
// histogram without its buckets: 1 with bounds that do not ascend". Empty when nothing is amiss.
std::string describe(const Tally& tally);

}  // namespace otlp
