#include "base/cpus.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

namespace base {
namespace {

namespace fs = std::filesystem;

struct MaxCase {
  const char* text;
  std::optional<double> want;
};

TEST(Cpus, ReadAQuota) {
  const MaxCase cases[] = {{"200000 100000\n", 2.0},       {"50000 100000", 0.5},
                           {"max 100000\n", std::nullopt}, {"", std::nullopt},
                           {"100000", std::nullopt},       {"1 0", std::nullopt},
                           {"-1 100000", std::nullopt},    {"2x 1", std::nullopt}};
  for (const auto& c : cases) EXPECT_EQ(parse_cpu_max(c.text), c.want) << c.text;
}

// A system's files in a folder of their own.
class Files {
 public:
  Files() {
    std::string name = (fs::temp_directory_path() / "cpus_test_XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) root_ = name;
  }
  ~Files() { fs::remove_all(root_); }
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;

  void write(const std::string& path, const std::string& text) {
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text;
  }
  const fs::path& root() const { return root_; }

 private:
  fs::path root_;
};

struct Case {
  const char* name;
  std::map<std::string, std::string> files;
  std::optional<double> want;
};

TEST(Cpus, TakeTheSmallestQuotaOfTheGroupsAbove) {
  const std::string v2 = "sys/fs/cgroup/";
  const std::string v1 = "sys/fs/cgroup/cpu/cpu.cfs_";
  const Case cases[] = {
      {"nothing", {}, std::nullopt},
      {"a container", {{v2 + "cpu.max", "150000 100000\n"}}, 1.5},
      {"own group", {{"proc/self/cgroup", "0::/a/b\n"}, {v2 + "a/b/cpu.max", "300000 100000"}}, 3},
      {"above it",
       {{"proc/self/cgroup", "1:name=x:/\n0::/a/b\n"},
        {v2 + "a/b/cpu.max", "max 100000"},
        {v2 + "a/cpu.max", "200000 100000"}},
       2},
      {"the smaller one",
       {{"proc/self/cgroup", "0::/a\n"},
        {v2 + "a/cpu.max", "400000 100000"},
        {v2 + "cpu.max", "100000 100000"}},
       1},
      {"version 1", {{v1 + "quota_us", "250000\n"}, {v1 + "period_us", "100000\n"}}, 2.5},
      {"version 1 with another",
       {{"proc/self/cgroup", "4:cpu,cpuacct:/pod\n3:cpuset:/x\n"},
        {"sys/fs/cgroup/cpu/pod/cpu.cfs_quota_us", "50000\n"},
        {"sys/fs/cgroup/cpu/pod/cpu.cfs_period_us", "100000\n"}},
       0.5},
      {"version 1 without", {{v1 + "quota_us", "-1\n"}, {v1 + "period_us", "100000\n"}}, {}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Files files;
    for (const auto& [path, text] : c.files) files.write(path, text);
    EXPECT_EQ(cpu_quota(files.root()), c.want);
  }
}

TEST(Cpus, ThereIsAtLeastOne) {
  EXPECT_GE(usable_cpus(), 1u);
}

}  // namespace
}  // namespace base
