#pragma once

// One decoded request, flat: what the decoders fill and the store takes.

#include <array>
#include <cstdint>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "otlp/bucket_flaws.h"
#include "tsdb/digest.h"
#include "tsdb/histogram.h"
#include "tsdb/metadata.h"
#include "tsdb/types.h"

namespace otlp {

// Bounds of one request. What a sender can make us keep is a small multiple of the bytes it sent.
struct DecodeLimits {
  std::size_t points_max = 1'000'000;
  std::size_t attributes_max = 2'000'000;  // of resources, scopes and points together
  std::size_t metrics_max = 500'000;       // also of resources, and of scopes
  std::size_t buckets_max = 4'000'000;     // of all histograms together
};

// OTLP's kinds of metric. The points of the last three are two series: NAME_count and NAME_sum.
enum class MetricType : std::uint8_t {
  none,
  gauge,
  sum,
  histogram,
  exponential_histogram,
  summary,
};

// One whose points count and add up observations.
constexpr bool is_distribution(MetricType type) {
  return type >= MetricType::histogram;
}

constexpr bool has_temporality(MetricType type) {
  return type == MetricType::sum || type == MetricType::histogram ||
         type == MetricType::exponential_histogram;
}

// Texts of decoded values that are no part of the request's bytes. Views stay valid until clear().
class Texts {
 public:
  std::string_view keep(std::string_view text);
  void clear() { memory_.release(); }

 private:
  std::pmr::monotonic_buffer_resource memory_;
};

// Points of one request, in the order sent. Views reach into the request's bytes and into `texts`.
// Memory is kept for the next request. Confined to its owner.
//
// A digested batch has not read its labels: each set of them is a digest, and the bytes where to
// read it (row_labels.h).
struct Batch {
  // A stretch of one of the arrays below.
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    std::uint32_t size() const { return end - begin; }
  };
  // A set of labels. `range` is a stretch of `labels`; in a digested batch, of `body`: the message
  // around the attributes.
  struct Attributes {
    Range range;
    tsdb::Digest digest;
  };
  struct Scope {
    std::string_view name;
    std::string_view version;
    Attributes attributes;
    std::uint32_t resource = 0;
  };
  struct Metric {
    std::string_view name;
    std::string_view sent_name;  // without the ending of NAME_count
    std::string_view unit;
    std::string_view description;
    MetricType type = MetricType::none;
    tsdb::Kind kind = tsdb::Kind::gauge;
    tsdb::Temporality temporality = tsdb::Temporality::unspecified;
    bool monotonic = false;
    bool beside = false;  // NAME_sum: its points are those of NAME_count once more
    std::uint32_t scope = 0;
    std::uint32_t attributes_field = 0;  // of its points' messages, in a digested batch
    Range points;
    Range histograms;  // of NAME_count of a histogram: one for each of its points
  };
  // The rest of a histogram's point.
  struct Histogram {
    tsdb::Observed observed;
    bool has_buckets = false;  // false: none were sent, or they made no sense
    bool exponential = false;
    Range bounds;    // of `bounds`
    Range counts;    // of `counts`: explicit or positive ones
    Range negative;  // of `negative_counts`
    std::int32_t positive_offset = 0;
    std::int32_t negative_offset = 0;
    std::int32_t scale = 0;
    std::uint64_t zero_count = 0;
    double zero_threshold = 0;
  };
  struct Row {
    Attributes attributes;
    tsdb::Point point;  // time 0 when none was sent
  };

  std::vector<tsdb::LabelView> labels;
  std::vector<Attributes> resources;
  std::vector<Scope> scopes;
  std::vector<Metric> metrics;
  std::vector<Row> rows;
  std::string_view body;              // of a digested batch: the request
  std::vector<tsdb::Digest> digests;  // of a digested batch: of each row's series
  std::vector<Histogram> histograms;
  std::vector<double> bounds;
  std::vector<std::uint64_t> counts;
  std::vector<std::uint64_t> negative_counts;
  std::uint64_t empty_points = 0;     // neither a value nor the flag: not among the rows
  std::uint64_t exemplars = 0;        // which are counted, and not kept
  std::uint64_t skipped_metrics = 0;  // that nobody wants: unread
  std::array<std::uint64_t, flaw_rows.size()> flawed{};  // histograms without buckets, by Flaw
  Texts texts;

  // Forgets the request; gives memory back when it was an unusually large one.
  void clear();

  bool digested() const { return body.data() != nullptr; }
  std::string_view bytes_of(Range range) const { return body.substr(range.begin, range.size()); }

  std::span<const tsdb::LabelView> labels_of(Range range) const {
    return std::span(labels).subspan(range.begin, range.size());
  }
  std::span<const tsdb::LabelView> labels_of(const Attributes& attributes) const {
    return labels_of(attributes.range);
  }
  std::span<const Row> rows_of(const Metric& metric) const {
    return std::span(rows).subspan(metric.points.begin, metric.points.size());
  }

  // All of a metric's series but for the points' labels; in a digested batch, for all labels.
  tsdb::SeriesView series_of(const Metric& metric) const;

  // What the sender says of a metric that is not beside another.
  static tsdb::MetadataView metadata_of(const Metric& metric);

  // What is to be kept beside the point at `row` of `metric`; nullopt: nothing.
  std::optional<tsdb::HistogramView> histogram_of(const Metric& metric, std::uint32_t row) const {
    if (metric.histograms.size() == 0) return std::nullopt;
    const Histogram& read = histograms[metric.histograms.begin + (row - metric.points.begin)];
    if (!read.has_buckets) return std::nullopt;
    return view_of(read);
  }
  tsdb::HistogramView view_of(const Histogram& read) const;

  // Calls sink(const Metric&, const tsdb::SeriesView&, const tsdb::Point&) for every point of a
  // batch that has its labels.
  template <class Sink>
  void for_each(Sink&& sink) const {
    for (const Metric& metric : metrics) {
      tsdb::SeriesView series = series_of(metric);
      for (const Row& row : rows_of(metric)) {
        series.attributes = labels_of(row.attributes);
        sink(metric, series, row.point);
      }
    }
  }
};
static_assert(sizeof(Batch::Row) == 64);

}  // namespace otlp
