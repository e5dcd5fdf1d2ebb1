#include "base/replaced_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "base/file.h"

namespace base {
namespace {

namespace fs = std::filesystem;

class ReplacedFileTest : public testing::Test {
 protected:
  ReplacedFileTest() {
    std::string pattern = (fs::temp_directory_path() / "replaced-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    std::ofstream(folder / "a") << "old";
  }
  ~ReplacedFileTest() override { fs::remove_all(folder); }

  std::string text() const { return read_file(folder / "a", 1000).value_or("none"); }
  std::size_t files() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  fs::path folder;
};

TEST_F(ReplacedFileTest, TakesTheOldOnesPlaceWhenItIsComplete) {
  auto file = ReplacedFile::create(folder / "a");
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new ") && file->write("text"));
  EXPECT_EQ(text(), "old");
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(text(), "new text");
  EXPECT_EQ(files(), 1u);
  struct stat status{};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0600u) << "nobody else reads it";
}

TEST_F(ReplacedFileTest, LeavesNothingWhenItIsGivenUp) {
  {
    auto file = ReplacedFile::create(folder / "a");
    ASSERT_TRUE(file && file->write("half"));
    const ReplacedFile moved = std::move(*file);
    EXPECT_EQ(files(), 2u);
  }
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(files(), 1u);
}

TEST_F(ReplacedFileTest, SaysWhyItCannotBeWritten) {
  const auto file = ReplacedFile::create(folder / "none" / "a");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::denied);
  EXPECT_NE(file.error().what.find("No such file or directory"), std::string::npos);
}

// /dev/full is a disk that is.
TEST_F(ReplacedFileTest, AFullDiskIsExhausted) {
  fs::create_symlink("/dev/full", folder / "a.new");
  {
    auto file = ReplacedFile::create(folder / "a");
    ASSERT_TRUE(file);
    const auto written = file->write("text");
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, Code::exhausted);
  }
  EXPECT_EQ(text(), "old");
  EXPECT_EQ(files(), 1u) << "the link is gone, the device is not";
  EXPECT_TRUE(fs::exists("/dev/full"));
}

}  // namespace
}  // namespace base
