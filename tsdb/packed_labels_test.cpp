#include "tsdb/packed_labels.h"

#include <gtest/gtest.h>

namespace tsdb {
namespace {

std::string packed(std::vector<LabelView> labels) {
  return std::string(Packer().pack(labels));
}

TEST(PackedLabels, AreTheSameInAnyOrder) {
  EXPECT_EQ(packed({{"a", "1"}, {"b", "2"}, {"c", "3"}}),
            packed({{"c", "3"}, {"a", "1"}, {"b", "2"}}));
  EXPECT_NE(packed({{"a", "1"}}), packed({{"a", "2"}}));
  EXPECT_NE(packed({{"ab", "c"}}), packed({{"a", "bc"}}));
  EXPECT_EQ(packed({}), "");
}

TEST(PackedLabels, KeepTheLastOfEqualNames) {
  EXPECT_EQ(packed({{"b", "x"}, {"a", "1"}, {"b", "y"}, {"b", "z"}}),
            packed({{"a", "1"}, {"b", "z"}}));
}

TEST(PackedLabels, FindByName) {
  const std::string long_text(70'000, 'v');
  const PackedLabels labels(packed({{"b", ""}, {"a", long_text}, {"host.name", "n1"}}));
  EXPECT_EQ(labels.find("a"), long_text);
  EXPECT_EQ(labels.find("b"), "");
  EXPECT_EQ(labels.find("host.name"), "n1");
  EXPECT_EQ(labels.find("aa"), std::nullopt);
  EXPECT_EQ(labels.find("z"), std::nullopt);
}

TEST(PackedLabels, WalkInOrderOfName) {
  const PackedLabels labels(packed({{"b", "2"}, {"a", "1"}}));
  PackedCursor cursor(labels.bytes());
  EXPECT_EQ(cursor.next(), (LabelView{"a", "1"}));
  EXPECT_EQ(cursor.next(), (LabelView{"b", "2"}));
  EXPECT_EQ(cursor.next(), std::nullopt);
}

}  // namespace
}  // namespace tsdb
