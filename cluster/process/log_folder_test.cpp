#include "cluster/process/log_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "cluster/process/log_file.h"
#include "cluster/process/testing/host.h"

namespace cluster::process {
namespace {

using testing::Folder;
using testing::read_text;

std::set<std::string> files_in(const Folder& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    names.insert(entry.path().filename());
  }
  return names;
}

void touch(const std::string& path) {
  std::ofstream(path).put('x');
}

TEST(LogFolder, NamesFilesByNamespacePodAndContainer) {
  const Folder folder;
  const auto logs = LogFolder::open(folder / "a/b", 1).value();
  kube::Pod pod;
  pod.meta.ns = "shop";
  pod.meta.name = "web-abc12";
  pod.spec.containers = {{.name = "main"}};
  EXPECT_EQ(logs.file_of(pod), folder / "a/b/shop_web-abc12_main.log");
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b"));
}

TEST(LogFolder, KeepsTheYoungestOfRemovedPods) {
  const Folder folder;
  auto logs = LogFolder::open(folder.path(), 2).value();
  for (const char* name : {"a.log", "a.log.1", "b.log", "c.log", "running.log"})
    touch(folder / name);
  for (const char* name : {"a.log", "b.log", "c.log"}) logs.retire(folder / name);
  EXPECT_EQ(files_in(folder), (std::set<std::string>{"b.log", "c.log", "running.log"}));
}

TEST(LogFolder, TakesOverWhatAnEarlierRunLeft) {
  const Folder folder;
  const auto now = std::filesystem::file_time_type::clock::now();
  for (int i = 0; i < 4; ++i) {
    const std::string file = folder / (std::to_string(i) + ".log");
    touch(file);
    std::filesystem::last_write_time(file, now - std::chrono::minutes(i));
  }
  touch(folder / "3.log.1");
  touch(folder / "notes.txt");
  ASSERT_TRUE(LogFolder::open(folder.path(), 2));
  EXPECT_EQ(files_in(folder), (std::set<std::string>{"0.log", "1.log", "notes.txt"}));
}

TEST(LogFile, AppendsToWhatIsThereAndTurnsOverAtItsLimit) {
  const Folder folder;
  const std::string path = folder / "x.log";
  touch(path);
  LogFile log(path, 10);
  log.append("12345");
  log.append("678");
  EXPECT_EQ(read_text(path), "x12345678");
  log.append("9ab");
  EXPECT_EQ(read_text(path), "9ab");
  EXPECT_EQ(read_text(path + ".1"), "x12345678");
  EXPECT_EQ(log.dropped(), 0u);
}

TEST(LogFile, CountsWhatItCannotWriteAndGoesOnWhenItCan) {
  const Folder folder;
  const std::string path = folder / "later/x.log";
  LogFile log(path, 10);
  log.append("12345");
  EXPECT_EQ(log.dropped(), 5u);
  EXPECT_EQ(log.last_error(), ENOENT);
  std::filesystem::create_directory(folder / "later");
  log.append("678");
  EXPECT_EQ(read_text(path), "678");
  EXPECT_EQ(log.dropped(), 5u);
}

}  // namespace
}  // namespace cluster::process
