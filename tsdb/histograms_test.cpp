// Histograms in the store: kept beside their counts, and added up over series and time.

#include "tsdb/histograms.h"

#include <gtest/gtest.h>

#include "tsdb/quantile.h"
#include "tsdb/testing/feed.h"

namespace tsdb {
namespace {

using std::chrono::seconds;
using testing::Feed;
using Counts = std::vector<std::uint64_t>;
using Bounds = std::vector<double>;

// One histogram point as a test says it.
struct SentHistogram {
  double ago = 1;
  Counts counts = {};
  Bounds bounds = {1, 2};
  Labels attributes = {};
  Temporality temporality = Temporality::cumulative;
  double start_ago = 0;
  std::int32_t scale = no_scale;  // none: explicit
  bool no_recorded_value = false;

  static constexpr std::int32_t no_scale = 99;
};

class HistogramFeed : public Feed {
 public:
  using Feed::Feed;

  Appended send(const SentHistogram& sent) {
    std::vector<LabelView> attributes;
    for (const auto& label : sent.attributes) attributes.push_back({label.name, label.value});
    const SeriesView view{.metric = "h_count",
                          .kind = Kind::sum,
                          .temporality = sent.temporality,
                          .monotonic = true,
                          .attributes = attributes};
    HistogramView histogram;
    for (const auto count : sent.counts) histogram.observed.count += count;
    histogram.buckets = ExplicitView{sent.bounds, sent.counts};
    if (sent.scale != SentHistogram::no_scale)
      histogram.buckets = ExponentialView{.scale = sent.scale, .positive = {0, sent.counts}};
    const Point count{before(sent.ago), sent.start_ago == 0 ? Timestamp{} : before(sent.start_ago),
                      Value::of_int(static_cast<std::int64_t>(histogram.observed.count)),
                      sent.no_recorded_value};
    return store.append(view, {count, histogram}, now);
  }

