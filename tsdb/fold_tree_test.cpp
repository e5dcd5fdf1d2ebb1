#include "tsdb/fold_tree.h"

#include <gtest/gtest.h>

#include <random>

namespace tsdb {
namespace {

Contribution counting(long double value) {
  return {.value = value, .newest = {1}, .counts = true, .alive = true};
}

TEST(FoldTree, FoldsNothing) {
  FoldTree tree;
  EXPECT_EQ(tree.refresh().count, 0u);
  tree.push_back(counting(1));
  tree.pop_back();
  EXPECT_EQ(tree.refresh().count, 0u);
}

TEST(FoldTree, NothingIsLeftOfAValueThatHasGone) {
  FoldTree tree;
  for (int i = 0; i < 100; ++i) tree.push_back(counting(0.1L));
  const long double before = tree.refresh().sum;
  tree.set(50, counting(1e300L));
  EXPECT_GT(tree.refresh().sum, 1e299L);
  tree.set(50, counting(0.1L));
  EXPECT_EQ(tree.refresh().sum, before);
  tree.set(7, counting(std::numeric_limits<long double>::quiet_NaN()));
  EXPECT_TRUE(std::isnan(tree.refresh().result(Aggregation::max)));
  tree.set(7, {});
  EXPECT_EQ(tree.refresh().count, 99u);
  EXPECT_EQ(tree.refresh().result(Aggregation::max), static_cast<double>(0.1L));
}

Fold fold_of(const std::vector<Contribution>& all) {
  Fold fold;
  for (const Contribution& one : all) fold.add(one);
  return fold;
}

TEST(FoldTree, AgreesWithFoldingAllUnderRandomUse) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto any = [&] {
    Contribution one = counting(static_cast<long double>(random() % 1000));
    one.newest = {static_cast<std::int64_t>(random() % 1000)};
    one.counts = random() % 4 > 0;
    one.alive = random() % 300 == 0;
    one.good_until =
        random() % 2 ? Contribution::never : Timestamp{static_cast<std::int64_t>(random() % 1000)};
    return one;
  };
  FoldTree tree;
  std::vector<Contribution> plain;
  for (int i = 0; i < 30'000; ++i) {
    const bool grows = i % 10'000 < 7'000;
    if (random() % 3 == 0 && !plain.empty()) {
      const std::size_t at = random() % plain.size();
      tree.set(at, plain[at] = any());
    } else if (random() % 10 < (grows ? 7u : 2u)) {
      tree.push_back(plain.emplace_back(any()));
    } else if (!plain.empty()) {
      tree.pop_back();
      plain.pop_back();
    }
    if (random() % 20 > 0) continue;
    const Fold want = fold_of(plain);
    const Fold& fold = tree.refresh();
    ASSERT_EQ(tree.size(), plain.size());
    ASSERT_EQ(fold.count, want.count);
    ASSERT_EQ(fold.sum, want.sum);  // small integers: exact whatever the order
    if (want.count > 0) {
      ASSERT_EQ(fold.min, want.min);
      ASSERT_EQ(fold.max, want.max);
    }
    ASSERT_EQ(fold.newest, want.newest);
    ASSERT_EQ(fold.good_until, want.good_until);
    ASSERT_EQ(fold.alive, want.alive);
    const Timestamp now{static_cast<std::int64_t>(random() % 1000)};
    std::size_t overdue = 0;
    tree.each_overdue(now, [&](std::size_t at) {
      ASSERT_LT(plain[at].good_until, now);
      ++overdue;
      plain[at].good_until = Contribution::never;
      tree.set(at, plain[at]);
    });
    for (const Contribution& one : plain) ASSERT_GE(one.good_until, now);
    ASSERT_EQ(overdue > 0, want.good_until < now);
  }
}

}  // namespace
}  // namespace tsdb
