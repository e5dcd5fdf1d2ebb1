#pragma once

// Loops that tests turn, a runner on one, a folder, and ways to wait for what real processes do.

#include <gtest/gtest.h>
#include <sys/types.h>

#include <boost/asio/io_context.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <sstream>
#include <string>
#include <thread>

#include "cluster/process/runner.h"

namespace cluster::process::testing {

// How long a test waits for something that happens within milliseconds, on a machine that is busy.
inline constexpr auto patience = std::chrono::seconds(30);

class Folder {
 public:
  Folder() {
    std::string path = std::filesystem::temp_directory_path() / "tidewheel-XXXXXX";
    path_ = ::mkdtemp(path.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// The file's text; empty when it is not there.
inline std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// The pid that a process wrote to a file as one whole line.
inline std::optional<pid_t> read_pid(const std::string& path) {
  const std::string text = read_text(path);
  if (!text.ends_with('\n')) return std::nullopt;
  return static_cast<pid_t>(std::stol(text));
}

// False for the dead that nobody has waited for yet, too.
inline bool is_alive(pid_t pid) {
  const std::string text = read_text("/proc/" + std::to_string(pid) + "/stat");
  const auto name_end = text.rfind(") ");
  return name_end != std::string::npos && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

// Without a loop: looks again and again until `done`, or gives up.
inline bool eventually(const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

// A loop that the test turns itself, and a log it can read.
class TestLoop {
 public:
  base::Loop& loop() { return loop_; }
  const Log& log() const { return log_; }
  const std::string& log_text() const { return log_text_; }

  // Turns the loop until `done`, or gives up.
  bool until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!done()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_.context().restart();
      loop_.context().run_for(std::chrono::milliseconds(2));
    }
    return true;
  }

  // Runs `task` to its end.
  void await(Task<void> task) {
    base::TaskGroup group(loop_.executor(), log_);
    group.spawn(std::move(task));
    EXPECT_TRUE(until([&] { return group.size() == 0; }));
  }

  template <class T>
  T await_value(Task<T> task) {
    std::optional<T> value;
    await(store(std::move(task), &value));
    return std::move(value).value();
  }

 private:
  template <class T>
  static Task<void> store(Task<T> task, std::optional<T>* slot) {
    slot->emplace(co_await std::move(task));
  }

  std::string log_text_;
  Log log_ = Log::to(base::LogLevel::debug, base::LogFormat::text,
                     [this](std::string_view line) { log_text_.append(line).append("\n"); });
  base::Loop loop_;
};

// A loop with a runner.
class Host : public TestLoop {
 public:
  explicit Host(std::size_t runs_max = 1'000)
      : runner_({.executable = TIDEWHEEL_PROGRAM_keeper, .runs_max = runs_max}, loop().executor(),
                log(), metrics_) {}
  ~Host() { drain(std::chrono::seconds(5)); }

  Runner& runner() { return runner_; }
  Metrics& metrics() { return metrics_; }

  void drain(Duration grace) {
    if (!std::exchange(drained_, true)) await(runner_.drain(grace));
  }

 private:
  base::metrics::Registry registry_;
  Metrics metrics_{registry_};
  Runner runner_;
  bool drained_ = false;
};

}  // namespace cluster::process::testing
