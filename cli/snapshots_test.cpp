#include "cli/snapshots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "base/testing/fake_clock.h"

namespace cli {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A store that comes and goes while the file stays.
class SnapshotsTest : public testing::Test {
 protected:
  SnapshotsTest() {
    std::string pattern = (fs::temp_directory_path() / "snapshots-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    file = folder / "series";
  }
  ~SnapshotsTest() override { fs::remove_all(folder); }

  struct Life {
    explicit Life(SnapshotsTest& of, std::size_t shards = 2)
        : store({}, shards, {}, metrics),
          snapshots(of.file, 24h,
                    {.store = store, .clock = of.clock, .log = of.log(), .metrics = metrics}) {
      snapshots.restore();
    }
    base::metrics::Registry metrics;
    tsdb::Shards store;
    Snapshots snapshots;
  };

  void send(tsdb::Shards& store, double value, std::string_view pod) {
    const tsdb::LabelView resource{"k8s.pod.name", pod};
    store.append({.metric = "depth", .resource = {&resource, 1}},
                 {.time = clock.now(), .value = tsdb::Value::of(value)}, clock.now());
  }
  static double sum(const tsdb::Shards& store, Timestamp now) {
    tsdb::Question question;
    question.query.metric = "depth";
    return store.evaluate(question, now).value;
  }
  Log log() {
    return Log::to(base::LogLevel::info, base::LogFormat::text,
                   [this](std::string_view line) { lines.emplace_back(line); });
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
      names.push_back(entry.path().filename().string());
    std::ranges::sort(names);
    return names;
  }

  base::testing::FakeClock clock;
  fs::path folder;
  fs::path file;
  std::vector<std::string> lines;
};

TEST_F(SnapshotsTest, ARestartHasTheSeriesAgain) {
  {
    Life life(*this);
    life.snapshots.begin();
    for (const char* pod : {"a", "b", "c"}) send(life.store, 5, pod);
  }
  EXPECT_THAT(files(), ElementsAre("series"));
  for (const std::size_t shards : {1u, 4u}) {  // whatever their number was
    Life life(*this, shards);
    EXPECT_EQ(life.store.series_count(), 3u);
    EXPECT_EQ(sum(life.store, clock.now()), 15);
  }
}

// A snapshot of a run that went on, and was killed.
void leave_a_moment(const fs::path& file, Timestamp created) {
  std::ofstream out(file, std::ios::binary);
  tsdb::SnapshotWriter writer([&out](std::string_view bytes) -> Result<void> {
    out << bytes;
    return {};
  });
  EXPECT_TRUE(writer.begin(created, tsdb::Coverage::moment) && writer.end());
}

TEST_F(SnapshotsTest, AnEndInOrderLosesNothing) {
  {
    Life life(*this);
    EXPECT_EQ(life.snapshots.as_of(), std::nullopt) << "there was none";
    life.snapshots.begin();
  }
  const Timestamp ended = clock.now();
  for (int run = 0; run < 2; ++run) {
    clock.advance(10s);
    Life life(*this);
    EXPECT_EQ(life.snapshots.as_of(), ended) << "as long as no run begins to write";
  }
}

TEST_F(SnapshotsTest, WhatAKilledRunKnewIsMissedForAnHour) {
  const struct {
    Duration runs_for;
    bool knows_all;
  } cases[] = {{59min, false}, {61min, true}};
  for (const auto& c : cases) {
    leave_a_moment(file, clock.now());
    {
      Life life(*this);
      EXPECT_EQ(life.snapshots.as_of(), Timestamp{});
      life.snapshots.begin();
      clock.advance(c.runs_for);
    }
    const Timestamp known = c.knows_all ? clock.now() : Timestamp{};
    EXPECT_EQ(Life(*this).snapshots.as_of(), known);
  }
}

TEST_F(SnapshotsTest, AStartThatFailsWritesNothing) {
  {
    Life life(*this);
    send(life.store, 5, "a");
  }
  EXPECT_THAT(files(), IsEmpty());
  EXPECT_THAT(lines, IsEmpty()) << "there was none to be read, which is no news";
}

TEST_F(SnapshotsTest, WhatIsNoSnapshotIsPutAside) {
  std::ofstream(file) << "somebody's only copy";
  {
    Life life(*this);
    life.snapshots.begin();
    EXPECT_EQ(life.store.series_count(), 0u);
  }
  EXPECT_THAT(files(), ElementsAre("series", "series.unreadable"));
  EXPECT_THAT(lines, ElementsAre(HasSubstr("not a snapshot of series")));
}

TEST_F(SnapshotsTest, ATruncatedOneIsNeverHalfLoaded) {
  {
    Life life(*this);
    life.snapshots.begin();
    for (const char* pod : {"a", "b", "c"}) send(life.store, 5, pod);
  }
  fs::resize_file(file, fs::file_size(file) - 9);
  Life life(*this);
  EXPECT_EQ(life.store.series_count(), 0u);
  EXPECT_THAT(lines, ElementsAre(HasSubstr("cut off")));
}

TEST_F(SnapshotsTest, AFullDiskLeavesTheLastOne) {
  leave_a_moment(file, clock.now());  // so that no run has something to replace at once
  {
    Life life(*this);
    life.snapshots.begin();
    send(life.store, 5, "a");
  }
  fs::create_symlink("/dev/full", folder / "series.new");
  {
    Life life(*this);
    life.snapshots.begin();
    send(life.store, 7, "b");
  }
  EXPECT_THAT(lines.back(), HasSubstr("No space left on device"));
  Life life(*this);
  EXPECT_EQ(sum(life.store, clock.now()), 5);
}

}  // namespace
}  // namespace cli
