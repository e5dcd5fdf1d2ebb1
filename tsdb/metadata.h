#pragma once

// What senders say of their metrics: type, unit and description, as last sent.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tsdb {

class SeriesIndex;

enum class MetricType : std::uint8_t { unknown, gauge, counter, histogram, summary };
std::string_view to_string(MetricType type);  // as Prometheus says it

// Owned by somebody else for the duration of a call. The name is the metric's as sent, also of a
// histogram or a summary, whose series have endings; texts are UTF-8.
struct MetadataView {
  std::string_view name;
  MetricType type = MetricType::unknown;
  std::string_view unit;
  std::string_view help;
};

// Longer texts are cut.
struct Metadata {
  static constexpr std::size_t unit_bytes_max = 64;
  static constexpr std::size_t help_bytes_max = 1'024;

  std::string name;
  MetricType type = MetricType::unknown;
  std::string unit;
  std::string help;

  bool operator==(const Metadata&) const = default;

  // Copies nothing when nothing changed.
  void set(const MetadataView& sent);
};

struct MetadataSlice {
  std::vector<Metadata> rows;
  std::optional<std::string> next;  // where the following slice begins; none: this was the last
};

// Of the metrics whose folded names are `from` and after; looks at `limit` metrics.
MetadataSlice metadata_from(const SeriesIndex& index, std::string_view from, std::size_t limit);

// Of one name; several where a histogram and another metric have one name.
std::vector<Metadata> metadata_of(const SeriesIndex& index, std::string_view name);

}  // namespace tsdb
