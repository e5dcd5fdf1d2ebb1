#include "control/board.h"

#include <gtest/gtest.h>

#include <utility>

#include "control/board_rows.h"
#include "storage/testing/fake_journal.h"

namespace control {
namespace {

using scale::ClampKind;
using scale::Reading;
using std::chrono::hours;
using std::chrono::seconds;
using storage::Table;

// Counts what is written.
class CountingJournal final : public storage::Journal {
 public:
  Result<std::vector<std::pair<std::string, std::string>>> load(Table table) override {
    return kept_.load(table);
  }
  void put(Table table, std::string key, std::optional<std::string> value) override {
    ++writes;
    kept_.put(table, std::move(key), std::move(value));
  }
  Result<void> flush() override { return kept_.flush(); }
  bool healthy() const override { return kept_.healthy(); }

  std::size_t rows(Table table) { return load(table)->size(); }

  int writes = 0;

 private:
  storage::testing::FakeJournal kept_;
};

const kube::Key mail{"shop", "mail"};
const kube::Key video{"shop", "video"};
constexpr Timestamp start{1'800'000'000'000'000'000};  // on a full hour

scale::Decision decision(scale::Replicas from, scale::Replicas to, Timestamp at = start) {
  scale::Decision d;
  d.at = at;
  d.from = from;
  d.to = to;
  d.active = to > 0;
  d.winner = 0;
  scale::Proposal proposal;
  proposal.reading.state = Reading::State::value;
  proposal.reading.value = 10.0 * to;
  proposal.replicas = to;
  d.proposals = {proposal};
  return d;
}

TriggerPoint point(Timestamp at, double value = 1) {
  return {.at = at, .state = Reading::State::value, .value = value, .target = 5, .replicas = 2};
}

ObjectView view(const kube::Key& key) {
  ObjectView v;
  v.key = key;
  v.target_name = key.name;
  return v;
}

std::size_t line_length(const Board& board) {
  return board.points(mail, 0, {}).size();
}

TEST(Board, ListsObjectsByKey) {
  Board board({}, nullptr);
  board.put(view(video));
  board.put(view(mail));
  const auto objects = board.objects();
  ASSERT_EQ(objects.size(), 2u);
  EXPECT_EQ(objects[0].key, mail);
  EXPECT_EQ(board.object(video)->target_name, "video");
  EXPECT_FALSE(board.object({"shop", "none"}));
}

TEST(Board, GivesDecisionsNewestFirst) {
  Board board({}, nullptr);
  board.record(mail, decision(0, 1));
  board.record(mail, decision(1, 3));
  board.record(mail, decision(3, 2));
  const auto records = board.decisions(mail, 2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].decision.to, 2);
  EXPECT_EQ(records[1].decision.to, 3);
  EXPECT_GT(records[0].id, records[1].id);
  EXPECT_TRUE(board.decisions(video, 10).empty());
}

TEST(Board, FoldsWhatTellsTheSameStory) {
  struct Case {
    const char* name;
    std::function<void(scale::Decision&)> change;
    bool folded;
  };
  const Case cases[] = {
      {"nothing differs", [](auto&) {}, true},
      {"only numbers differ", [](auto& d) { d.proposals[0].reading.value = 29; }, true},
      {"the change has arrived", [](auto& d) { d.from = d.to; }, true},
      {"another outcome", [](auto& d) { d.to = 4; }, false},
      {"somebody else changed the replicas", [](auto& d) { d.from = 9; }, false},
      {"no longer active", [](auto& d) { d.active = false; }, false},
      {"another winner", [](auto& d) { d.winner.reset(); }, false},
      {"a clamp more", [](auto& d) { d.clamps.push_back({.kind = ClampKind::max, .number = 3}); },
       false},
      {"the signal went stale",
       [](auto& d) { d.proposals[0].reading.state = Reading::State::stale; }, false},
      {"the proposal is held", [](auto& d) { d.proposals[0].held = true; }, false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Board board({}, nullptr);
    board.record(mail, decision(1, 3));
    auto next = decision(1, 3, start + seconds(5));
    c.change(next);
    const auto record = board.record(mail, next);
    EXPECT_EQ(record.count, c.folded ? 2u : 1u);
    EXPECT_EQ(record.last, start + seconds(5));
    EXPECT_EQ(board.decisions(mail, 10).size(), c.folded ? 1u : 2u);
  }
}

TEST(Board, KeepsABoundedNumberOfDecisions) {
  CountingJournal journal;
  Board board({.decisions_per_object_max = 3}, &journal);
  for (int i = 0; i < 10; ++i) board.record(mail, decision(i, i + 1));
  EXPECT_EQ(board.decisions(mail, 100).size(), 3u);
  EXPECT_EQ(journal.rows(Table::decisions), 3u);
}

TEST(Board, WritesARepeatingDecisionNowAndThen) {
  CountingJournal journal;
  Board board({}, &journal);
  for (int i = 0; i < 1000; ++i)
    board.record(mail, decision(1, 3, start + i * std::chrono::milliseconds(1)));
  EXPECT_EQ(journal.writes, 1);
  board.record(mail, decision(1, 3, start + seconds(15)));
  EXPECT_EQ(journal.writes, 2);
}

TEST(Board, KeepsADayOfPoints) {
  CountingJournal journal;
  Board board({}, &journal);
  for (int i = 0; i < 30 * 60 * 4; ++i) board.add_point(mail, 0, point(start + i * seconds(15)));
  EXPECT_EQ(line_length(board), 24u * 60 * 4);
  EXPECT_EQ(board.points(mail, 0, {}).front().at, start + hours(6));
  EXPECT_EQ(journal.rows(Table::points), 24u);
}

TEST(Board, DropsPointsOlderThanADayAfterAGap) {
  CountingJournal journal;
  Board board({}, &journal);
  board.add_point(mail, 0, point(start));
  board.add_point(mail, 0, point(start + hours(30)));
  EXPECT_EQ(line_length(board), 1u);
  EXPECT_EQ(journal.rows(Table::points), 1u);
}

TEST(Board, IgnoresAPointThatIsNotNewer) {
  Board board({}, nullptr);
  board.add_point(mail, 0, point(start + seconds(15)));
  board.add_point(mail, 0, point(start + seconds(15)));
  board.add_point(mail, 0, point(start));
  EXPECT_EQ(line_length(board), 1u);
}

TEST(Board, GivesPointsFromATime) {
  Board board({}, nullptr);
  for (int i = 0; i < 4; ++i) board.add_point(mail, 1, point(start + i * seconds(15), i));
  const auto points = board.points(mail, 1, start + seconds(30));
  ASSERT_EQ(points.size(), 2u);
  EXPECT_EQ(points.front().value, 2);
  EXPECT_TRUE(board.points(mail, 0, {}).empty());
}

TEST(Board, RemembersAcrossARestart) {
  CountingJournal journal;
  {
    Board board({}, &journal);
    board.record(mail, decision(0, 1));
    board.record(mail, decision(1, 3));
    for (int i = 0; i < 500; ++i) board.add_point(mail, 0, point(start + i * seconds(15), i));
  }
  Board board({}, &journal);
  ASSERT_TRUE(board.restore());
  EXPECT_TRUE(board.objects().empty());
  const auto records = board.decisions(mail, 10);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].decision.to, 3);
  EXPECT_EQ(records[0].decision.proposals[0].reading.value, 30);
  EXPECT_EQ(line_length(board), 500u);
  EXPECT_EQ(board.points(mail, 0, {}).back().value, 499);
  EXPECT_GT(board.record(mail, decision(3, 4)).id, records[0].id);
}

