#include "cluster/process/runner.h"

#include <sys/wait.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <vector>

#include "cluster/process/children.h"
#include "cluster/process/spawn.h"

namespace cluster::process {
namespace {

namespace asio = boost::asio;

// A keeper that closed its pipe is about to exit.
constexpr Duration exit_poll = std::chrono::milliseconds(1);

// Killed processes are gone within milliseconds, unless a device holds one in the kernel.
constexpr Duration strays_poll = std::chrono::milliseconds(5);
constexpr int strays_rounds_max = 2'000;

// What a keeper may need after SIGKILL to see its processes gone.
constexpr Duration kill_allowance = std::chrono::seconds(10);

std::string explain(const Spec& spec, Step step, int error) {
  const std::string& command = spec.command.front();
  const std::string words = std::generic_category().message(error);
  switch (step) {
    case Step::spec:
      return "the keeper did not understand what to run";
    case Step::fork:
      return "no process to be had: " + words;
    case Step::working_dir:
      return "cannot enter the working directory " + spec.working_dir + ": " + words;
    case Step::exec:
      break;
  }
  if (error == ENOENT) return "command not found: " + command;
  if (error == EACCES) return "not executable: " + command;
  return "cannot run " + command + ": " + words;
}

Ended from_wait_status(int status) {
  if (WIFSIGNALED(status)) return {Ended::How::signalled, WTERMSIG(status), {}};
  return {Ended::How::exited, WEXITSTATUS(status), {}};
}

std::uint32_t whole_milliseconds(Duration d) {
  const auto count = std::chrono::ceil<std::chrono::milliseconds>(d).count();
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(count, 0, INT32_MAX));
}

}  // namespace

struct Runner::Run {
  Run(const Spec& s, Listener l, Keeper keeper, const Executor& executor)
      : spec(s),
        listener(std::move(l)),
        pid(keeper.pid),
        control(std::move(keeper.control)),
        status(executor, keeper.status.release()) {}

  Spec spec;
  Listener listener;
  pid_t pid;
  Fd control;
  asio::posix::stream_descriptor status;
  Ended outcome{Ended::How::lost, 0, "its keeper was killed"};
  bool started = false;
  bool complete = false;  // the keeper reported its end
};

Runner::Runner(RunnerOptions options, Executor executor, Log log, Metrics& metrics)
    : options_(std::move(options)),
      executor_(std::move(executor)),
      log_(std::move(log)),
      metrics_(metrics),
      ended_(executor_),
      tasks_(executor_, log_) {
  become_reaper();
  std::signal(SIGPIPE, SIG_IGN);  // an order to a keeper that just ended
}

Runner::~Runner() = default;

Result<RunId> Runner::start(const Spec& spec, Listener listener) {
  if (draining_) return fail(Code::cancelled, "shutting down");
  if (runs_.size() >= options_.runs_max) {
    return fail(Code::exhausted, "already " + std::to_string(runs_.size()) + " processes");
  }
  if (spec.command.empty()) return fail(Code::invalid, "no command");
  TRY(Keeper keeper, spawn_keeper(options_.executable, spec));
  const RunId id{++last_id_};
  runs_.emplace(id, std::make_unique<Run>(spec, std::move(listener), std::move(keeper), executor_));
  tasks_.spawn(follow(id));
  return id;
}

std::map<RunId, pid_t> Runner::keepers() const {
  std::map<RunId, pid_t> pids;
  for (const auto& [id, run] : runs_) pids.emplace(id, run->pid);
  return pids;
}

void Runner::stop(RunId id, Duration grace) {
  const auto it = runs_.find(id);
  if (it == runs_.end()) return;
  const Order order{whole_milliseconds(grace)};
  const auto written = ::write(it->second->control.number(), &order, sizeof order);
  // Fails when the keeper is gone, or has not read a whole pipe of orders: it gets the strongest
  // one there is.
  if (written != sizeof order) it->second->control.reset();
}

Task<void> Runner::follow(RunId id) {
  Run& run = *runs_.at(id);  // erased only at the end of this task
  for (;;) {
    Report report;
    boost::system::error_code error;
    co_await asio::async_read(run.status, asio::buffer(&report, sizeof report),
                              asio::redirect_error(asio::use_awaitable, error));
    if (error) break;
    hear(run, id, report);
  }
  run.control.reset();
  while (::waitpid(run.pid, nullptr, WNOHANG) == 0) {
    auto slept = co_await base::sleep_for(exit_poll);
    if (!slept) break;
  }
  if (run.started) metrics_.running.add(-1);
  const Ended outcome = std::move(run.outcome);
  const Listener listener = std::move(run.listener);
  const std::string name = run.spec.name;
  const bool complete = run.complete;
  runs_.erase(id);
  if (!complete) co_await lose_keeper(name);
  listener(id, outcome);
  ended_.notify();
}

void Runner::hear(Run& run, RunId id, const Report& report) {
  switch (report.kind) {
    case Report::Kind::started:
      run.started = true;
      metrics_.running.add(1);
      run.listener(id, Started{report.a});
      break;
    case Report::Kind::not_started:
      metrics_.start_failures.add();
      run.outcome = {Ended::How::not_started, report.b,
                     explain(run.spec, Step{report.a}, report.b)};
      break;
    case Report::Kind::exited:
      run.outcome = from_wait_status(report.a);
      break;
    case Report::Kind::output_lost:
      log_.warn("pod output cannot be kept",
                {{"pod", run.spec.name},
                 {"file", run.spec.log_file},
                 {"error", std::generic_category().message(report.a)}});
      break;
    case Report::Kind::ended:
      run.complete = true;
      if (report.a > 0)
        log_.warn("pod output was lost", {{"pod", run.spec.name}, {"kib", report.a}});
      break;
  }
}

// The main process died with its keeper; what it left behind has become ours.
Task<void> Runner::lose_keeper(std::string name) {
  metrics_.lost_keepers.add();
  log_.warn("a keeper was killed, its pod's processes are killed too", {{"pod", name}});
  for (int round = 0; round < strays_rounds_max; ++round) {
    if (kill_strays() == 0) co_return;
    auto slept = co_await base::sleep_for(strays_poll);
    if (!slept) co_return;
  }
  log_.error("processes of a pod cannot be killed", {{"pod", name}});
}

std::size_t Runner::kill_strays() {
  std::vector<pid_t> strays = children();
  std::erase_if(strays, [this](pid_t pid) {
    return std::ranges::any_of(runs_, [pid](const auto& run) { return run.second->pid == pid; });
  });
  for (const pid_t pid : strays) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, WNOHANG);
  }
  return strays.size();
}

Task<void> Runner::drain(Duration grace) {
  draining_ = true;
  for (const auto& [id, run] : runs_) stop(id, grace);
  auto idle = co_await base::with_deadline(until_idle(), grace + kill_allowance);
  if (!idle) log_.error("pods did not end", {{"pods", runs_.size()}, {"error", idle.error().what}});
  // The keepers of what is left go on killing by themselves.
  for (const auto& [id, run] : runs_) run->control.reset();
  tasks_.stop();
  co_await tasks_.join();
}

Task<Result<void>> Runner::until_idle() {
  while (!runs_.empty()) CO_TRY_VOID(co_await ended_.wait());
  co_return Result<void>{};
}

}  // namespace cluster::process
