#include "control/records.h"

#include <gtest/gtest.h>

#include <functional>

#include "control/board_rows.h"
#include "control/testing/decisions.h"

namespace control {
namespace {

using scale::ClampKind;
using scale::Reading;
using std::chrono::minutes;
using std::chrono::seconds;
using storage::Table;
using testing::CountingJournal;
using testing::decision;
using testing::start;

constexpr std::size_t plenty = 1 << 20;
const kube::Key mail{"shop", "mail"};
const kube::Key video{"shop", "video"};

// Records with a registry of their own.
struct Kept : Records {
  explicit Kept(std::size_t bytes_max = plenty, storage::Journal* journal = nullptr)
      : Kept(bytes_max, journal, std::make_unique<base::metrics::Registry>()) {}
  Kept(std::size_t bytes_max, storage::Journal* journal,
       std::unique_ptr<base::metrics::Registry> owned)
      : Records(bytes_max, journal, *owned), registry(std::move(owned)) {}

  std::unique_ptr<base::metrics::Registry> registry;
};

scale::TriggerSpec asking_for(double target) {
  scale::TriggerSpec trigger;
  trigger.name = "queue";
  trigger.target = target;
  return trigger;
}

TEST(Records, FoldWhatTellsTheSameStory) {
  struct Case {
    const char* name;
    std::function<void(scale::Decision&)> change;
    bool folded;
  };
  const Case cases[] = {
      {"nothing differs", [](auto&) {}, true},
      {"only numbers differ",
       [](auto& d) {
         d.proposals[0].reading.value = 29;
         d.reason = "29";
       },
       true},
      {"the change has arrived", [](auto& d) { d.from = d.to; }, true},
      {"another outcome", [](auto& d) { d.to = 4; }, false},
      {"somebody else changed the replicas", [](auto& d) { d.from = 9; }, false},
      {"no longer active", [](auto& d) { d.active = false; }, false},
      {"another winner", [](auto& d) { d.winner.reset(); }, false},
      {"a clamp more",
       [](auto& d) { d.clamps.push_back({.kind = ClampKind::max, .detail = "max replicas is 3"}); },
       false},
      {"the signal went stale",
       [](auto& d) { d.proposals[0].reading.state = Reading::State::stale; }, false},
      {"the proposal is held", [](auto& d) { d.proposals[0].held = true; }, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Kept records;
    records.record(mail, decision(1, 3));
    auto next = decision(1, 3, start + seconds(5));
    c.change(next);
    EXPECT_EQ(records.record(mail, next).count, c.folded ? 2u : 1u);
    EXPECT_EQ(records.list(mail, 10).size(), c.folded ? 1u : 2u);
    EXPECT_EQ(records.newest(mail)->last, start + seconds(5));
  }
}

TEST(Records, KeepTheFirstAndTheLastOfARepetition) {
  Kept records;
  for (int i = 0; i < 5; ++i) {
    auto d = decision(1, 3, start + seconds(i));
    d.proposals[0].reading.value = 30 - i;
    records.record(mail, d);
  }
  records.record(mail, decision(3, 4, start + seconds(9)));  // the one before is in the ring now
  const auto list = records.list(mail, 10);
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].count, 5u);
  EXPECT_EQ(list[1].decision.at, start);
  EXPECT_EQ(list[1].decision.proposals[0].reading.value, 30);
  EXPECT_EQ(list[1].last, start + seconds(4));
  ASSERT_TRUE(list[1].repeat);
  EXPECT_EQ(list[1].repeat->proposals[0].reading.value, 26);
  EXPECT_FALSE(list[0].repeat);
}

TEST(Records, PageBackById) {
  Kept records;
  for (int i = 0; i < 5; ++i) records.record(mail, decision(i, i + 1, start + seconds(i)));
  records.record(video, decision(0, 1));
  const auto ids = [&](std::size_t limit, std::uint64_t before) {
    std::vector<std::uint64_t> found;
    for (const auto& record : records.list(mail, limit, before)) found.push_back(record.id);
    return found;
  };
  using Ids = std::vector<std::uint64_t>;
  EXPECT_EQ(ids(10, UINT64_MAX), (Ids{5, 4, 3, 2, 1}));
  EXPECT_EQ(ids(2, UINT64_MAX), (Ids{5, 4}));
  EXPECT_EQ(ids(2, 4), (Ids{3, 2}));
  EXPECT_EQ(ids(10, 1), Ids{});
  EXPECT_EQ(ids(0, UINT64_MAX), Ids{});
}

TEST(Records, AnswerForAMomentOfThePast) {
  Kept records;
  records.record(mail, decision(0, 1, start));
  records.record(mail, decision(1, 3, start + minutes(10)));
  records.record(mail, decision(3, 3, start + minutes(12)));  // a repeat
  records.record(mail, decision(3, 2, start + minutes(20)));
  struct Case {
    const char* name;
    Timestamp at;
    std::optional<scale::Replicas> outcome;
    std::optional<scale::Replicas> next;
  };
  const Case cases[] = {
      {"before the first", start - seconds(1), std::nullopt, 1},
      {"at the first", start, 1, 3},
      {"just before it ends", start + minutes(10) - Duration{1}, 1, 3},
      {"when the next begins", start + minutes(10), 3, 2},
      {"after a repeat", start + minutes(15), 3, 2},
      {"at the newest", start + minutes(20), 2, std::nullopt},
      {"long after", start + minutes(1000), 2, std::nullopt},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Moment moment = records.at(mail, c.at);
    ASSERT_EQ(moment.record.has_value(), c.outcome.has_value());
    if (c.outcome) EXPECT_EQ(moment.record->decision.to, *c.outcome);
    ASSERT_EQ(moment.next.has_value(), c.next.has_value());
    if (c.next) EXPECT_EQ(moment.next->decision.to, *c.next);
    EXPECT_FALSE(moment.kept_since);  // nothing was dropped
  }
  EXPECT_FALSE(records.at(video, start).record);
}

TEST(Records, DropTheOldestOverAllObjectsButNeverTheNewestOfOne) {
  CountingJournal journal;
  Kept records(16 << 10, &journal);
  records.record(video, decision(0, 7, start));  // the oldest of all, and video's only one
  for (int i = 1; i <= 500; ++i) records.record(mail, decision(i, i + 1, start + seconds(i)));
  EXPECT_EQ(records.list(video, 10).size(), 1u);
  const auto list = records.list(mail, SIZE_MAX);
  EXPECT_GT(list.size(), 20u);
  EXPECT_LT(list.size(), 200u);
  for (std::size_t i = 0; i < list.size(); ++i)
    EXPECT_EQ(list[i].decision.from, 500 - static_cast<int>(i));
  EXPECT_LE(records.bytes(), 16u << 10);
  EXPECT_EQ(records.size(), list.size() + 1);
  EXPECT_EQ(journal.rows(Table::decisions), records.size());

  const Moment gone = records.at(mail, start + seconds(3));
  EXPECT_FALSE(gone.record);
  EXPECT_EQ(gone.kept_since, list.back().decision.at);
  EXPECT_EQ(gone.next->id, list.back().id);
}

TEST(Records, KeepTheNewestOfEachWhateverTheBudget) {
  CountingJournal journal;
  Kept records(1, &journal);
  for (int i = 0; i < 10; ++i) {
    records.record(mail, decision(i, i + 1));
    records.record(video, decision(i, i + 1));
  }
  EXPECT_EQ(records.size(), 2u);
  EXPECT_EQ(records.newest(mail)->decision.to, 10);
  EXPECT_EQ(journal.rows(Table::decisions), 2u);
}

TEST(Records, CountWhatTheyKeepAndDrop) {
  Kept records(16 << 10);
  for (int i = 0; i < 500; ++i) records.record(mail, decision(i, i + 1));
  const std::string shown = records.registry->render();
  const auto line = [](std::string_view name, auto value) {
    return "\n" + std::string(name) + " " + std::to_string(value) + "\n";
  };
  EXPECT_NE(shown.find(line("tidewheel_decision_records", records.size())), std::string::npos);
  EXPECT_NE(shown.find(line("tidewheel_decision_records_bytes", records.bytes())),
            std::string::npos);
  EXPECT_NE(shown.find(line("tidewheel_decision_records_evicted_total", 500 - records.size())),
            std::string::npos)
      << shown;
}

TEST(Records, WriteARepetitionNowAndThen) {
  CountingJournal journal;
  Kept records(plenty, &journal);
  for (int i = 0; i < 1000; ++i)
    records.record(mail, decision(1, 3, start + i * std::chrono::milliseconds(1)));
  EXPECT_EQ(journal.writes, 1);
  records.record(mail, decision(1, 3, start + minutes(1)));
  EXPECT_EQ(journal.writes, 2);
  records.record(mail, decision(1, 3, start + minutes(1) + seconds(1)));
  records.save();
  EXPECT_EQ(journal.writes, 3);
  records.save();
  EXPECT_EQ(journal.writes, 3);
  Kept again(plenty, &journal);
  ASSERT_TRUE(again.restore());
  EXPECT_EQ(again.newest(mail)->count, 1002u);
  EXPECT_EQ(again.newest(mail)->last, start + minutes(1) + seconds(1));
}

TEST(Records, RememberWhatWasAskedThen) {
  CountingJournal journal;
  Kept records(plenty, &journal);
  records.asks(mail, {asking_for(10)});
  records.record(mail, decision(0, 1, start));
  records.asks(mail, {asking_for(10)});
  EXPECT_EQ(records.record(mail, decision(0, 1, start + seconds(1))).count, 2u);
  records.asks(mail, {asking_for(5)});
  records.asks(mail, {asking_for(7)});  // nothing was decided with 5
  EXPECT_EQ(records.record(mail, decision(0, 1, start + seconds(2))).count, 1u);

  Kept again(plenty, &journal);
  ASSERT_TRUE(again.restore());
  again.asks(mail, {asking_for(7)});
  for (const Records* kept : {static_cast<Records*>(&records), static_cast<Records*>(&again)}) {
    const auto list = kept->list(mail, 10);
    ASSERT_EQ(list.size(), 2u);
    ASSERT_EQ(list[0].triggers.size(), 1u);
    EXPECT_EQ(list[0].triggers[0].target, 7);
    ASSERT_EQ(list[1].triggers.size(), 1u);
    EXPECT_EQ(list[1].triggers[0].target, 10);
    EXPECT_EQ(list[1].triggers[0].name, "queue");
  }
  EXPECT_EQ(again.record(mail, decision(1, 1, start + seconds(3))).count, 2u);
}

TEST(Records, ForgetWhatWasAskedWithTheRecordsThatNeedIt) {
  CountingJournal journal;
  Kept records(16 << 10, &journal);
  for (int i = 0; i < 500; ++i) {
    records.asks(mail, {asking_for(i + 1)});
    records.record(mail, decision(1, 3, start + seconds(i)));
  }
  const auto list = records.list(mail, SIZE_MAX);
  EXPECT_EQ(list.back().triggers.at(0).target, 500.0 - static_cast<double>(list.size()) + 1);
  EXPECT_LE(records.bytes(), 16u << 10);
  EXPECT_LE(journal.rows(Table::decisions), 2 * list.size() + 1);
  records.remove(mail);
  EXPECT_EQ(journal.rows(Table::decisions), 0u);
  EXPECT_EQ(records.size(), 0u);
}

TEST(Records, LoseOnlyTheRowThatIsDamaged) {
  for (int lost = 1; lost <= 3; ++lost) {
    SCOPED_TRACE(lost);
    CountingJournal journal;
    {
      Kept records(plenty, &journal);
      for (int i = 1; i <= 3; ++i) records.record(mail, decision(i, i + 1, start + seconds(i)));
    }
    const auto rows = *journal.load(Table::decisions);
    auto [key, value] = rows[static_cast<std::size_t>(lost - 1)];
    value[value.size() / 2] ^= 1;
    journal.put(Table::decisions, key, value);

    Kept records(plenty, &journal);
    const auto damage = records.restore();
    ASSERT_TRUE(damage);
    EXPECT_EQ(damage->rows, 1u);
    EXPECT_TRUE(damage->first.starts_with(key + ": ")) << damage->first;
    std::vector<scale::Replicas> left;
    for (const auto& record : records.list(mail, 10)) left.push_back(record.decision.from);
    std::vector<scale::Replicas> wanted = {3, 2, 1};
    std::erase(wanted, lost);
    EXPECT_EQ(left, wanted);
    EXPECT_EQ(journal.rows(Table::decisions), 2u);
  }
}

TEST(Records, ShrinkToASmallerBudgetWhenRestored) {
  CountingJournal journal;
  {
    Kept records(plenty, &journal);
    for (int i = 0; i < 1000; ++i) records.record(mail, decision(i, i + 1, start + seconds(i)));
  }
  Kept records(32 << 10, &journal);
  ASSERT_TRUE(records.restore());
  EXPECT_LE(records.bytes(), 32u << 10);
  EXPECT_GT(records.size(), 50u);
  EXPECT_EQ(records.newest(mail)->decision.from, 999);
  EXPECT_EQ(journal.rows(Table::decisions), records.size());
}

TEST(Records, SurviveAClockThatIsSetBack) {
  Kept records;
  records.record(mail, decision(0, 1, start + minutes(10)));
  records.record(mail, decision(0, 1, start));  // a repeat, earlier
  EXPECT_EQ(records.newest(mail)->last, start + minutes(10));
  records.record(mail, decision(1, 2, start + minutes(1)));
  EXPECT_EQ(records.at(mail, start + minutes(5)).record->decision.to, 2);
  EXPECT_FALSE(records.at(mail, start).record);
}

TEST(Records, RetainOnlyWhatStillExists) {
  CountingJournal journal;
  Kept records(plenty, &journal);
  for (int i = 0; i < 3; ++i) {
    records.record(mail, decision(i, i + 1));
    records.record(video, decision(i, i + 1));
  }
  records.retain([](const kube::Key& key) { return key == video; });
  EXPECT_TRUE(records.list(mail, 10).empty());
  EXPECT_EQ(records.list(video, 10).size(), 3u);
  EXPECT_EQ(records.size(), 3u);
  EXPECT_EQ(journal.rows(Table::decisions), 3u);
  records.record(mail, decision(0, 9));  // the same name again: a new object
  EXPECT_EQ(records.list(mail, 10).size(), 1u);
  EXPECT_EQ(records.newest(mail)->ordinal, 1u);
}

}  // namespace
}  // namespace control
