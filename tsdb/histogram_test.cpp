#include "tsdb/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include "tsdb/packed_histogram.h"

namespace tsdb {
namespace {

using Counts = std::vector<std::uint64_t>;
using Bounds = std::vector<double>;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
constexpr std::int32_t index_min = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t index_max = std::numeric_limits<std::int32_t>::max();

std::uint64_t total(const Counts& counts) {
  std::uint64_t sum = 0;
  for (const auto count : counts) sum = saturating_add(sum, count);
  return sum;
}

ExplicitHistogram bounded(Bounds bounds, Counts counts, std::optional<double> sum = 0) {
  return {.observed = {.count = total(counts), .sum = sum},
          .bounds = std::move(bounds),
          .counts = std::move(counts)};
}

ExponentialHistogram exponential(std::int32_t scale, Buckets positive, Buckets negative = {},
                                 std::uint64_t zeros = 0, double threshold = 0) {
  return {.observed = {.count = total(positive.counts) + total(negative.counts) + zeros, .sum = 0},
          .scale = scale,
          .zero_count = zeros,
          .zero_threshold = threshold,
          .positive = std::move(positive),
          .negative = std::move(negative)};
}

HistogramView view_of(const ExplicitHistogram& histogram) {
  return {.observed = histogram.observed,
          .buckets = ExplicitView{histogram.bounds, histogram.counts}};
}

HistogramView view_of(const ExponentialHistogram& h) {
  return {.observed = h.observed,
          .buckets = ExponentialView{.scale = h.scale,
                                     .zero_count = h.zero_count,
                                     .zero_threshold = h.zero_threshold,
                                     .positive = {h.positive.offset, h.positive.counts},
                                     .negative = {h.negative.offset, h.negative.counts}}};
}

TEST(Histogram, MergesOntoTheBoundsThatBothHave) {
  struct Case {
    const char* name;
    ExplicitHistogram a;
    ExplicitHistogram b;
    Bounds bounds;
    Counts counts;
    bool exact;
  };
  const Case cases[] = {
      {"equal bounds",
       bounded({1, 2}, {1, 2, 3}),
       bounded({1, 2}, {10, 0, 5}),
       {1, 2},
       {11, 2, 8},
       true},
      {"one has more", bounded({1, 2, 3}, {1, 2, 3, 4}), bounded({2}, {5, 5}), {2}, {8, 12}, false},
      {"each has its own",
       bounded({1, 5}, {1, 2, 3}),
       bounded({2, 5}, {4, 5, 6}),
       {5},
       {12, 9},
       false},
      {"nothing in common", bounded({1}, {1, 2}), bounded({2}, {3, 4}), {}, {10}, false},
      {"no bounds at all", bounded({}, {7}), bounded({}, {1}), {}, {8}, true},
      {"a full count stays full",
       bounded({1}, {most, 0}),
       bounded({1}, {1, 1}),
       {1},
       {most, 1},
       true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (const auto& merged : {merge(c.a, c.b), merge(c.b, c.a)}) {
      EXPECT_EQ(merged.histogram.bounds, c.bounds);
      EXPECT_EQ(merged.histogram.counts, c.counts);
      EXPECT_EQ(merged.exact, c.exact);
    }
  }
}

TEST(Histogram, KnowsSumAndExtremesOnlyWhereAllDo) {
  auto a = bounded({1}, {1, 1}, 3);
  a.observed.min = -1;
  a.observed.max = 4;
  auto b = bounded({1}, {2, 0}, 2);
  b.observed.min = -5;
  EXPECT_EQ(merge(a, b).histogram.observed, (Observed{.count = 4, .sum = 5, .min = -5}));
  b.observed.sum.reset();
  EXPECT_EQ(merge(a, b).histogram.observed.sum, std::nullopt);
}

TEST(Histogram, MergesExponentialOnesAtTheSmallerScale) {
  struct Case {
    const char* name;
    ExponentialHistogram a;
    ExponentialHistogram b;
    ExponentialHistogram want;
    bool exact;
  };
  const Case cases[] = {
      {"one scale", exponential(3, {-2, {1, 2}}), exponential(3, {0, {4}}),
       exponential(3, {-2, {1, 2, 4}}), true},
      {"indexes are halved, also those below 0", exponential(1, {-3, {1, 2, 4}}),
       exponential(0, {0, {8}}), exponential(0, {-2, {1, 6, 8}}), false},
      {"both signs", exponential(0, {}, {4, {1}}), exponential(0, {1, {2}}, {3, {3}}),
       exponential(0, {1, {2}}, {3, {3, 1}}), true},
      {"too far apart for one scale", exponential(0, {0, {1}}), exponential(0, {200, {1}}),
       exponential(-1, {0,
                        [] {
                          Counts counts(101);
                          counts.front() = counts.back() = 1;
                          return counts;
                        }()}),
       false},
      {"zero counts add up", exponential(0, {}, {}, 2, 0.25), exponential(0, {}, {}, 3, 0.25),
       exponential(0, {}, {}, 5, 0.25), true},
      {"the narrower zero bucket grows", exponential(0, {-3, {1, 2, 4}}, {-3, {8}}, 1, 0),
       exponential(0, {}, {}, 3, 0.25), exponential(0, {-2, {2, 4}}, {}, 13, 0.25), false},
      {"to the edge of the bucket it ends in", exponential(0, {-2, {2, 4}}, {}, 1, 0),
       exponential(0, {2, {1}}, {}, 3, 0.4), exponential(0, {-1, {4, 0, 0, 1}}, {}, 6, 0.5), false},
      {"nothing and nothing", exponential(5, {}), exponential(5, {}), exponential(5, {}), true},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (const auto& merged : {merge(c.a, c.b), merge(c.b, c.a)}) {
      EXPECT_EQ(merged.histogram, c.want);
      EXPECT_EQ(merged.exact, c.exact);
    }
  }
}

TEST(Histogram, AZeroBucketMaySwallowTheLastIndexOfAll) {
  constexpr std::int32_t last = std::numeric_limits<std::int32_t>::max();
  const ExponentialHistogram great{.scale = scale_max, .positive = {last, {1}}};
  const ExponentialHistogram wide{
      .scale = scale_max, .zero_count = 2, .zero_threshold = std::numeric_limits<double>::max()};
  const auto merged = merge(great, wide).histogram;
  EXPECT_EQ(merged.zero_count, 3u);
  EXPECT_EQ(merged.positive, Buckets{});
}

TEST(Histogram, TellsARestartFromGrowth) {
  const auto continues = [](const auto& later, const auto& earlier) {
    return difference(later, earlier).has_value();
  };
  EXPECT_TRUE(continues(bounded({1}, {2, 2}), bounded({1}, {1, 2})));
  EXPECT_FALSE(continues(bounded({1}, {2, 2}), bounded({1}, {3, 0}))) << "one count fell";
  EXPECT_FALSE(continues(bounded({2}, {2, 2}), bounded({1}, {1, 1}))) << "other bounds";
  const auto base = exponential(2, {0, {4, 4}}, {}, 2, 0.25);
  EXPECT_TRUE(continues(base, base));
  EXPECT_TRUE(continues(exponential(1, {0, {8}}, {}, 2, 0.25), base)) << "a coarser scale";
  EXPECT_FALSE(continues(exponential(3, {0, {4, 4, 4}}, {}, 2, 0.25), base)) << "a finer scale";
  EXPECT_FALSE(continues(exponential(2, {1, {9}}, {}, 2, 0.25), base)) << "a bucket went";
  EXPECT_FALSE(continues(exponential(2, {0, {9, 4}}, {}, 1, 0.25), base)) << "zeros fell";
  EXPECT_FALSE(continues(exponential(2, {0, {9, 4}}, {}, 2, 0), base)) << "a finer zero bucket";
  EXPECT_TRUE(continues(exponential(2, {1, {4}}, {}, 6, std::exp2(0.25)), base)) << "a wider one";
  EXPECT_FALSE(continues(exponential(2, {1, {4}}, {}, 6, 1.1), base)) << "it ends in a bucket";
}

TEST(Histogram, KeepsWhatWasSentWithinItsBounds) {
  struct Case {
    const char* name;
    std::int32_t scale;
    Buckets sent;
    std::int32_t want_scale;
    Buckets want;
  };
  const Case cases[] = {
      {"as sent", 3, {-1, {1, 2, 3}}, 3, {-1, {1, 2, 3}}},
      {"zeros at the ends go", 3, {-1, {0, 0, 3, 0}}, 3, {1, {3}}},
      {"zeros alone are nothing", 3, {7, {0, 0}}, 3, {}},
      {"many buckets", 3, {0, Counts(320, 1)}, 2, {0, Counts(160, 2)}},
      {"very many buckets", 20, {0, Counts(1 << 14, 1)}, 13, {0, Counts(128, 128)}},
      {"the finest scale", 21, {5, {1}}, 21, {5, {1}}},
      {"a finer one yet", 22, {5, {1, 1, 1}}, 21, {2, {1, 2}}},
      {"the finest there can be", index_max, {index_min, {1}}, 21, {-1, {1}}},
      {"the coarsest scale", -11, {-1, {1, 2}}, -11, {-1, {1, 2}}},
      {"a coarser one yet", index_min, {-1, {1, 2}}, -11, {-1, {1, 2}}},
      {"beyond a double", 0, {5000, {1}}, 0, {1023, {1}}},
      {"nearer to 0 than a double", 0, {-5000, {1}}, 0, {-1075, {1}}},
      {"the last index", 0, {index_max, {1}}, 0, {1023, {1}}},
      {"past the last index", 0, {index_max, {1, 1, 1}}, 0, {1023, {3}}},
      {"counts that overflow", 22, {0, {most, 2}}, 21, {0, {most}}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    for (const bool negative : {false, true}) {
      ExponentialView sent{.scale = c.scale};
      (negative ? sent.negative : sent.positive) = {c.sent.offset, c.sent.counts};
      const auto kept =
          std::get<ExponentialHistogram>(to_histogram({.observed = {}, .buckets = sent}));
      EXPECT_EQ(kept.scale, c.want_scale);
      EXPECT_EQ(negative ? kept.negative : kept.positive, c.want);
      EXPECT_EQ(negative ? kept.positive : kept.negative, Buckets{});
    }
  }
}

TEST(Histogram, ListsItsBuckets) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_EQ(buckets_of(bounded({1, 2}, {3, 0, 4})),
            (std::vector<Bucket>{{-infinity, 1, Edges::open_left, 3},
                                 {2, infinity, Edges::open_left, 4}}));
  EXPECT_EQ(buckets_of(exponential(0, {1, {5}}, {-1, {1, 2}}, 7, 0.25)),
            (std::vector<Bucket>{{-2, -1, Edges::open_right, 2},
                                 {-1, -0.5, Edges::open_right, 1},
                                 {-0.25, 0.25, Edges::closed, 7},
                                 {2, 4, Edges::open_left, 5}}));
}

// Random histograms whose sums are whole, so that adding up is exact.
class Draw {
 public:
  explicit Draw(unsigned seed) : random_(seed) {}

  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  Counts counts(int n) {
    Counts counts;
    for (int i = 0; i < n; ++i)
      counts.push_back(below(3) == 0 ? 0 : static_cast<std::uint64_t>(below(1000)));
    return counts;
  }

  ExplicitHistogram bounds() {
    Bounds some;
    for (int i = 0; i < 8; ++i) {
      if (below(3) > 0) some.push_back(i);
    }
    return bounds(std::move(some));
  }
  ExplicitHistogram bounds(Bounds some) {
    const int n = static_cast<int>(some.size()) + 1;
    return bounded(std::move(some), counts(n), below(100));
  }

  ExponentialHistogram scaled() { return scaled(below(33) - 11); }
  ExponentialHistogram scaled(std::int32_t scale) {
    const Counts some = counts(below(40));
    const Counts others = counts(below(40));
    const int far = below(4) == 0 ? 2000 : 60;
    const ExponentialView sent{.scale = scale,
                               .zero_count = static_cast<std::uint64_t>(below(5)),
                               .positive = {below(far) - far / 2, some},
                               .negative = {below(far) - far / 2, others}};
    const Observed all{.count = total(some) + total(others) + sent.zero_count, .sum = below(100)};
    return std::get<ExponentialHistogram>(to_histogram({.observed = all, .buckets = sent}));
  }

 private:
  std::mt19937_64 random_;
};

unsigned chosen_seed() {
  const char* given = std::getenv("SEED");
  return given ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
}

template <class T>
void check_laws(const T& a, const T& b, const T& c) {
  EXPECT_EQ(merge(a, b).histogram, merge(b, a).histogram);
  EXPECT_EQ(merge(merge(a, b).histogram, c).histogram, merge(a, merge(b, c).histogram).histogram);
}

TEST(HistogramProperty, ExplicitOnesAddUpInAnyOrder) {
  const unsigned seed = chosen_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  Draw draw(seed);
  for (int i = 0; i < 500; ++i) {
    const auto a = draw.bounds();
    check_laws(a, draw.bounds(), draw.bounds());
    const auto b = draw.bounds(a.bounds);
    EXPECT_EQ(difference(merge(a, b).histogram, a), b);
    std::string bytes;
    pack(view_of(a), bytes);
    EXPECT_EQ(unpack(bytes, a.bounds), Histogram(a));
  }
}

TEST(HistogramProperty, ExponentialOnesAddUpInAnyOrderAndAtAnyScale) {
  const unsigned seed = chosen_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  Draw draw(seed);
  for (int i = 0; i < 500; ++i) {
    const auto a = draw.scaled();
    const auto b = draw.scaled();
    check_laws(a, b, draw.scaled());
    const auto sum = merge(a, b).histogram;
    const auto rest = difference(sum, downscale(a, sum.scale));
    ASSERT_TRUE(rest);
    EXPECT_EQ(*rest, downscale(b, sum.scale));
    EXPECT_EQ(difference(sum, a), rest) << "which brings the earlier one to its scale";
    const std::int32_t lower = std::max(scale_min, sum.scale - draw.below(5));
    EXPECT_EQ(downscale(sum, lower), merge(downscale(a, lower), downscale(b, lower)).histogram);
    EXPECT_LE(sum.positive.counts.size(), exponential_buckets_max);
    std::string bytes;
    pack(view_of(a), bytes);
    EXPECT_EQ(unpack(bytes, {}), Histogram(a));
  }
}

}  // namespace
}  // namespace tsdb
