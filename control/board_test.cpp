#include "control/board.h"

#include <gtest/gtest.h>

#include <utility>

#include "control/board_rows.h"
#include "control/testing/decisions.h"

namespace control {
namespace {

using scale::Reading;
using std::chrono::hours;
using std::chrono::seconds;
using storage::Table;

using testing::CountingJournal;
using testing::decision;
using testing::start;

const kube::Key mail{"shop", "mail"};
const kube::Key video{"shop", "video"};

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
  const auto records = board.records().list(mail, 2);
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].decision.to, 2);
  EXPECT_EQ(records[1].decision.to, 3);
  EXPECT_GT(records[0].id, records[1].id);
  EXPECT_TRUE(board.records().list(video, 10).empty());
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
  const auto records = board.records().list(mail, 10);
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
  EXPECT_TRUE(board.records().list(mail, 10).empty());
  EXPECT_EQ(journal.rows(Table::decisions), 0u);
  EXPECT_EQ(journal.rows(Table::points), 0u);
}

TEST(Board, RetainsOnlyWhatStillExists) {
  CountingJournal journal;
  Board board({}, &journal);
  board.record(mail, decision(0, 1));
  board.record(video, decision(0, 1));
  board.retain([](const kube::Key& key) { return key == video; });
  EXPECT_TRUE(board.records().list(mail, 10).empty());
  EXPECT_EQ(board.records().list(video, 10).size(), 1u);
}

TEST(Board, LosesOnlyTheDamagedRowsAndSaysSoOnce) {
  const std::string good = encode_points(std::vector{point(start)});
  const struct {
    Table table;
    const char* key;
    std::string value;
  } rows[] = {
      {Table::decisions, "shop/mail", "{}"},
      {Table::decisions, "shop/mail/x", "{}"},
      {Table::decisions, "shop/mail/00000000000000000000", "{}"},
      {Table::decisions, "shop/mail/00000000000000000001", ""},
      {Table::decisions, "shop/mail/00000000000000000001/triggers", "{}"},
      {Table::decisions, "shop/mail/18446744073709551615", "{}"},
      {Table::points, "shop/mail/0", good},
      {Table::points, "shop/mail/-1/5", good},
      {Table::points, "shop/mail/99999999/5", good},
      {Table::points, "shop/mail/0/x", good},
      {Table::points, "shop/mail/0/5", ""},
      {Table::points, "shop/mail/0/5", "\x02"},
      {Table::points, "shop/mail/0/5", good.substr(0, good.size() - 1)},
      {Table::points, "shop/mail/0/5", good + good.substr(1)},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.key);
    CountingJournal journal;
    {
      Board board({}, &journal);
      board.record(mail, decision(0, 1));
      board.add_point(mail, 0, point(start));
    }
    // Beside the good rows, or in place of one.
    journal.put(row.table, row.key, row.value);
    const std::size_t wanted = journal.rows(row.table) - 1;
    std::vector<std::string> lines;
    Board board({}, &journal,
                Log::to(base::LogLevel::info, base::LogFormat::text,
                        [&](std::string_view line) { lines.emplace_back(line); }));
    ASSERT_TRUE(board.restore());
    ASSERT_EQ(lines.size(), 1u);
    EXPECT_NE(lines[0].find(row.key), std::string::npos) << lines[0];
    EXPECT_EQ(journal.rows(row.table), wanted);
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
