#include "tsdb/series_index.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tsdb {
namespace {

using Views = std::vector<LabelView>;

constexpr Duration retention = std::chrono::seconds(120);

TEST(SeriesIndex, FindsWhatWasAddedByIdentity) {
  SeriesIndex index(retention);
  const Views attributes{{"a", "1"}};
  const Views resource{{"pod", "p"}};
  const SeriesView view{.metric = "m.n", .resource = resource, .attributes = attributes};
  EXPECT_EQ(index.find(index.identify(view)), nullptr);
  Series& added = index.add(index.identify(view));
  EXPECT_EQ(index.find(index.identify(view)), &added);
  EXPECT_EQ(label_of(added, "a"), "1");
  EXPECT_EQ(index.metric("m_n")->series.size(), 1u);
  EXPECT_EQ(index.metric("m.n"), nullptr);
}

TEST(SeriesIndex, TellsEqualHashesApartByComparing) {
  SeriesIndex index(retention);
  const Views one{{"a", "1"}};
  const Views two{{"a", "2"}};
  const auto colliding = [&index](const char* metric, const Views& attributes) {
    auto identity = index.identify({.metric = metric, .attributes = attributes});
    identity.hash = 42;
    return identity;
  };
  Series& first = index.add(colliding("m", one));
  EXPECT_EQ(index.find(colliding("m", two)), nullptr);
  EXPECT_EQ(index.find(colliding("n", one)), nullptr);
  Series& second = index.add(colliding("m", two));
  EXPECT_EQ(index.find(colliding("m", one)), &first);
  EXPECT_EQ(index.find(colliding("m", two)), &second);
}

TEST(SeriesIndex, ScopesTellSeriesApart) {
  SeriesIndex index(retention);
  const Views scope{{"name", "lib"}};
  index.add(index.identify({.metric = "m"}));
  EXPECT_EQ(index.find(index.identify({.metric = "m", .scope_name = "lib"})), nullptr);
  EXPECT_EQ(index.find(index.identify({.metric = "m", .scope_version = "lib"})), nullptr);
  EXPECT_EQ(index.find(index.identify({.metric = "m", .scope = scope})), nullptr);
}

TEST(SeriesIndex, ForgetsWhatIsTaken) {
  SeriesIndex index(retention);
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back(std::to_string(i));
  for (const auto& name : names)
    index.add(index.identify({.metric = "m", .attributes = Views{{"i", name}}}));
  Metric& metric = *index.metric("m");
  while (metric.series.size() > 1) index.destroy(index.take(metric, metric.series.size() / 2));
  EXPECT_EQ(index.size(), 1u);
  EXPECT_FALSE(index.drop_spellings(metric));
  index.destroy(index.take(metric, 0));
  EXPECT_TRUE(index.drop_spellings(metric));
  index.tidy(metric);
  EXPECT_TRUE(index.metrics().empty());
}

}  // namespace
}  // namespace tsdb
