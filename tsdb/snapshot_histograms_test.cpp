// Histograms over a restart: what is asked of them has the same answer as before.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tsdb/testing/snapshots.h"

namespace tsdb {
namespace {

using namespace std::chrono_literals;
using testing::Feed;
using testing::restore;
using testing::snapshot_of;
using testing::writer_to;
using Counts = std::vector<std::uint64_t>;

constexpr int pods = 6;

struct Sender {
  std::string metric = "h";  // without the ending
  int pod = 0;
  Temporality temporality = Temporality::cumulative;
};

void send(Feed& feed, const Sender& sender, double ago, const HistogramView& histogram) {
  const std::string pod = std::to_string(sender.pod);
  const LabelView resource[] = {{"pod", pod}};
  const std::string metric = sender.metric + "_count";
  const SeriesView view{.metric = metric,
                        .kind = Kind::sum,
                        .temporality = sender.temporality,
                        .monotonic = true,
                        .resource = resource};
  const Point count{.time = feed.before(ago),
                    .start = {},
                    .value = Value::of_int(static_cast<std::int64_t>(histogram.observed.count))};
  feed.store.look(feed.store.home_of(view.resource).shard, [&](Store& shard) {
    return shard.append(view, Store::HistogramPoint{count, histogram}, feed.now);
  });
}

void send_explicit(Feed& feed, const Sender& sender, double ago, const Counts& counts,
                   const std::vector<double>& bounds) {
  HistogramView view{.buckets = ExplicitView{bounds, counts}};
  for (const std::uint64_t count : counts) view.observed.count += count;
  send(feed, sender, ago, view);
}

std::string labels_text(const HistogramRow& row) {
  std::string text;
  for (const auto& [name, value] : row.labels) text += name + "=" + value + ",";
  return text;
}

std::vector<HistogramRow> rows_of(const Feed& feed, std::string_view query) {
  auto rows = feed.store.histograms(testing::question(query).query, {}, feed.now, SIZE_MAX);
  std::ranges::sort(rows, {}, [](const HistogramRow& row) { return labels_text(row); });
  return rows;
}

// Of each series by itself: in which order they are added up is nobody's promise.
void expect_same(const Feed& after, const Feed& before, const std::string& metric) {
  EXPECT_EQ(rows_of(after, metric), rows_of(before, metric));
  for (int pod = 0; pod < pods; ++pod) {
    const auto query = testing::question(metric + "{pod=" + std::to_string(pod) + "}").query;
    for (const std::optional<Duration> window : {std::optional<Duration>(), {40s}}) {
      SCOPED_TRACE(tsdb::to_string(query));
      EXPECT_EQ(after.store.histogram_increase(query, window, after.now),
                before.store.histogram_increase(query, window, before.now));
    }
  }
}

TEST(SnapshotHistograms, AnswerAsBefore) {
  Feed before;
  const std::vector<double> bounds{0.1, 1, 10};
  send_explicit(before, {}, 30, {1, 2, 3, 4}, bounds);
  send_explicit(before, {}, 10, {1, 4, 3, 1'000'000}, bounds);
  send_explicit(before, {.pod = 1}, 10, {7}, {});
  before.send({.metric = "h_count", .ago = 5, .resource = {{"pod", "0"}}});
  Feed after;
  after.now = before.now;
  const Restored restored = restore(after, snapshot_of(before));
  EXPECT_EQ(restored.series, 2u);
  EXPECT_EQ(restored.samples, 4u);
  EXPECT_EQ(restored.histograms, 3u) << "a sample without one is a sample";
  expect_same(after, before, "h");
  const auto increase =
      after.store.histogram_increase(testing::question("h{pod=0}").query, {}, after.now);
  ASSERT_TRUE(increase.bounded);
  EXPECT_EQ(increase.bounded->counts, (Counts{0, 2, 0, 999'996}));
}

TEST(SnapshotHistograms, GoOnWithTheNextPoint) {
  Feed before;
  send_explicit(before, {}, 10, {1, 1}, {5});
  Feed after;
  after.now = before.now + 5s;
  restore(after, snapshot_of(before));
  send_explicit(after, {}, 1, {3, 1}, {5});
  const auto increase = after.store.histogram_increase(testing::question("h").query, {}, after.now);
  ASSERT_TRUE(increase.bounded) << "without the one from before there is nothing to compare with";
  EXPECT_EQ(increase.bounded->counts, (Counts{2, 0}));
}

TEST(SnapshotHistograms, LeaveWithTheirSamples) {
  Feed before;
  for (const double ago : {100, 60, 20}) send_explicit(before, {}, ago, {1, 1}, {5});
  send_explicit(before, {.metric = "old"}, 100, {1, 1}, {5});
  Feed after;
  after.now = before.now + 50s;
  const Restored restored = restore(after, snapshot_of(before));
  EXPECT_EQ(restored.samples, 2u);
  EXPECT_EQ(restored.histograms, 2u);
  const auto rows = after.store.histograms(testing::question("h").query, {}, after.now, 10);
  EXPECT_EQ(rows.at(0).points.size(), 2u);
  after.store.reset();
  EXPECT_NE(after.registry.render().find("tidewheel_store_histograms 0"), std::string::npos);
}

TEST(SnapshotHistograms, CountAmongTheMemory) {
  Feed before;
  const std::vector<double> bounds{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
  for (int pod = 0; pod < 50; ++pod) {
    for (int ago = 100; ago > 0; ago -= 5)
      send_explicit(before, {.pod = pod}, ago, Counts(11, ~std::uint64_t{0} >> 8), bounds);
  }
  const std::string file = snapshot_of(before);
  Feed after;
  after.now = before.now;
  restore(after, file);
  EXPECT_NEAR(static_cast<double>(after.store.footprint().samples),
              static_cast<double>(before.store.footprint().samples),
              static_cast<double>(before.store.footprint().samples) / 4);
  Feed small({.bytes_max = before.store.footprint().total() / 2});
  small.now = before.now;
  EXPECT_GT(restore(small, file).refused, 15u);
}

// A block that is as it should be but for what it says of histograms.
TEST(SnapshotHistograms, ThatMakeNoSenseAreRefused) {
  using namespace std::string_literals;
  const std::string sample = "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00"s;
  const std::string series =
      "L\x00"s
      "M\x01m\x01"s
      "S\x00\x00\x00\x00\x00\x00\x00\x00\x10"s +
      sample;
  const std::string bounds = "B\x08\x00\x00\x00\x00\x00\x00\xf0\x3f"s;
  const auto checked = [&](const std::string& block) {
    std::string file;
    SnapshotWriter writer = writer_to(file);
    EXPECT_TRUE(writer.begin({}, Coverage::moment) && writer.block(block) && writer.end());
    return Snapshot::check(file);
  };
  struct Case {
    const char* name;
    std::string entries;
    bool good = false;
  };
  const Case cases[] = {
      {"two buckets", "H\x00\x01\x04\x00\x02\x01\x01"s, true},
      {"exponential, one bucket of each sign",
       "H\x00\x00\x0a\x01\x02\x04\x00\x01\x00\x01\x01\x00\x01"s, true},
      {"exponential, no bucket", "H\x00\x00\x06\x01\x02\x04\x00\x00\x00"s, true},
      {"no such bounds", "H\x00\x02\x04\x00\x02\x01\x01"s},
      {"no such sample", "H\x01\x01\x04\x00\x02\x01\x01"s},
      {"two beside one sample",
       "H\x00\x01\x04\x00\x02\x01\x01"s
       "H\x00\x01\x04\x00\x02\x01\x01"s},
      {"a bucket too few", "H\x00\x01\x03\x00\x02\x01"s},
      {"a bucket too many", "H\x00\x01\x05\x00\x02\x01\x01\x01"s},
      {"exponential with bounds", "H\x00\x01\x06\x01\x02\x04\x00\x00\x00"s},
      {"explicit without bounds", "H\x00\x00\x04\x00\x02\x01\x01"s},
      {"no such flag", "H\x00\x01\x04\x20\x02\x01\x01"s},
      {"half a sum", "H\x00\x01\x06\x02\x02\x00\x00\x00\x00"s},
      {"nothing", "H\x00\x01\x00"s},
      {"a scale beyond the limits", "H\x00\x00\x06\x01\x02\x40\x00\x00\x00"s},
      {"an empty bucket at the end", "H\x00\x00\x09\x01\x02\x04\x00\x02\x00\x01\x00\x00"s},
      {"too many buckets", "H\x00\x00\x08\x01\x02\x04\x00\xa1\x01\x00\x01"s},
      {"an index beyond 32 bits",
       "H\x00\x00\x0d\x01\x02\x04\x00\x02\xfe\xff\xff\xff\x0f\x01\x01\x00"s},
      {"a zero bucket of infinite width",
       "H\x00\x00\x0e\x11\x02\x04\x00\x00\x00\x00\x00\x00\x00\xf0\x7f\x00\x00"s},
  };
  EXPECT_TRUE(checked(series + bounds));
  for (const auto& c : cases)
    EXPECT_EQ(checked(series + bounds + c.entries).has_value(), c.good) << c.name;
  EXPECT_FALSE(checked(bounds + cases[0].entries)) << "of no series";
}

// Anything that a sender may send, at any scale, growing or as deltas, late and twice.
class Traffic {
 public:
  explicit Traffic(unsigned seed) : random_(seed) {}

  void fill(Feed& feed) {
    for (int i = 0; i < 300; ++i) {
      const bool scaled = below(2) == 0;
      const Sender sender{
          .metric = scaled ? "scaled" : "bounded",
          .pod = below(pods),
          .temporality = below(2) == 0 ? Temporality::delta : Temporality::cumulative};
      send(feed, sender, 1 + below(140), scaled ? exponential() : bounded());
    }
  }

 private:
  int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

  void count(std::size_t n, Counts& counts) {
    counts.clear();
    for (; n > 0; --n)
      counts.push_back(below(3) == 0 ? 0 : random_() >> static_cast<unsigned>(8 + below(56)));
  }
  Observed observed() {
    Observed all{.count = random_() >> 20};
    if (below(2) == 0) all.sum = below(1000);
    if (below(3) == 0) all.min = -below(1000) / 7.0;
    if (below(3) == 0) all.max = below(1000) / 7.0;
    return all;
  }
  HistogramView bounded() {
    bounds_.clear();
    for (int i = 0; i < 6; ++i) {
      if (below(5) > 0) bounds_.push_back(i);
    }
    count(bounds_.size() + 1, positive_);
    return {observed(), ExplicitView{bounds_, positive_}};
  }
  HistogramView exponential() {
    const int far = below(4) == 0 ? 100'000 : 60;
    count(static_cast<std::size_t>(below(200)), positive_);
    count(static_cast<std::size_t>(below(30)), negative_);
    return {observed(), ExponentialView{.scale = below(34) - 11,
                                        .zero_count = static_cast<std::uint64_t>(below(5)),
                                        .zero_threshold = below(3) == 0 ? below(100) / 8.0 : 0,
                                        .positive = {below(far) - far / 2, positive_},
                                        .negative = {below(far) - far / 2, negative_}}};
  }

  std::mt19937_64 random_;
  std::vector<double> bounds_;
  Counts positive_;
  Counts negative_;
};

unsigned chosen_seed() {
  const char* given = std::getenv("SEED");
  return given ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
}

TEST(SnapshotHistograms, OfAllKindsComeBackAsTheyWere) {
  const unsigned seed = chosen_seed();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 20; ++round) {
    Feed before({}, {}, 1 + random() % 3);
    Traffic(random()).fill(before);
    Feed after({}, {}, 1 + random() % 3);
    before.pass(std::chrono::seconds(random() % 60));
    after.now = before.now;
    const std::string file = snapshot_of(before, 1 + random() % 5'000);
    EXPECT_GT(restore(after, file).histograms, 20u);
    for (const char* metric : {"bounded", "scaled"}) expect_same(after, before, metric);
    for (std::size_t at = 16; at < file.size(); at += 1 + random() % (file.size() / 20)) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random() % 8));
      EXPECT_FALSE(Snapshot::check(damaged)) << at;
    }
  }
}

}  // namespace
}  // namespace tsdb
