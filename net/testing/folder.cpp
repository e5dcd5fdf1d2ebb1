#include "net/testing/folder.h"

#include <stdlib.h>

#include <fstream>
#include <sstream>
#include <system_error>

#include "base/check.h"

namespace net::testing {

namespace fs = std::filesystem;

Folder::Folder() {
  std::string pattern = fs::temp_directory_path() / "tidewheel-XXXXXX";
  const bool made = mkdtemp(pattern.data()) != nullptr;
  CHECK(made);
  path_ = pattern;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
  fs::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << text;
}

std::string Folder::read(const std::string& name) const {
  std::ostringstream text;
  text << std::ifstream(path_ / name, std::ios::binary).rdbuf();
  return text.str();
}

void Folder::remove(const std::string& name) const {
  fs::remove(path_ / name);
}

void Folder::rename(const std::string& from, const std::string& to) const {
  fs::rename(path_ / from, path_ / to);
}

void Folder::link(const std::string& target, const std::string& name) const {
  fs::create_symlink(target, path_ / name);
}

}  // namespace net::testing
