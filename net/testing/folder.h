#pragma once

// A folder of a test's own, gone with it.

#include <filesystem>
#include <string>

namespace net::testing {

class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ / name; }
  void write(const std::string& name, const std::string& text) const;  // makes folders on the way
  std::string read(const std::string& name) const;
  void remove(const std::string& name) const;
  void rename(const std::string& from, const std::string& to) const;
  // A symbolic link at `name`, to `target` as it is written.
  void link(const std::string& target, const std::string& name) const;

 private:
  std::filesystem::path path_;
};

}  // namespace net::testing