TEST(Board, ForgetsARemovedObjectForGood) {
  CountingJournal journal;
  Board board({}, &journal);
  board.put(view(mail));
  board.record(mail, decision(0, 1));
  for (int i = 0; i < 500; ++i) board.add_point(mail, 0, point(start + i * seconds(15)));
  board.remove(mail);
  EXPECT_TRUE(board.objects().empty());
  EXPECT_TRUE(board.decisions(mail, 10).empty());
  EXPECT_EQ(journal.rows(Table::decisions), 0u);
  EXPECT_EQ(journal.rows(Table::points), 0u);
}

TEST(Board, RetainsOnlyWhatStillExists) {
  CountingJournal journal;
  Board board({}, &journal);
  board.record(mail, decision(0, 1));
  board.record(video, decision(0, 1));
  board.retain([](const kube::Key& key) { return key == video; });
  EXPECT_TRUE(board.decisions(mail, 10).empty());
  EXPECT_EQ(board.decisions(video, 10).size(), 1u);
}

TEST(Board, RefusesADamagedJournal) {
  struct Case {
    Table table;
    const char* key;
    std::string value;
  };
  const std::string good = encode_points(std::vector{point(start)});
  const Case cases[] = {
      {Table::decisions, "shop/mail", "{}"},
      {Table::decisions, "shop/mail/x", "{}"},
      {Table::decisions, "shop/mail/00000000000000000001", "{"},
      {Table::decisions, "shop/mail/00000000000000000001", "{}"},
      {Table::decisions, "shop/mail/00000000000000000001",
       R"({"count":1,"last":"never","decision":{}})"},
      {Table::points, "shop/mail/0", good},
      {Table::points, "shop/mail/-1/5", good},
      {Table::points, "shop/mail/99999999/5", good},
      {Table::points, "shop/mail/0/x", good},
      {Table::points, "shop/mail/0/5", ""},
      {Table::points, "shop/mail/0/5", "\x02"},
      {Table::points, "shop/mail/0/5", good.substr(0, good.size() - 1)},
      {Table::points, "shop/mail/0/5", good + good.substr(1)},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.key);
    CountingJournal journal;
    journal.put(c.table, c.key, c.value);
    Board board({}, &journal);
    const auto restored = board.restore();
    ASSERT_FALSE(restored);
    EXPECT_EQ(restored.error().code, Code::bad_data);
    EXPECT_NE(restored.error().what.find(c.key), std::string::npos) << restored.error().what;
  }
}

TEST(Board, TellsListeners) {
  Board board({}, nullptr);
  std::vector<BoardEvent::Type> heard;
  Board::ListenerId id = 0;
  id = board.listen([&](const BoardEvent& event) {
    heard.push_back(event.type);
    EXPECT_EQ(event.record.has_value(), event.type == BoardEvent::Type::decided);
    if (event.type == BoardEvent::Type::removed) board.unlisten(id);
  });
  board.put(view(mail));
  board.record(mail, decision(0, 1));
  board.remove(mail);
  board.put(view(mail));
  using enum BoardEvent::Type;
  EXPECT_EQ(heard, (std::vector{changed, decided, removed}));
}

}  // namespace
}  // namespace control
