// `tidewheel demo`: standalone with the quick-start manifests, and traffic that makes their
// replicas move.

#include <fmt/format.h>
#include <stdlib.h>  // mkdtemp

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include "cli/command.h"
#include "cli/protection.h"
#include "cli/quickstart.h"
#include "cli/standalone.h"
#include "otlp/generator.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

// A folder of its own that goes with it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> make() {
    std::string pattern = (fs::temp_directory_path() / "tidewheel-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      return fail(Code::denied, "cannot make the folder " + pattern);
    return TemporaryFolder(pattern);
  }
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;  // a leftover in the temporary folder harms nobody
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  const fs::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// The signals that the quick-start manifests watch.
std::vector<otlp::GeneratorOptions> traffic(std::uint16_t port) {
  using namespace std::chrono_literals;
  otlp::GeneratorOptions common;
  common.target = net::Address{"127.0.0.1", port};
  common.interval = 500ms;
  auto queue = common;
  queue.metric = "queue_depth";
  queue.attributes = {{"queue", "mail"}};
  // Empty again, cooldown included, well before RUN_FOR=60s is over, and not yet full anew.
  queue.value = {.profile = otlp::Profile::step, .min = 0, .max = 78, .period = 44s};
  auto memory = common;
  memory.metric = "gpu_memory_used_gib";
  memory.attributes = {{"model", "llama"}};
  memory.value = {.profile = otlp::Profile::sine, .min = 10, .max = 70, .period = 110s};
  auto requests = common;
  requests.metric = "inference_requests_total";
  requests.kind = tsdb::Kind::sum;
  requests.attributes = {{"model", "llama"}};
  requests.value = {.profile = otlp::Profile::sine, .min = 5, .max = 140, .period = 80s};
  return {queue, memory, requests};
}

Task<void> send(otlp::GeneratorOptions options, const Clock* clock, std::uint64_t* points) {
  const auto report = co_await otlp::generate(std::move(options), *clock);
  if (report) *points += report->points;
}

// The generators, on a thread of their own, over real sockets: what an SDK would do.
class Traffic {
 public:
  explicit Traffic(std::uint16_t port) {
    for (auto& options : traffic(port)) tasks_.spawn(send(std::move(options), &clock_, &points_));
    thread_ = std::thread(
        [this] { loop_.run_until([this] { return stopping_ && tasks_.size() == 0; }); });
  }

  // Returns how many points were sent.
  std::uint64_t stop() {
    loop_.post([this] {
      stopping_ = true;
      tasks_.stop();
    });
    thread_.join();
    return points_;
  }

 private:
  base::SystemClock clock_;
  base::Loop loop_;
  base::TaskGroup tasks_{loop_.executor(), Log{}};
  std::uint64_t points_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

struct Tally {
  int changes = 0;
  scale::Replicas lowest = 0;
  scale::Replicas highest = 0;
  scale::Replicas last = 0;
};

// One line per replica change; what was seen of each object for the summary.
class Narrator {
 public:
  void ready(std::uint16_t otlp_port, std::uint16_t rest_port, std::optional<Duration> run_for) {
    fmt::print(
        "\nTidewheel demo: replicas are real processes here and follow generated OTLP metrics.\n"
        "  page     http://127.0.0.1:{}/\n  metrics  send your own to http://127.0.0.1:{} (OTLP, "
        "gRPC or HTTP)\n"
        "  why      tidewheel explain default/queue-worker --server http://127.0.0.1:{}\n"
        "  {}\n\n",
        rest_port, otlp_port, rest_port,
        run_for ? "ends by itself after " + base::format_duration(*run_for) : "Ctrl-C ends it");
    std::fflush(stdout);
  }

  void decided(const control::DecisionRecord& record) {
    const scale::Decision& decision = record.decision;
    if (record.count > 1 || decision.from == decision.to) return;
    fmt::print("{}  {:<22} {:>2} -> {:<2}  {}\n", base::format_time(decision.at).substr(11, 8),
               to_string(record.key), decision.from, decision.to, decision.reason);
    std::fflush(stdout);
    auto [it, is_new] =
        tallies_.try_emplace(to_string(record.key), Tally{0, decision.from, decision.from, 0});
    Tally& tally = it->second;
    ++tally.changes;
    tally.lowest = std::min(tally.lowest, decision.to);
    tally.highest = std::max(tally.highest, decision.to);
    tally.last = decision.to;
  }

  void summary(std::uint64_t points) const {
    fmt::print("\n{} data points sent\n", points);
    for (const auto& [name, tally] : tallies_) {
      fmt::print("{}: {} changes, between {} and {} replicas, {} at the end\n", name, tally.changes,
                 tally.lowest, tally.highest, tally.last);
    }
  }

 private:
  std::map<std::string, Tally> tallies_;
};

Result<void> write_quickstart(const fs::path& folder) {
  fs::create_directories(folder);
  for (const server::Asset& file : quickstart()) {
    std::ofstream out(folder / file.name);
    out << file.bytes;
    if (!out.flush()) return fail(Code::denied, "cannot write " + (folder / file.name).string());
  }
  return {};
}

// The demo's own traffic comes in plain text and without a token.
Result<void> check_open(const Options& options) {
  TRY(const auto files, tls_files(options, Port::otlp));
  if (files) return fail(Code::invalid, "demo takes no TLS on its OTLP port");
  if (options.otlp_token_file.empty()) return {};
  return fail(Code::invalid, "demo takes no " + described("otlp-token-file"));
}

}  // namespace

int run_demo(const Arguments& arguments) {
  const auto open = check_open(arguments.options);
  if (!open) {
    fmt::print(stderr, "tidewheel: {}\n", open.error().what);
    return 1;
  }
  const auto folder = TemporaryFolder::make();
  const auto written =
      folder ? write_quickstart(folder->path() / "manifests") : std::unexpected(folder.error());
  if (!written) {
    fmt::print(stderr, "tidewheel: {}\n", written.error().what);
    return 1;
  }
  Options options = arguments.options;
  if (options.data.empty()) options.data = (folder->path() / "data").string();
  // The narrator tells what happens; the log only what goes wrong.
  if (options.log_level == base::LogLevel::info) options.log_level = base::LogLevel::warn;
  Narrator narrator;
  std::optional<Traffic> sender;
  const auto manifests = (folder->path() / "manifests").string();
  Standalone run(
      {std::move(options), {manifests}, arguments.workload_env},
      {.ready =
           [&](std::uint16_t otlp_port, std::uint16_t rest_port) {
             narrator.ready(otlp_port, rest_port, arguments.run_for);
             sender.emplace(otlp_port);
           },
       .decided = [&](const control::DecisionRecord& record) { narrator.decided(record); },
       .run_for = arguments.run_for});
  const int status = run.run();
  if (sender) narrator.summary(sender->stop());
  return status;
}

}  // namespace cli
