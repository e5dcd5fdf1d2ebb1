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

std::string describe_drops(const Tally& tally) {
  const std::uint64_t total = tally.dropped_total();
  std::string text = fmt::format("{} point{} dropped", total, total == 1 ? "" : "s");
  std::string_view before = ": ";
  for (const DropRow& row : drop_rows) {
    const std::uint64_t count = tally.dropped[static_cast<std::size_t>(row.drop)];
    if (count == 0) continue;
    text += fmt::format("{}{} {}", before, count, row.words);
    before = ", ";
  }
  return text;
}

}  // namespace otlp
