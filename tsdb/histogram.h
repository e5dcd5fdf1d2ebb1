#pragma once

// Histograms as values: what can be done with two of them, and with one. Pure functions.
//
// Counts saturate instead of wrapping. A sum, a least and a greatest value are there only where
// everything that took part had them.
// Source: the OpenTelemetry metrics data model (merging, downscaling by halving indexes), and
// Prometheus' native histograms where that is silent (zero buckets of different width, resets).

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace tsdb {

// The scales that are kept: at the smallest all finite numbers of one sign fall into two buckets,
// at the greatest a bucket is a third of a millionth wide. What is sent beyond is brought within,
// without loss for any number that a double can be.
constexpr std::int32_t scale_min = -11;
constexpr std::int32_t scale_max = 21;
// Of one sign; more are brought down by halving the resolution. The default of OpenTelemetry's
// SDKs.
constexpr std::size_t exponential_buckets_max = 160;

// What every histogram says of all it observed.
struct Observed {
  std::uint64_t count = 0;
  std::optional<double> sum = std::nullopt;
  std::optional<double> min = std::nullopt;
  std::optional<double> max = std::nullopt;

  bool operator==(const Observed&) const = default;
};

// Bucket i counts what is above bounds[i - 1] and at or below bounds[i]; the last one what is
// above all bounds. `bounds` ascend; counts.size() == bounds.size() + 1.
struct ExplicitHistogram {
  Observed observed = {};
  std::vector<double> bounds = {};
  std::vector<std::uint64_t> counts = {};

  bool operator==(const ExplicitHistogram&) const = default;
};

// counts[i] is of the absolute values above base^(offset + i) and at or below base^(offset + i +
// 1). Neither the first nor the last count is 0; where there are none, the offset is 0.
struct Buckets {
  std::int32_t offset = 0;
  std::vector<std::uint64_t> counts = {};

  bool operator==(const Buckets&) const = default;
};

// base = 2^(2^-scale). The zero bucket counts absolute values at or below `zero_threshold`.
struct ExponentialHistogram {
  Observed observed = {};
  std::int32_t scale = 0;
  std::uint64_t zero_count = 0;
  double zero_threshold = 0;
  Buckets positive = {};
  Buckets negative = {};

  bool operator==(const ExponentialHistogram&) const = default;
};

using Histogram = std::variant<ExplicitHistogram, ExponentialHistogram>;

const Observed& observed(const Histogram& histogram);

// Buckets as somebody sent them: any scale, any number, zeros at the ends.
struct BucketsView {
  std::int32_t offset = 0;
  std::span<const std::uint64_t> counts;
};
struct ExplicitView {
  std::span<const double> bounds;
  std::span<const std::uint64_t> counts;
};
struct ExponentialView {
  std::int32_t scale = 0;
  std::uint64_t zero_count = 0;
  double zero_threshold = 0;
  BucketsView positive = {};
  BucketsView negative = {};
};
// A histogram somebody else owns for the duration of a call.
struct HistogramView {
  Observed observed = {};
  std::variant<ExplicitView, ExponentialView> buckets = {};
};

// A copy within the bounds above. An index beyond what a double can be counts as the outermost.
Histogram to_histogram(const HistogramView& view);

// Two histograms' observations together.
template <class T>
struct Merged {
  T histogram;
  bool exact = true;  // false: buckets of one were joined to fit those of the other
};
// With different bounds: onto those that both have.
Merged<ExplicitHistogram> merge(const ExplicitHistogram& a, const ExplicitHistogram& b);
// At the smaller scale, or a smaller one yet where the buckets would be too many. The narrower zero
// bucket grows to the wider one, and to the edge of the bucket in which that ends.
Merged<ExponentialHistogram> merge(const ExponentialHistogram& a, const ExponentialHistogram& b);

// What a cumulative histogram observed between two points. nullopt: `later` does not continue
// `earlier`, since a count fell, the bounds are others, the resolution or the zero bucket became
// finer. The least and the greatest value are not known.
std::optional<ExplicitHistogram> difference(const ExplicitHistogram& later,
                                            const ExplicitHistogram& earlier);
std::optional<ExponentialHistogram> difference(const ExponentialHistogram& later,
                                               const ExponentialHistogram& earlier);

// At a smaller scale; unchanged where `scale` is not smaller. scale >= scale_min.
ExponentialHistogram downscale(ExponentialHistogram histogram, std::int32_t scale);

// Which ends belong to a bucket, as Prometheus' HTTP API numbers it.
enum class Edges : std::uint8_t { open_left = 0, open_right = 1, open = 2, closed = 3 };

// One bucket of either kind.
struct Bucket {
  double lower = 0;
  double upper = 0;
  Edges edges = Edges::open_left;
  std::uint64_t count = 0;

  bool operator==(const Bucket&) const = default;
};
// Those that count something, in ascending order. Bounds beyond a double are infinite.
std::vector<Bucket> buckets_of(const Histogram& histogram);

// a + b, at most the greatest there is.
std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b);

}  // namespace tsdb
