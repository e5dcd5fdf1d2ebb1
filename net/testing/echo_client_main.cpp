// Our own gRPC client against an echo service in another language: see tests/grpc_peers.
// Usage: net_echo_client PEER PORT. Prints PASS or FAIL per case; exits 1 on a failure. The last
// case ends the server.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "net/client.h"

namespace {

using namespace std::chrono_literals;
using net::grpc::Channel;

struct Case {
  const char* name;
  const char* method;
  std::string message;
  Duration timeout;
  Result<std::string> want;
};

std::vector<Case> cases() {
  const std::string large(8u << 20, 'x');
  return {
      {"unary", "Echo", "hello", 20s, "hello"},
      {"an empty message", "Echo", "", 20s, ""},
      {"8 MB messages", "Echo", large, 20s, large},
      {"a compressed answer", "Zipped", large, 20s, large},
      {"a status and its message", "Fail", "5 no such häuser: 100% ☃", 20s,
       fail(Code::not_found, "no such häuser: 100% ☃")},
      {"a status without a message", "Fail", "8 ", 20s, fail(Code::exhausted, "")},
      {"a deadline", "Sleep", "10000", 100ms, fail(Code::timeout, "")},
  };
}

std::string describe(const Result<std::string>& outcome) {
  if (outcome) return fmt::format("{} bytes", outcome->size());
  return fmt::format("{}: {}", base::code_row(outcome.error().code).name, outcome.error().what);
}

// The text of a timeout is the client's or the server's, whoever is first.
bool matches(const Result<std::string>& got, const Result<std::string>& want) {
  if (!got && !want && want.error().code == Code::timeout) return got.error().code == Code::timeout;
  return got == want;
}

// Calls, prints and counts failures. Confined to its loop.
class Checks {
 public:
  Checks(std::string peer, base::Loop& loop) : peer_(std::move(peer)), loop_(loop) {}

  int failures() const { return failures_; }

  Task<void> run(net::Address server) {
    auto channel = co_await Channel::open(std::move(server));
    report("connect", channel ? "" : channel.error().what);
    if (channel) {
      for (const Case& c : cases()) co_await check(**channel, c);
      co_await check_concurrent(**channel);
      co_await check_goaway(**channel);
      co_await (*channel)->close();
    }
    loop_.stop();
  }

 private:
  void report(std::string_view name, std::string_view problem) {
    fmt::print("{} our client, {}: {}{}{}\n", problem.empty() ? "PASS" : "FAIL", peer_, name,
               problem.empty() ? "" : ": ", problem);
    if (!problem.empty()) ++failures_;
  }

  Task<void> check(Channel& channel, const Case& c) {
    auto got =
        co_await channel.unary(fmt::format("/tidewheel.Echo/{}", c.method), c.message, c.timeout);
    const bool right = matches(got, c.want);
    report(c.name, right ? "" : fmt::format("got {}, want {}", describe(got), describe(c.want)));
  }

  Task<void> call(Channel* channel, std::string method, std::string message,
                  Result<std::string>* outcome) {
    *outcome = co_await channel->unary(std::move(method), std::move(message), 20s);
  }

  // More calls at once than the server allows: the rest waits its turn.
  Task<void> check_concurrent(Channel& channel) {
    base::TaskGroup calls(loop_.executor(), Log{});
    std::vector<Result<std::string>> outcomes(200);
    for (auto& outcome : outcomes)
      calls.spawn(call(&channel, "/tidewheel.Echo/Sleep", "1", &outcome));
    co_await calls.join();
    const auto failed =
        std::ranges::find_if(outcomes, [](const auto& o) { return !o.has_value(); });
    report("200 calls at once", failed == outcomes.end() ? "" : describe(*failed));
  }

  Task<void> check_goaway(Channel& channel) {
    base::TaskGroup calls(loop_.executor(), Log{});
    Result<std::string> slow;
    calls.spawn(call(&channel, "/tidewheel.Echo/Sleep", "500", &slow));
    auto drain = co_await channel.unary("/tidewheel.Echo/Drain", "", 20s);
    co_await calls.join();
    const bool ended = drain && slow;
    report("goaway with a call under way", ended ? "" : describe(slow));
    auto after = co_await channel.unary("/tidewheel.Echo/Echo", "", 20s);
    const bool refused = !after && after.error().code == Code::unavailable;
    report("a call after goaway", refused ? "" : describe(after));
  }

  std::string peer_;
  base::Loop& loop_;
  int failures_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  base::Loop loop;
  base::TaskGroup tasks(loop.executor(), Log::make(base::LogLevel::info, base::LogFormat::text));
  Checks checks(argv[1], loop);
  tasks.spawn(checks.run({"127.0.0.1", static_cast<std::uint16_t>(std::atoi(argv[2]))}));
  loop.run();
  return checks.failures() == 0 ? 0 : 1;
}
