#include "tsdb/metadata.h"

#include <array>

#include "tsdb/histograms.h"
#include "tsdb/metric_query.h"
#include "tsdb/series_index.h"

namespace tsdb {
namespace {

constexpr std::array<std::string_view, 5> names{"unknown", "gauge", "counter", "histogram",
                                                "summary"};

// At most `bytes_max` of a text, not ending within a character.
std::string_view clipped(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

void set_text(std::string& text, std::string_view sent) {
  if (text != sent) text = sent;
}

}  // namespace

std::string_view to_string(MetricType type) {
  return names[static_cast<std::size_t>(type)];
}

void Metadata::set(const MetadataView& sent) {
  type = sent.type;
  set_text(name, sent.name);
  set_text(unit, clipped(sent.unit, unit_bytes_max));
  set_text(help, clipped(sent.help, help_bytes_max));
}

MetadataSlice metadata_from(const SeriesIndex& index, std::string_view from, std::size_t limit) {
  MetadataSlice slice;
  const auto& metrics = index.metrics();
  auto next = metrics.lower_bound(from);
  for (std::size_t looked = 0; next != metrics.end() && looked < limit; ++next, ++looked) {
    const Metric& metric = *next->second;
    if (metric.metadata && !metric.series.empty()) slice.rows.push_back(*metric.metadata);
  }
  if (next != metrics.end()) slice.next = next->first;
  return slice;
}

std::vector<Metadata> metadata_of(const SeriesIndex& index, std::string_view name) {
  std::vector<Metadata> rows;
  const std::string plain = fold_name(name);
  for (const std::string& folded : {plain, plain + std::string(count_suffix)}) {
    const Metric* metric = index.metric(folded);
    if (!metric || !metric->metadata || metric->series.empty()) continue;
    if (metric->metadata->name == name) rows.push_back(*metric->metadata);
  }
  return rows;
}

}  // namespace tsdb
