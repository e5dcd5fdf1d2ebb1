#include "base/cgroup.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace base {
namespace {

namespace fs = std::filesystem;

using Files = std::vector<std::pair<std::string, std::string>>;

class Root {
 public:
  explicit Root(const Files& files) {
    std::string pattern = (fs::temp_directory_path() / "cgroup-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
    for (const auto& [name, text] : files) {
      fs::create_directories((path_ / name).parent_path());
      std::ofstream(path_ / name) << text;
    }
  }
  ~Root() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

struct Case {
  std::string name;
  Files files;
  std::optional<std::uint64_t> bytes;
};

class CgroupMemory : public testing::TestWithParam<Case> {};

TEST_P(CgroupMemory, IsTheLeastLimitThatIsSet) {
  const Root root(GetParam().files);
  EXPECT_EQ(cgroup_memory_bytes(root.path()), GetParam().bytes);
}

const Case cases[] = {
    {"NoProc", {}, std::nullopt},
    {"Version2Unlimited",
     {{"proc/self/cgroup", "0::/a\n"}, {"sys/fs/cgroup/a/memory.max", "max\n"}},
     std::nullopt},
    {"Version2Own",
     {{"proc/self/cgroup", "0::/a/b\n"}, {"sys/fs/cgroup/a/b/memory.max", "268435456\n"}},
     268435456},
    {"Version2OfAParent",
     {{"proc/self/cgroup", "0::/a/b\n"},
      {"sys/fs/cgroup/a/memory.max", "1000000\n"},
      {"sys/fs/cgroup/a/b/memory.max", "2000000\n"}},
     1000000},
    {"Version2InAContainer",  // its cgroup is the root of what it sees
     {{"proc/self/cgroup", "0::/\n"}, {"sys/fs/cgroup/memory.max", "4096000\n"}},
     4096000},
    {"Version1",
     {{"proc/self/cgroup", "5:devices:/x\n4:memory:/pod\n0::/\n"},
      {"sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"},
      {"sys/fs/cgroup/memory/pod/memory.limit_in_bytes", "123456789\n"}},
     123456789},
    {"Version1InAContainer",
     {{"proc/self/cgroup", "4:memory:/kubepods/pod1/c1\n"},
      {"sys/fs/cgroup/memory/memory.limit_in_bytes", "777777\n"}},
     777777},
    {"Nonsense",
     {{"proc/self/cgroup", "what\n:\n0::\n0::ab\n"}, {"sys/fs/cgroup/memory.max", "soon\n"}},
     std::nullopt},
};

INSTANTIATE_TEST_SUITE_P(Table, CgroupMemory, testing::ValuesIn(cases),
                         [](const auto& info) { return info.param.name; });

TEST(MemoryLimit, IsSomethingThatThisTestFitsInto) {
  EXPECT_GT(memory_limit_bytes(), 1u << 20);
}

}  // namespace
}  // namespace base
