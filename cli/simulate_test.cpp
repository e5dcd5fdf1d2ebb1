// `tidewheel simulate`, from files to text.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <thread>

#include "cli/command.h"
#include "net/server.h"
#include "server/testing/rest_fixture.h"
#include "simulation/csv_signal.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

fs::path testdata() {
  return fs::path(TIDEWHEEL_SOURCE) / "cli/testdata/simulate";
}

std::string file(const std::string& name) {
  return (testdata() / name).string();
}

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

Arguments arguments_of(const std::string& output, const std::string& engine = "") {
  Arguments arguments;
  arguments.paths = {file("queue.yaml")};
  arguments.simulate.signals = {"queue=" + file("queue.csv"), "1=" + file("in_flight.csv")};
  arguments.simulate.output = output;
  arguments.simulate.engine = engine;
  return arguments;
}

// What it prints, with its status when that is not 0.
std::string printed(const Arguments& arguments) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int status = run_simulate(arguments);
  std::string text = ::testing::internal::GetCapturedStdout();
  text += ::testing::internal::GetCapturedStderr();
  return status == 0 ? text : text + "status " + std::to_string(status) + "\n";
}

struct Golden {
  const char* want;
  const char* output;
  const char* engine;
};

TEST(Simulate, PrintsTheTimelineAndWhatItAddsUpTo) {
  const Golden goldens[] = {{"table.want", "table", ""},
                            {"hpa.want", "table", "hpa"},
                            {"csv.want", "csv", ""},
                            {"json.want", "json", ""}};
  for (const auto& golden : goldens) {
    SCOPED_TRACE(golden.want);
    const std::string got = printed(arguments_of(golden.output, golden.engine));
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(testdata() / golden.want) << got;
    EXPECT_EQ(got, read(testdata() / golden.want));
    EXPECT_EQ(got, printed(arguments_of(golden.output, golden.engine)));
  }
}

// The first columns of the CSV are a signal again.
TEST(Simulate, ItsCsvIsASignal) {
  std::string text = printed(arguments_of("csv"));
  std::string columns;
  std::size_t begin = 0;
  std::size_t lines = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != text.npos; begin = end + 1, ++lines) {
    const std::string line = text.substr(begin, end - begin);
    columns += line.substr(0, line.find(',', line.find(',') + 1)) + '\n';
  }
  const auto signal = simulation::read_csv(columns);
  ASSERT_TRUE(signal) << signal.error().what;
  EXPECT_EQ(signal->samples.size(), lines - 1);
}

TEST(Simulate, SaysWhatIsWrong) {
  struct Case {
    const char* name;
    std::function<void(Arguments&)> spoil;
    std::string want;
  };
  const Case cases[] = {
      {"no signal for a trigger", [](Arguments& a) { a.simulate.signals.pop_back(); },
       "no signal for trigger kedify-otel-1: add --signal kedify-otel-1=FILE"},
      {"an unknown trigger", [](Arguments& a) { a.simulate.signals[0] = "web=x.csv"; },
       "--signal web=x.csv: want TRIGGER=FILE, and TRIGGER one of queue, kedify-otel-1, or an "
       "index"},
      {"one trigger twice", [](Arguments& a) { a.simulate.signals[1] = a.simulate.signals[0]; },
       "--signal queue=" + file("queue.csv") + ": the trigger has one already"},
      {"no file", [](Arguments& a) { a.simulate.signals[0] = "queue=none.csv"; },
       "none.csv: does not exist"},
      {"a file that is no signal",
       [](Arguments& a) { a.simulate.signals[0] = "queue=" + file("queue.yaml"); },
       file("queue.yaml") + ":1: want a time and a value, separated by a comma"},
      {"another object", [](Arguments& a) { a.simulate.object = "web"; },
       "no ScaledObject default/web, only default/worker"},
      {"a span of nothing", [](Arguments& a) { a.simulate.flap_window = {}; },
       "flap-window is not above 0 and at most a year"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Arguments arguments = arguments_of("table");
    c.spoil(arguments);
    EXPECT_EQ(printed(arguments), "tidewheel: " + c.want + "\nstatus 1\n");
  }
}

// A REST port over a board, on a thread of its own.
class RecordedServer {
 public:
  RecordedServer() {
    control::ObjectView object = server::testing::sample_object("worker");
    object.key.ns = "default";
    object.triggers[0].spec.name = "other";
    object.triggers.push_back(object.triggers[0]);
    object.triggers[1].spec.name = "queue";
    object.triggers.push_back(object.triggers[0]);
    object.triggers[2].spec.name = "renamed since";
    object.triggers[2].spec.query = "last_one of sum(in_flight) over 1m";
    rest_.board.put(object);
    for (int i = 0; i < 6; ++i) {
      const Timestamp at = rest_.clock.now() - std::chrono::seconds(15 * (6 - i));
      rest_.board.add_point(object.key, 0, {.at = at, .value = 1'000, .replicas = 2});
      rest_.board.add_point(object.key, 1, {.at = at, .value = 10.0 * i, .replicas = 2});
      rest_.board.add_point(object.key, 2,
                            {.at = at, .state = scale::Reading::State::stale, .replicas = 2});
    }
    const auto port = server_.listen("127.0.0.1", 0);
    EXPECT_TRUE(port) << port.error().what;
    address = "127.0.0.1:" + std::to_string(port.value_or(0));
    thread_ = std::thread([this] { rest_.loop.run(); });
  }

  ~RecordedServer() {
    base::TaskGroup last(rest_.loop.executor(), Log{});
    rest_.loop.post([this, &last] { last.spawn(stop()); });
    thread_.join();
    while (last.size() > 0) rest_.loop.poll();
  }

  std::string address;

 private:
  Task<void> stop() {
    co_await server_.drain(Duration{0});
    rest_.loop.stop();
  }

  server::testing::RestFixture rest_;
  net::Server server_{"rest", rest_.loop.executor(), net::Limits{}, {.http = rest_.handler},
                      Log{},  rest_.registry};
  std::thread thread_;
};

TEST(Simulate, TakesWhatARunningOneRecorded) {
  const RecordedServer server;
  Arguments arguments = arguments_of("csv");
  arguments.simulate.signals.clear();
  arguments.simulate.from = "default/worker";
  arguments.server.address = server.address;
  const std::string text = printed(arguments);
  // Triggers are found by name and by query; the replicas are those of the first point.
  EXPECT_TRUE(
      text.starts_with("time,replicas,ready,queue,queue state,kedify-otel-1,"
                       "kedify-otel-1 state\n"))
      << text;
  EXPECT_NE(text.find(",2,2,0,value,,stale\n"), text.npos) << text;
  EXPECT_NE(text.find(",5,"), text.npos) << text;

  arguments.simulate.since = std::chrono::seconds(1);
  EXPECT_EQ(printed(arguments),
            "tidewheel: nothing was recorded of trigger queue in the last 1s\nstatus 1\n");
  arguments.simulate.from = "default/nobody";
  EXPECT_EQ(printed(arguments), "tidewheel: no object default/nobody\nstatus 1\n");
}

}  // namespace
}  // namespace cli
