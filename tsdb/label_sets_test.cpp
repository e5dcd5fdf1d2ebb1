#include "tsdb/label_sets.h"

#include <gtest/gtest.h>

namespace tsdb {
namespace {

using Views = std::vector<LabelView>;

TEST(LabelSets, KeepEqualSetsOnce) {
  LabelSets sets;
  LabelSet* a = sets.hold(Views{{"x", "1"}, {"y", "2"}});
  LabelSet* b = sets.hold(Views{{"y", "2"}, {"x", "1"}});
  LabelSet* c = sets.hold(Views{{"x", "1"}});
  EXPECT_EQ(a, b);
  EXPECT_NE(a, c);
  EXPECT_EQ(sets.size(), 2u);
  sets.release(a);
  sets.release(c);
  EXPECT_EQ(sets.size(), 1u);
  sets.release(b);
  EXPECT_EQ(sets.size(), 0u);
}

TEST(LastSet, ComparesWhatWasSentNotWhereItLies) {
  LabelSets sets;
  LastSet last(sets);
  std::string value = "pod-a";
  Views labels{{"pod", value}};
  LabelSet* first = last.find(labels);
  EXPECT_EQ(last.find(labels), first);
  value = "pod-b";  // the same addresses, other text
  labels[0].value = value;
  LabelSet* second = last.find(labels);
  EXPECT_EQ(second->labels.find("pod"), "pod-b");
  EXPECT_EQ(sets.size(), 1u);  // the first had no other holder
}

TEST(LastSet, HoldsNothingAfterForgetting) {
  LabelSets sets;
  LastSet last(sets);
  last.find(Views{});
  last.find(Views{{"a", "1"}});
  last.forget();
  EXPECT_EQ(sets.size(), 0u);
}

}  // namespace
}  // namespace tsdb
