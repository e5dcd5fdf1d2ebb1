#include "net/testing/run.h"

#include <vector>

#include "base/check.h"

namespace net::testing {
namespace {

using namespace std::chrono_literals;

Task<Result<void>> as_result(Task<void> body) {
  co_await std::move(body);
  co_return Result<void>{};
}

Task<void> run_and_stop(base::Loop* loop, Task<void> body) {
  auto ended = co_await base::with_deadline(as_result(std::move(body)), 60s);
  const bool test_hangs = !ended;
  CHECK(!test_hangs);
  loop->stop();
}

Task<Result<void>> collect(Stream* stream, std::function<bool(const std::string&)> ends,
                           std::string* all) {
  std::vector<char> bytes(64u << 10);
  while (!ends(*all)) {
    auto n = co_await stream->read_some(bytes);
    if (!n || *n == 0) break;
    all->append(bytes.data(), *n);
  }
  co_return Result<void>{};
}

}  // namespace

void run(const std::function<Task<void>(base::Loop&)>& body) {
  base::Loop loop;
  base::TaskGroup tasks(loop.executor(), Log::make(base::LogLevel::warn, base::LogFormat::text));
  tasks.spawn(run_and_stop(&loop, body(loop)));
  loop.run();
}

Task<std::string> read_until(Stream& stream, std::function<bool(const std::string&)> ends) {
  std::string all;
  static_cast<void>(co_await base::with_deadline(collect(&stream, std::move(ends), &all), 5s));
  co_return all;
}

Task<std::string> read_all(Stream& stream) {
  return read_until(stream, [](const std::string&) { return false; });
}

Task<bool> eventually(std::function<bool()> condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) co_return true;
    static_cast<void>(co_await base::sleep_for(1ms));
  }
  co_return condition();
}

}  // namespace net::testing
