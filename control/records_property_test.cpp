// Random decisions of many objects, held against a model that keeps everything.

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "control/records.h"
#include "control/testing/decisions.h"

namespace control {
namespace {

using testing::CountingJournal;
using testing::decision;
using testing::start;

std::uint64_t seed() {
  const char* given = std::getenv("RECORDS_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
}

struct ModelRecord {
  std::uint64_t id = 0;
  scale::Replicas from = 0;
  scale::Replicas to = 0;
  std::uint64_t count = 0;
  std::uint64_t ended = UINT64_MAX;  // the step at which the next one came
};

// Everything ever recorded, oldest first.
using Model = std::map<kube::Key, std::vector<ModelRecord>>;

class World {
 public:
  explicit World(std::uint64_t seed, std::size_t objects) : random_(seed), objects_(objects) {}

  void step(Records& records) {
    ++step_;
    const kube::Key key{"ns", "object-" + std::to_string(pick(objects_))};
    if (pick(200) == 0) {
      records.remove(key);
      model_.erase(key);
      return;
    }
    if (pick(20) == 0) target_[key] = static_cast<double>(1 + pick(5));
    if (target_.contains(key)) {
      scale::TriggerSpec trigger;
      trigger.target = target_[key];
      records.asks(key, {trigger});
    }
    auto d = decision(static_cast<scale::Replicas>(pick(3)), static_cast<scale::Replicas>(pick(3)),
                      start + std::chrono::milliseconds(step_));
    d.reason = std::string(pick(120), 'x');
    d.proposals[0].reading.value = static_cast<double>(pick(1000)) / 7;
    note(key, records.record(key, d), d);
  }

  const Model& model() const { return model_; }

 private:
  std::size_t pick(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

  void note(const kube::Key& key, Records::Recorded recorded, const scale::Decision& d) {
    auto& list = model_[key];
    if (!list.empty() && list.back().id == recorded.id) {
      list.back().count = recorded.count;
      return;
    }
    EXPECT_EQ(recorded.count, 1u);
    if (!list.empty()) {
      EXPECT_GT(recorded.id, list.back().id);
      list.back().ended = step_;
    }
    list.push_back({.id = recorded.id, .from = d.from, .to = d.to, .count = 1});
  }

  std::mt19937_64 random_;
  std::size_t objects_;
  std::uint64_t step_ = 0;
  std::map<kube::Key, double> target_;
  Model model_;
};

// What is kept of each object are its newest records; over all, those that ended last.
void expect_the_newest(const Records& records, const Model& model) {
  std::uint64_t dropped_last = 0;
  std::uint64_t kept_first = UINT64_MAX;
  std::size_t kept = 0;
  for (const auto& [key, all] : model) {
    const auto list = records.list(key, SIZE_MAX);
    ASSERT_LE(list.size(), all.size());
    ASSERT_GE(list.size(), 1u);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ModelRecord& wanted = all[all.size() - 1 - i];
      ASSERT_EQ(list[i].id, wanted.id);
      EXPECT_EQ(list[i].decision.from, wanted.from);
      EXPECT_EQ(list[i].decision.to, wanted.to);
      EXPECT_EQ(list[i].count, wanted.count);
      kept_first = std::min(kept_first, wanted.ended);
    }
    kept += list.size();
    if (list.size() < all.size())
      dropped_last = std::max(dropped_last, all[all.size() - 1 - list.size()].ended);
  }
  EXPECT_LT(dropped_last, kept_first);
  EXPECT_EQ(records.size(), kept);
}

TEST(RecordsProperty, BudgetOrderAndRestarts) {
  constexpr std::size_t budget = 128 << 10;
  const std::uint64_t first_seed = seed();
  for (std::uint64_t run = 0; run < 4; ++run) {
    SCOPED_TRACE("RECORDS_SEED=" + std::to_string(first_seed + run));
    World world(first_seed + run, run == 0 ? 1 : 30);
    CountingJournal journal;
    base::metrics::Registry registry;
    auto records = std::make_unique<Records>(budget, &journal, registry);
    for (int i = 1; i <= 6000; ++i) {
      world.step(*records);
      ASSERT_LE(records->bytes(), budget);
      if (i % 1000 != 0) continue;
      expect_the_newest(*records, world.model());
      records->save();
      // With room to spare everything comes back; with the same budget, the newest.
      Records roomy(2 * budget, &journal, registry);
      ASSERT_EQ(roomy.restore().value().rows, 0u);
      EXPECT_EQ(roomy.size(), records->size());
      expect_the_newest(roomy, world.model());
      records = std::make_unique<Records>(budget, &journal, registry);
      ASSERT_EQ(records->restore().value().rows, 0u);
      ASSERT_LE(records->bytes(), budget);
      expect_the_newest(*records, world.model());
    }
  }
}

}  // namespace
}  // namespace control
