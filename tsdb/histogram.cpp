#include "tsdb/histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tsdb {
namespace {

// Indexes are 32 bits on the wire; sums of them need more.
using Index = std::int64_t;

// The runs of both signs that count something: [first, last], or nothing.
struct Span {
  Index first = 0;
  Index last = -1;

  bool empty() const { return last < first; }
  Index size() const { return last - first + 1; }
  Span shifted(int by) const { return empty() ? *this : Span{first >> by, last >> by}; }
};

Span span_of(const Buckets& buckets) {
  if (buckets.counts.empty()) return {};
  return {buckets.offset, buckets.offset + std::ssize(buckets.counts) - 1};
}

Span joined(const Span& a, const Span& b) {
  if (a.empty() || b.empty()) return a.empty() ? b : a;
  return {std::min(a.first, b.first), std::max(a.last, b.last)};
}

// How often the resolution must be halved for both to have few enough buckets.
int excess(const Span& positive, const Span& negative) {
  constexpr auto most = static_cast<Index>(exponential_buckets_max);
  int by = 0;
  while (positive.shifted(by).size() > most || negative.shifted(by).size() > most) ++by;
  return by;
}

void trim(Buckets& buckets) {
  auto& counts = buckets.counts;
  while (!counts.empty() && counts.back() == 0) counts.pop_back();
  const auto first = std::ranges::find_if(counts, [](std::uint64_t n) { return n > 0; });
  buckets.offset += static_cast<std::int32_t>(first - counts.begin());
  counts.erase(counts.begin(), first);
  if (counts.empty()) buckets.offset = 0;
}

void add(std::uint64_t& sum, std::uint64_t more) {
  sum = saturating_add(sum, more);
}

// Empty buckets for `span`.
Buckets room_for(const Span& span) {
  if (span.empty()) return {};
  return {static_cast<std::int32_t>(span.first),
          std::vector<std::uint64_t>(static_cast<std::size_t>(span.size()))};
}

// Adds `from`, its indexes halved `by` times, to those of `to`, which has room.
void add_into(Buckets& to, const Buckets& from, int by) {
  for (std::size_t i = 0; i < from.counts.size(); ++i) {
    const Index at = (from.offset + static_cast<Index>(i)) >> by;
    add(to.counts[static_cast<std::size_t>(at - to.offset)], from.counts[i]);
  }
}

Buckets halved(const Buckets& buckets, int by) {
  if (by == 0) return buckets;
  Buckets out = room_for(span_of(buckets).shifted(by));
  add_into(out, buckets, by);
  return out;
}

// The edges of bucket `index`: between this one and the next one's.
double edge(Index index, std::int32_t scale) {
  return std::exp2(std::ldexp(static_cast<double>(index), -scale));
}

// The indexes that a double's absolute value can fall into.
Span possible(std::int32_t scale) {
  constexpr double least = std::numeric_limits<double>::min_exponent -
                           std::numeric_limits<double>::digits;  // of the smallest subnormal
  constexpr double most = std::numeric_limits<double>::max_exponent;
  const auto first = static_cast<Index>(std::ceil(std::ldexp(least, scale))) - 1;
  const auto last = static_cast<Index>(std::ceil(std::ldexp(most, scale))) - 1;
  constexpr Index lowest = std::numeric_limits<std::int32_t>::min();
  constexpr Index highest = std::numeric_limits<std::int32_t>::max();
  return {std::max(first, lowest), std::min(last, highest)};
}

// How indexes as sent become indexes that are kept.
struct Mapping {
  std::int32_t scale;  // kept
  int by = 0;          // halvings
  Span within;

