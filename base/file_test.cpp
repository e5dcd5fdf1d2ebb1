#include "base/file.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace base {
namespace {

TEST(ReadFile, GivesItsBytesOrSaysWhyNot) {
  namespace fs = std::filesystem;
  std::string pattern = (fs::temp_directory_path() / "file-XXXXXX").string();
  const fs::path folder = ::mkdtemp(pattern.data());
  const std::string text(100'000, 'x');
  std::ofstream(folder / "a", std::ios::binary) << text;
  EXPECT_EQ(read_file(folder / "a", text.size()), text);
  EXPECT_EQ(read_file(folder / "a", 10).error(), (Error{Code::exhausted, "larger than 10 bytes"}));
  EXPECT_EQ(read_file(folder / "b", 10).error(), (Error{Code::not_found, "does not exist"}));
  EXPECT_EQ(read_file(folder, 10).error(), (Error{Code::denied, "cannot be read"}));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace base
