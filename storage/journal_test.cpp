#include "storage/journal.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "storage/sqlite.h"

namespace storage {
namespace {

namespace fs = std::filesystem;

class JournalTest : public ::testing::Test {
 protected:
  JournalTest() {
    std::string pattern = (fs::temp_directory_path() / "journal-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
  }
  ~JournalTest() override { fs::remove_all(folder); }

  std::unique_ptr<Journal> open() {
    auto journal = Journal::open(folder, Log{}, metrics);
    EXPECT_TRUE(journal) << journal.error().what;
    return journal ? std::move(*journal) : nullptr;
  }

  base::metrics::Registry metrics;
  fs::path folder;
};

using Rows = std::vector<std::pair<std::string, std::string>>;

TEST_F(JournalTest, GivesBackWhatWasPutSortedByKey) {
  {
    const auto journal = open();
    journal->put(Table::objects, "b", "2");
    journal->put(Table::objects, "a", std::string("\0x", 2));
    journal->put(Table::objects, "c", "3");
    journal->put(Table::objects, "c", std::nullopt);
    journal->put(Table::state, "a", "other table");
    EXPECT_EQ(journal->load(Table::objects), (Rows{{"a", std::string("\0x", 2)}, {"b", "2"}}));
  }
  const auto again = open();
  EXPECT_EQ(again->load(Table::objects), (Rows{{"a", std::string("\0x", 2)}, {"b", "2"}}));
  EXPECT_EQ(again->load(Table::state), (Rows{{"a", "other table"}}));
  EXPECT_EQ(again->load(Table::points), Rows{});
}

TEST_F(JournalTest, KeepsTheNewestWriteOfAKey) {
  const auto journal = open();
  for (int i = 0; i < 1000; ++i) journal->put(Table::points, "k", std::to_string(i));
  ASSERT_TRUE(journal->flush());
  EXPECT_EQ(journal->load(Table::points), (Rows{{"k", "999"}}));
}

// The child confirms each flush over a pipe, then is killed in the middle of its writing.
TEST_F(JournalTest, KeepsWhatWasFlushedWhenTheProcessIsKilled) {
  int confirmed[2];
  ASSERT_EQ(::pipe(confirmed), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    base::metrics::Registry registry;
    auto journal = Journal::open(folder, Log{}, registry);
    for (int i = 0; journal; ++i) {
      (*journal)->put(Table::objects, std::to_string(i), "v");
      if (i % 10 != 9) continue;
      if (!(*journal)->flush()) break;
      if (::write(confirmed[1], &i, sizeof i) != sizeof i) break;
    }
    ::_exit(1);
  }
  int last = 0;
  while (last < 199)
    ASSERT_EQ(::read(confirmed[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(confirmed[0]);
  ::close(confirmed[1]);
  const auto rows = open()->load(Table::objects);
  ASSERT_TRUE(rows);
  EXPECT_GE(rows->size(), static_cast<std::size_t>(last + 1));
}

TEST_F(JournalTest, RefusesWhatItCannotUseWithOneClearLine) {
  fs::create_directories(folder / "damaged");
  std::ofstream(folder / "damaged" / "tidewheel.db")
      << "SQLite format 3" << '\0' << std::string(8192, '\xff');
  fs::create_directories(folder / "text");
  std::ofstream(folder / "text" / "tidewheel.db") << std::string(4096, 'x');
  std::ofstream(folder / "file") << "x";
  struct Case {
    const char* name;
    fs::path folder;
    Code code;
    const char* words;
  };
  const Case cases[] = {
      {"damaged", folder / "damaged", Code::bad_data, "is damaged"},
      {"not a database", folder / "text", Code::bad_data, "is damaged"},
      {"below a file", folder / "file" / "data", Code::denied, "cannot make the folder"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto journal = Journal::open(c.folder, Log{}, metrics);
    ASSERT_FALSE(journal);
    EXPECT_EQ(journal.error().code, c.code);
    EXPECT_NE(journal.error().what.find(c.words), std::string::npos) << journal.error().what;
    EXPECT_NE(journal.error().what.find(c.folder.string()), std::string::npos)
        << journal.error().what;
  }
}

TEST_F(JournalTest, RefusesAFileOfANewerVersion) {
  open();
  {
    auto database = Database::open(folder / "tidewheel.db");
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->run("PRAGMA user_version=7"));
  }
  const auto journal = Journal::open(folder, Log{}, metrics);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, Code::bad_data);
  EXPECT_EQ(journal.error().what,
            (folder / "tidewheel.db").string() +
                " was written by a newer version of Tidewheel: its schema is 7, known is 1");
}

TEST_F(JournalTest, RefusesAFolderInUse) {
  const auto journal = open();
  const auto second = Journal::open(folder, Log{}, metrics);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().what, folder.string() + " is in use by another Tidewheel");
}

// The lock ends with the process that holds it, however it ends.
TEST_F(JournalTest, TakesOverTheFolderOfAKilledProcess) {
  int opened[2];
  ASSERT_EQ(::pipe(opened), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    base::metrics::Registry registry;
    const auto journal = Journal::open(folder, Log{}, registry);
    const char answer = journal ? 'y' : 'n';
    if (::write(opened[1], &answer, 1) == 1) ::pause();
    ::_exit(1);
  }
  char answer = 0;
  ASSERT_EQ(::read(opened[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(Journal::open(folder, Log{}, metrics).error().code, Code::unavailable);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(opened[0]);
  ::close(opened[1]);
  EXPECT_TRUE(open());
}

// Flipped bytes anywhere end in a clear refusal or in rows; never in a crash.
TEST_F(JournalTest, RefusesOrReadsADamagedFile) {
  {
    const auto journal = open();
    for (int i = 0; i < 300; ++i) {
      journal->put(Table::objects, std::to_string(i), std::string(100, 'v'));
    }
  }
  const fs::path file = folder / "tidewheel.db";
  std::ifstream in(file, std::ios::binary);
  const std::string sound{std::istreambuf_iterator<char>(in), {}};
  ASSERT_GT(sound.size(), 20'000u);
  int refused = 0;
  for (std::size_t at = 0; at + 600 < sound.size(); at += 1'500) {
    std::string damaged = sound;
    damaged.replace(at, 600, 600, static_cast<char>(at % 251));
    std::ofstream(file, std::ios::binary | std::ios::trunc) << damaged;
    const auto journal = Journal::open(folder, Log{}, metrics);
    if (journal && (*journal)->load(Table::objects)) continue;
    ++refused;
    if (!journal) EXPECT_EQ(journal.error().code, Code::bad_data) << journal.error().what;
  }
  EXPECT_GT(refused, 0);
}

// A file size limit is a disk that is full: in a child, because limits are the process's.
TEST_F(JournalTest, GoesOnWhenTheDiskIsFullAndWritesOnceThereIsRoom) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    base::metrics::Registry registry;
    auto journal = Journal::open(folder, Log{}, registry);
    if (!journal) ::_exit(10);
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    const rlim_t room = limit.rlim_cur;
    limit.rlim_cur = 64 << 10;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    for (int i = 0; i < 64; ++i)
      (*journal)->put(Table::objects, std::to_string(i), std::string(16 << 10, 'v'));
    if ((*journal)->flush()) ::_exit(11);
    if ((*journal)->healthy()) ::_exit(12);
    limit.rlim_cur = room;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    while (!(*journal)->flush()) continue;
    ::_exit((*journal)->healthy() ? 0 : 13);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const auto rows = open()->load(Table::objects);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->size(), 64u);
}

}  // namespace
}  // namespace storage