  Index operator()(const BucketsView& view, std::size_t i) const {
    const Index sent = view.offset + static_cast<Index>(i);
    return std::clamp(sent >> by, within.first, within.last);
  }
};

Mapping mapping_for(std::int32_t scale) {
  Mapping map{.scale = std::clamp(scale, scale_min, scale_max), .within = {}};
  // An index has 32 bits: all that are halved so often are 0 or -1.
  if (scale > scale_max) map.by = static_cast<int>(std::min<Index>(Index{scale} - scale_max, 32));
  map.within = possible(map.scale);
  return map;
}

Span span_of(const BucketsView& view, const Mapping& map) {
  const auto counts = [](std::uint64_t n) { return n > 0; };
  const auto first = std::ranges::find_if(view.counts, counts);
  if (first == view.counts.end()) return {};
  std::size_t last = view.counts.size() - 1;
  while (view.counts[last] == 0) --last;
  return {map(view, static_cast<std::size_t>(first - view.counts.begin())), map(view, last)};
}

Buckets kept(const BucketsView& view, const Mapping& map, int halvings) {
  const Span span = span_of(view, map).shifted(halvings);
  Buckets out = room_for(span);
  for (std::size_t i = 0; i < view.counts.size(); ++i) {
    if (view.counts[i] == 0) continue;
    const Index at = (map(view, i) >> halvings) - span.first;
    add(out.counts[static_cast<std::size_t>(at)], view.counts[i]);
  }
  trim(out);
  return out;
}

ExplicitHistogram own(const Observed& observed, const ExplicitView& view) {
  return {.observed = observed,
          .bounds = {view.bounds.begin(), view.bounds.end()},
          .counts = {view.counts.begin(), view.counts.end()}};
}

ExponentialHistogram own(const Observed& observed, const ExponentialView& view) {
  const Mapping map = mapping_for(view.scale);
  const int halvings = excess(span_of(view.positive, map), span_of(view.negative, map));
  return {.observed = observed,
          .scale = map.scale - halvings,
          .zero_count = view.zero_count,
          .zero_threshold = view.zero_threshold,
          .positive = kept(view.positive, map, halvings),
          .negative = kept(view.negative, map, halvings)};
}

template <class Fold>
std::optional<double> both(std::optional<double> a, std::optional<double> b, Fold fold) {
  if (!a || !b) return std::nullopt;
  return fold(*a, *b);
}

Observed together(const Observed& a, const Observed& b) {
  return {.count = saturating_add(a.count, b.count),
          .sum = both(a.sum, b.sum, [](double x, double y) { return x + y; }),
          .min = both(a.min, b.min, [](double x, double y) { return std::min(x, y); }),
          .max = both(a.max, b.max, [](double x, double y) { return std::max(x, y); })};
}

Observed between(const Observed& later, const Observed& earlier) {
  return {.count = later.count - earlier.count,
          .sum = both(later.sum, earlier.sum, [](double x, double y) { return x - y; }),
          .min = std::nullopt,
          .max = std::nullopt};
}

// The counts with the bounds that are not among `bounds` taken away.
std::vector<std::uint64_t> onto(const std::vector<double>& bounds,
                                const ExplicitHistogram& histogram) {
  std::vector<std::uint64_t> counts(bounds.size() + 1);
  std::size_t at = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    while (at < bounds.size() && (i == histogram.bounds.size() || bounds[at] < histogram.bounds[i]))
      ++at;
    add(counts[at], histogram.counts[i]);
  }
  return counts;
}

// Moves the buckets below `threshold` to the zero bucket. Returns where the last of them ends, at
// least `threshold`.
double absorb(ExponentialHistogram& histogram, Buckets& buckets, double threshold) {
  std::size_t gone = 0;
  for (; gone < buckets.counts.size(); ++gone) {
    const Index index = buckets.offset + static_cast<Index>(gone);
    if (edge(index, histogram.scale) >= threshold) break;
    if (buckets.counts[gone] == 0) continue;
    add(histogram.zero_count, buckets.counts[gone]);
    threshold = std::max(threshold, edge(index + 1, histogram.scale));
  }
  if (gone == buckets.counts.size()) {  // the index behind the last one may need a 33rd bit
    buckets = {};
    return threshold;
  }
  buckets.counts.erase(buckets.counts.begin(),
                       buckets.counts.begin() + static_cast<std::ptrdiff_t>(gone));
  buckets.offset += static_cast<std::int32_t>(gone);
  trim(buckets);
  return threshold;
}

// Makes the zero bucket at least as wide as `threshold`.
void widen_zero(ExponentialHistogram& histogram, double threshold) {
  while (histogram.zero_threshold < threshold) {
    histogram.zero_threshold = threshold;
    threshold = absorb(histogram, histogram.positive, threshold);
    threshold = absorb(histogram, histogram.negative, threshold);
  }
}

bool make_zeros_equal(ExponentialHistogram& a, ExponentialHistogram& b) {
  if (a.zero_threshold == b.zero_threshold) return false;
  while (a.zero_threshold != b.zero_threshold) {
    widen_zero(a, b.zero_threshold);
    widen_zero(b, a.zero_threshold);
  }
  return true;
}

Buckets sum_of(const Buckets& a, const Buckets& b, int halvings) {
  Buckets out = room_for(joined(span_of(a), span_of(b)).shifted(halvings));
  add_into(out, a, halvings);
  add_into(out, b, halvings);
  return out;
}

// nullopt: some count fell.
std::optional<Buckets> rest_of(Buckets later, const Buckets& earlier) {
  for (std::size_t i = 0; i < earlier.counts.size(); ++i) {
    if (earlier.counts[i] == 0) continue;
    const Index at = earlier.offset + static_cast<Index>(i) - later.offset;
    if (at < 0 || at >= std::ssize(later.counts)) return std::nullopt;
    auto& count = later.counts[static_cast<std::size_t>(at)];
    if (count < earlier.counts[i]) return std::nullopt;
    count -= earlier.counts[i];
  }
  trim(later);
  return later;
}

void list(std::vector<Bucket>& out, const ExplicitHistogram& histogram) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    if (histogram.counts[i] == 0) continue;
    out.push_back({.lower = i == 0 ? -infinity : histogram.bounds[i - 1],
                   .upper = i == histogram.bounds.size() ? infinity : histogram.bounds[i],
                   .edges = Edges::open_left,
                   .count = histogram.counts[i]});
  }
}