  HistogramIncrease increase(const char* query = "h") const {
    return store.histogram_increase(testing::question(query).query, std::nullopt, now);
  }
  std::vector<HistogramRow> rows(const char* query = "h") const {
    return store.histograms(testing::question(query).query, std::nullopt, now, 10);
  }
};

TEST(Histograms, AddUpWhatTheirSeriesObserved) {
  constexpr auto delta = Temporality::delta;
  struct Case {
    const char* name;
    std::vector<SentHistogram> sent;
    Counts want;
    std::uint32_t series = 1;
    const char* query = "h";
  };
  const Labels a{{"pod", "a"}};
  const Labels b{{"pod", "b"}};
  const Case cases[] = {
      {"the growth of a cumulative one",
       {{30, {1, 2, 3}}, {20, {2, 2, 4}}, {10, {5, 3, 4}}},
       {4, 1, 1}},
      {"one point says nothing", {{10, {1, 2, 3}}}, {}, 0},
      {"each delta is one",
       {{30, {1, 2, 3}, {1, 2}, {}, delta}, {20, {1, 0, 1}, {1, 2}, {}, delta}},
       {2, 2, 4}},
      {"over series",
       {{30, {1, 0, 0}, {1, 2}, a},
        {20, {3, 0, 0}, {1, 2}, a},
        {30, {0, 5, 0}, {1, 2}, b},
        {20, {0, 6, 1}, {1, 2}, b}},
       {2, 1, 1},
       2},
      {"of those that match",
       {{30, {1, 0, 0}, {1, 2}, a},
        {20, {3, 0, 0}, {1, 2}, a},
        {30, {0, 5, 0}, {1, 2}, b},
        {20, {0, 6, 1}, {1, 2}, b}},
       {2, 0, 0},
       1,
       "h{pod=a}"},
      {"a count that fell", {{30, {5, 5, 5}}, {20, {6, 5, 5}}, {10, {2, 0, 0}}}, {3, 0, 0}},
      {"a later start",
       {{30, {5, 0, 0}, {1, 2}, {}, Temporality::cumulative, 100},
        {10, {6, 0, 0}, {1, 2}, {}, Temporality::cumulative, 20}},
       {6, 0, 0}},
      {"two senders at once",
       {{50, {5, 0, 0}, {1, 2}, {}, Temporality::cumulative, 300},
        {45, {900, 0, 0}, {1, 2}, {}, Temporality::cumulative, 200},
        {40, {6, 0, 0}, {1, 2}, {}, Temporality::cumulative, 300},
        {35, {910, 0, 0}, {1, 2}, {}, Temporality::cumulative, 200}},
       {11, 0, 0}},
      {"out of order", {{10, {5, 3, 4}}, {30, {1, 2, 3}}, {20, {2, 2, 4}}}, {4, 1, 1}},
      {"a duplicate: the last one sent wins",
       {{30, {1, 0, 0}}, {10, {9, 9, 9}}, {10, {2, 0, 0}}},
       {1, 0, 0}},
      {"too old is not kept", {{500, {1, 0, 0}}, {20, {2, 0, 0}}, {10, {3, 0, 0}}}, {1, 0, 0}},
      {"no recorded value is no point",
       {{30, {1, 0, 0}},
        {20, {0, 0, 0}, {1, 2}, {}, Temporality::cumulative, 0, SentHistogram::no_scale, true},
        {10, {3, 0, 0}}},
       {2, 0, 0}},
      {"zero counts", {{30, {0, 0, 0}}, {20, {0, 0, 0}}}, {0, 0, 0}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    HistogramFeed feed;
    for (const auto& sent : c.sent) feed.send(sent);
    const auto got = feed.increase(c.query);
    EXPECT_EQ(got.series, c.series);
    EXPECT_EQ(got.bounded ? got.bounded->counts : Counts{}, c.want);
    EXPECT_TRUE(got.exact);
    EXPECT_FALSE(got.exponential);
  }
}

TEST(Histograms, SayWhenBucketsWereJoined) {
  HistogramFeed feed;
  const Labels b{{"pod", "b"}};
  feed.send({.ago = 30, .counts = {1, 1, 1}});
  feed.send({.ago = 10, .counts = {2, 2, 2}});
  feed.send({.ago = 30, .counts = {1, 1}, .bounds = {2}, .attributes = b});
  feed.send({.ago = 10, .counts = {1, 4}, .bounds = {2}, .attributes = b});
  const auto got = feed.increase();
  ASSERT_TRUE(got.bounded);
  EXPECT_EQ(got.bounded->bounds, Bounds{2});
  EXPECT_EQ(got.bounded->counts, (Counts{2, 4}));
  EXPECT_FALSE(got.exact);
}

TEST(Histograms, FollowAChangeOfScale) {
  HistogramFeed feed;
  feed.send({.ago = 30, .counts = {2, 2}, .scale = 3});
  feed.send({.ago = 10, .counts = {6, 1}, .scale = 2});
  const auto got = feed.increase();
  ASSERT_TRUE(got.exponential);
  EXPECT_EQ(got.exponential->scale, 2);
  EXPECT_EQ(got.exponential->positive, (Buckets{0, {2, 1}}));
  EXPECT_DOUBLE_EQ(quantile(0, *got.exponential), 1);
}

TEST(Histograms, ShowEachSeriesAndItsPoints) {
  HistogramFeed feed;
  feed.send({.ago = 30, .counts = {1, 2, 3}, .attributes = {{"pod", "a"}}});
  feed.send({.ago = 10, .counts = {4, 2, 3}, .attributes = {{"pod", "a"}}});
  feed.Feed::send(testing::counter({.metric = "h_count", .attributes = {{"pod", "b"}}}));
  const auto rows = feed.rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].metric, "h");
  EXPECT_EQ(rows[0].labels, (Labels{{"pod", "a"}}));
  ASSERT_EQ(rows[0].points.size(), 2u);
  EXPECT_EQ(rows[0].points[1].first, feed.before(10));
  EXPECT_EQ(std::get<ExplicitHistogram>(rows[0].points[1].second).counts, (Counts{4, 2, 3}));
}

TEST(Histograms, AreNoSeriesOfTheirOwn) {
  HistogramFeed feed;
  feed.send({.counts = {1, 2, 3}});
  EXPECT_EQ(feed.store.series_count(), 1u);
  EXPECT_EQ(feed.ask("h").state, Answer::State::absent);
  EXPECT_EQ(feed.ask("h_count").value, 6);
}

TEST(Histograms, LeaveTheStoreWithTheirSamples) {
  HistogramFeed feed({.samples_per_series_max = 3});
  for (int ago = 50; ago > 0; ago -= 10) feed.send({.ago = double(ago), .counts = {1, 2, 3}});
  EXPECT_EQ(feed.rows().at(0).points.size(), 3u);
  feed.pass(seconds(100));
  EXPECT_EQ(feed.rows().at(0).points.size(), 2u);
  EXPECT_NE(feed.registry.render().find("tidewheel_store_histograms 2"), std::string::npos);
  feed.pass(seconds(100));
  EXPECT_TRUE(feed.rows().empty());
  feed.send({.counts = {1, 2, 3}});
  EXPECT_EQ(feed.rows().at(0).points.size(), 1u) << "its place is used again";
  feed.store.reset();
  EXPECT_TRUE(feed.rows().empty());
  EXPECT_NE(feed.registry.render().find("tidewheel_store_histograms 0"), std::string::npos);
}

TEST(HistogramPoints, KeepSharedBoundsOnceAndBoundTheirBytes) {
  BoundsPool pool;
  HistogramPoints points;
  const Bounds bounds(1000, 0);
  const Counts counts(1001, ~std::uint64_t{0});
  const HistogramView view{.buckets = ExplicitView{bounds, counts}};
  for (int i = 0; i < 100; ++i) points.insert(Timestamp{i}, view, pool);
  EXPECT_EQ(pool.size(), 1u);
  EXPECT_LT(points.size(), 30u);
  EXPECT_EQ(points.time(points.size() - 1), Timestamp{99}) << "the oldest went";
  EXPECT_LT(points.bytes(), HistogramPoints::bytes_max * 3 / 2);
  points.drop_before(Timestamp{99}, pool);
  EXPECT_EQ(points.size(), 1u);
  EXPECT_EQ(std::get<ExplicitHistogram>(points.at(0)).counts, counts);
  points.clear(pool);
  EXPECT_EQ(pool.size(), 0u);
}

}  // namespace
}  // namespace tsdb
