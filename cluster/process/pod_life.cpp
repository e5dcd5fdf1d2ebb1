#include "cluster/process/pod_life.h"

#include <algorithm>
#include <cstring>

namespace cluster::process {
namespace {

// As shells and container runtimes report them.
constexpr int start_failure_code = 128;
constexpr int signal_base = 128;
constexpr int killed_code = 137;

struct Termination {
  std::int32_t exit_code;
  std::string reason;
};

Termination termination_of(const Ended& how) {
  switch (how.how) {
    case Ended::How::exited:
      return {how.value, how.value == 0 ? "Completed" : "Error"};
    case Ended::How::signalled:
      return {signal_base + how.value, "Error"};
    case Ended::How::not_started:
      return {start_failure_code, "StartError"};
    case Ended::How::lost:
      break;
  }
  return {killed_code, "Error"};
}

}  // namespace

std::string describe(const Ended& how) {
  switch (how.how) {
    case Ended::How::exited:
      return "exited with code " + std::to_string(how.value);
    case Ended::How::signalled:
      return "was ended by signal " + std::to_string(how.value) + " (" + ::strsignal(how.value) +
             ")";
    case Ended::How::not_started:
    case Ended::How::lost:
      break;
  }
  return how.what;
}

std::optional<Instant> PodLife::due() const {
  if (run_ || stopping_) return std::nullopt;
  return restart_at_;
}

void PodLife::begun(RunId run) {
  run_ = run;
  ++attempts_;
  state_ = State::starting;
}

void PodLife::started(Timestamp now, Instant steady) {
  state_ = State::running;
  if (ready()) ready_changed_ = now;
  ever_ran_ = true;
  started_ = now;
  running_since_ = steady;
}

Duration PodLife::ended(const Ended& how, Timestamp now, Instant steady) {
  if (ready()) ready_changed_ = now;
  if (!run_) ++attempts_;
  run_.reset();
  const Duration ran = running_since_ ? steady - *running_since_ : Duration{0};
  running_since_.reset();
  if (state_ != State::running) started_.reset();
  state_ = State::terminated;
  finished_ = now;
  last_ = how;
  wait_ = backoff_.after_run(ran);
  restart_at_ = steady + std::chrono::duration_cast<Instant::duration>(wait_);
  return wait_;
}

void PodLife::stop(Timestamp now) {
  if (ready()) ready_changed_ = now;
  stopping_ = true;
}

kube::PodStatus PodLife::status() const {
  kube::PodStatus status{.phase = ever_ran_ ? "Running" : "Pending",
                         .pod_ip = pod_.status.pod_ip,
                         .host_ip = pod_.status.host_ip,
                         .started = pod_.meta.created,
                         .conditions = conditions(),
                         .containers = {container_status()}};
  if (stopping_ && state_ == State::terminated) {
    status.phase = termination_of(*last_).exit_code == 0 ? "Succeeded" : "Failed";
  }
  return status;
}

std::vector<kube::Condition> PodLife::conditions() const {
  const std::string status = ready() ? "True" : "False";
  const std::string reason = ready() ? "" : "ContainersNotReady";
  const auto created = pod_.meta.created;
  const auto changed = ready_changed_ ? ready_changed_ : created;
  return {{.type = "PodScheduled", .status = "True", .since = created},
          {.type = "Initialized", .status = "True", .since = created},
          {.type = "ContainersReady", .status = status, .reason = reason, .since = changed},
          {.type = "Ready", .status = status, .reason = reason, .since = changed}};
}

kube::ContainerStatus PodLife::container_status() const {
  kube::ContainerStatus status{.name = pod_.spec.containers.front().name,
                               .ready = ready(),
                               .restarts = std::max(0, attempts_ - 1)};
  using Shown = kube::ContainerStatus::State;
  if (state_ == State::running) {
    status.state = Shown::running;
    status.started = started_;
  } else if (last_ && (stopping_ || state_ == State::starting || wait_ == Duration{0})) {
    const Termination termination = termination_of(*last_);
    status.state = Shown::terminated;
    status.exit_code = termination.exit_code;
    status.reason = termination.reason;
    if (last_->how != Ended::How::exited) status.message = describe(*last_);
    status.started = started_;
    status.finished = finished_;
  } else if (last_) {
    status.reason = "CrashLoopBackOff";
    status.message = "back-off " + base::format_duration(wait_) + " restarting container \"" +
                     status.name + "\": it " + describe(*last_);
  } else {
    status.reason = "ContainerCreating";
  }
  return status;
}

}  // namespace cluster::process