void list(std::vector<Bucket>& out, const ExponentialHistogram& histogram) {
  const auto lower = [&](const Buckets& buckets, std::size_t i) {
    return edge(buckets.offset + static_cast<Index>(i), histogram.scale);
  };
  const Buckets& negative = histogram.negative;
  for (std::size_t i = negative.counts.size(); i-- > 0;) {
    if (negative.counts[i] == 0) continue;
    out.push_back(
        {-lower(negative, i + 1), -lower(negative, i), Edges::open_right, negative.counts[i]});
  }
  if (histogram.zero_count > 0) {
    out.push_back(
        {-histogram.zero_threshold, histogram.zero_threshold, Edges::closed, histogram.zero_count});
  }
  const Buckets& positive = histogram.positive;
  for (std::size_t i = 0; i < positive.counts.size(); ++i) {
    if (positive.counts[i] == 0) continue;
    out.push_back(
        {lower(positive, i), lower(positive, i + 1), Edges::open_left, positive.counts[i]});
  }
}

}  // namespace

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return a > most - b ? most : a + b;
}

const Observed& observed(const Histogram& histogram) {
  return std::visit([](const auto& one) -> const Observed& { return one.observed; }, histogram);
}

Histogram to_histogram(const HistogramView& view) {
  return std::visit([&](const auto& buckets) -> Histogram { return own(view.observed, buckets); },
                    view.buckets);
}

Merged<ExplicitHistogram> merge(const ExplicitHistogram& a, const ExplicitHistogram& b) {
  Merged<ExplicitHistogram> out;
  auto& [observed, bounds, counts] = out.histogram;
  observed = together(a.observed, b.observed);
  std::ranges::set_intersection(a.bounds, b.bounds, std::back_inserter(bounds));
  out.exact = bounds.size() == a.bounds.size() && bounds.size() == b.bounds.size();
  counts = onto(bounds, a);
  std::ranges::transform(counts, onto(bounds, b), counts.begin(), saturating_add);
  return out;
}

Merged<ExponentialHistogram> merge(const ExponentialHistogram& a, const ExponentialHistogram& b) {
  const std::int32_t scale = std::min(a.scale, b.scale);
  ExponentialHistogram x = downscale(a, scale);
  ExponentialHistogram y = downscale(b, scale);
  const bool widened = make_zeros_equal(x, y);
  const int halvings = excess(joined(span_of(x.positive), span_of(y.positive)),
                              joined(span_of(x.negative), span_of(y.negative)));
  return {.histogram = {.observed = together(a.observed, b.observed),
                        .scale = scale - halvings,
                        .zero_count = saturating_add(x.zero_count, y.zero_count),
                        .zero_threshold = x.zero_threshold,
                        .positive = sum_of(x.positive, y.positive, halvings),
                        .negative = sum_of(x.negative, y.negative, halvings)},
          .exact = a.scale == b.scale && halvings == 0 && !widened};
}

std::optional<ExplicitHistogram> difference(const ExplicitHistogram& later,
                                            const ExplicitHistogram& earlier) {
  if (later.bounds != earlier.bounds || later.observed.count < earlier.observed.count)
    return std::nullopt;
  ExplicitHistogram out = later;
  out.observed = between(later.observed, earlier.observed);
  for (std::size_t i = 0; i < out.counts.size(); ++i) {
    if (out.counts[i] < earlier.counts[i]) return std::nullopt;
    out.counts[i] -= earlier.counts[i];
  }
  return out;
}

std::optional<ExponentialHistogram> difference(const ExponentialHistogram& later,
                                               const ExponentialHistogram& earlier) {
  if (later.observed.count < earlier.observed.count || later.scale > earlier.scale)
    return std::nullopt;
  ExponentialHistogram before = downscale(earlier, later.scale);
  widen_zero(before, later.zero_threshold);
  if (before.zero_threshold != later.zero_threshold || before.zero_count > later.zero_count)
    return std::nullopt;
  auto positive = rest_of(later.positive, before.positive);
  auto negative = rest_of(later.negative, before.negative);
  if (!positive || !negative) return std::nullopt;
  return ExponentialHistogram{.observed = between(later.observed, earlier.observed),
                              .scale = later.scale,
                              .zero_count = later.zero_count - before.zero_count,
                              .zero_threshold = later.zero_threshold,
                              .positive = *std::move(positive),
                              .negative = *std::move(negative)};
}

ExponentialHistogram downscale(ExponentialHistogram histogram, std::int32_t scale) {
  if (scale >= histogram.scale) return histogram;
  const int by = std::min(histogram.scale - scale, 32);
  histogram.scale = scale;
  histogram.positive = halved(histogram.positive, by);
  histogram.negative = halved(histogram.negative, by);
  return histogram;
}

std::vector<Bucket> buckets_of(const Histogram& histogram) {
  std::vector<Bucket> out;
  std::visit([&out](const auto& one) { list(out, one); }, histogram);
  return out;
}

}  // namespace tsdb
