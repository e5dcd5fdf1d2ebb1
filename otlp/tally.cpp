#include "otlp/tally.h"

#include <fmt/format.h>

#include <numeric>

namespace otlp {

std::optional<Drop> drop_of(tsdb::Appended outcome) {
  switch (outcome) {
    case tsdb::Appended::stored:
    case tsdb::Appended::no_value:
    case tsdb::Appended::duplicate:
      return std::nullopt;
    case tsdb::Appended::too_old:
      return Drop::too_old;
    case tsdb::Appended::too_far_ahead:
      return Drop::too_far_ahead;
    case tsdb::Appended::series_limit:
      return Drop::series_limit;
    case tsdb::Appended::resource_limit:
      return Drop::resource_limit;
    case tsdb::Appended::memory_limit:
      return Drop::memory_limit;
    case tsdb::Appended::label_limit:
      return Drop::label_limit;
  }
}

void Tally::count(tsdb::Appended outcome) {
  if (const auto drop = drop_of(outcome)) {
    ++dropped[static_cast<std::size_t>(*drop)];
  } else {
    ++accepted;
  }
}

std::uint64_t Tally::dropped_total() const {
  return std::accumulate(dropped.begin(), dropped.end(), std::uint64_t{0});
}

std::uint64_t Tally::flawed_total() const {
  return std::accumulate(flawed.begin(), flawed.end(), std::uint64_t{0});
}

namespace {

// ": 10 without a value, 2 older than the retention".
template <class Rows, class Counts>
std::string reasons(const Rows& rows, const Counts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? ": " : ", ", counts[i], rows[i].words);
  }
  return text;
}

}  // namespace

std::string describe(const Tally& tally) {
  std::string text;
  if (const auto total = tally.dropped_total()) {
    text = fmt::format("{} point{} dropped{}", total, total == 1 ? "" : "s",
                       reasons(drop_rows, tally.dropped));
  }
  if (const auto total = tally.flawed_total()) {
    text += fmt::format("{}{} histogram{} without {} buckets{}", text.empty() ? "" : "; ", total,
                        total == 1 ? "" : "s", total == 1 ? "its" : "their",
                        reasons(flaw_rows, tally.flawed));
  }
  return text;
}

}  // namespace otlp
