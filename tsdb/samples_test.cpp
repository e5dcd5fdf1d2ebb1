#include "tsdb/samples.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

namespace tsdb {
namespace {

Sample sample(std::int64_t time, double value) {
  return {Timestamp{time}, Value::of(value)};
}

std::vector<std::int64_t> times(std::span<const Sample> samples) {
  std::vector<std::int64_t> out;
  for (const auto& s : samples) out.push_back(s.time().ns);
  return out;
}

TEST(Sample, KeepsTypeTimeAndEveryBit) {
  const std::int64_t big = (1LL << 62) + 1;
  const Sample integer(Timestamp{1'800'000'000'000'000'001}, Value::of_int(big));
  EXPECT_EQ(integer.time().ns, 1'800'000'000'000'000'001);
  EXPECT_TRUE(integer.is_int());
  EXPECT_EQ(static_cast<std::int64_t>(integer.exact()), big);
  const Sample real(Timestamp{std::numeric_limits<std::int64_t>::max()}, Value::of(-0.1));
  EXPECT_EQ(real.time().ns, std::numeric_limits<std::int64_t>::max());
  EXPECT_FALSE(real.is_int());
  EXPECT_EQ(real.number(), -0.1);
}

TEST(Sample, DifferencesOfIntegersAreExact) {
  const auto low = Sample(Timestamp{1}, Value::of_int(std::numeric_limits<std::int64_t>::min()));
  const auto high = Sample(Timestamp{2}, Value::of_int(std::numeric_limits<std::int64_t>::max()));
  EXPECT_EQ(high.exact() - low.exact(), 18446744073709551615.0L);
}

TEST(Samples, AreInOrderOfTimeWhateverArrivesFirst) {
  Samples samples;
  for (const std::int64_t time : {30, 10, 20, 50, 40}) EXPECT_TRUE(samples.insert(sample(time, 1)));
  EXPECT_EQ(times(samples.all()), (std::vector<std::int64_t>{10, 20, 30, 40, 50}));
  EXPECT_EQ(times(samples.since(Timestamp{30})), (std::vector<std::int64_t>{30, 40, 50}));
  EXPECT_EQ(times(samples.since(Timestamp{51})), (std::vector<std::int64_t>{}));
}

TEST(Samples, ReplaceOneOfTheSameTime) {
  Samples samples;
  samples.insert(sample(10, 1));
  samples.insert(sample(20, 2));
  EXPECT_FALSE(samples.insert(sample(10, 7)));
  EXPECT_EQ(samples.all()[0].number(), 7);
  EXPECT_EQ(samples.size(), 2u);
}

TEST(Samples, AgreeWithAMapUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  Samples samples;
  std::map<std::int64_t, double> model;
  std::int64_t now = 1000;
  for (int i = 0; i < 20'000; ++i) {
    now += random() % 3;
    const std::int64_t time = now - (random() % 8 == 0 ? random() % 100 : 0);
    EXPECT_EQ(samples.insert(sample(time, i)), !model.contains(time));
    model[time] = i;
    if (random() % 4 == 0) {
      const std::int64_t window = i % 5000 < 2500 ? 30 : 2000;
      samples.drop_before(Timestamp{now - window});
      model.erase(model.begin(), model.lower_bound(now - window));
    }
    if (random() % 100 == 0) samples.shrink();
    if (random() % 50 == 0 && !model.empty()) {
      samples.drop_oldest();
      model.erase(model.begin());
      samples.insert(sample(now, i));
      model[now] = i;
    }
    ASSERT_EQ(samples.size(), model.size());
    if (!model.empty()) {
      ASSERT_EQ(samples.all().back().time().ns, model.rbegin()->first);
    }
  }
  auto expected = model.begin();
  for (const auto& s : samples.all()) {
    ASSERT_EQ(s.time().ns, expected->first);
    ASSERT_EQ(s.number(), (expected++)->second);
  }
}

}  // namespace
}  // namespace tsdb
