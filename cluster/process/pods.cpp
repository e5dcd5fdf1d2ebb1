#include "cluster/process/pods.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/check.h"
#include "cluster/process/container.h"

namespace cluster::process {

Result<std::unique_ptr<Pods>> Pods::make(PodsOptions options, const Clock& clock, Executor executor,
                                         Log log, Metrics& metrics, Changed changed) {
  TRY(auto logs, LogFolder::open(options.log_folder, options.logs_of_removed_pods_max));
  return std::unique_ptr<Pods>(new Pods(std::move(options), std::move(logs), clock,
                                        std::move(executor), std::move(log), metrics,
                                        std::move(changed)));
}

Pods::Pods(PodsOptions options, LogFolder logs, const Clock& clock, Executor executor, Log log,
           Metrics& metrics, Changed changed)
    : options_(std::move(options)),
      logs_(std::move(logs)),
      clock_(clock),
      log_(std::move(log)),
      metrics_(metrics),
      changed_(std::move(changed)),
      runner_(options_.runner, std::move(executor), log_, metrics_) {}

std::vector<kube::Key> Pods::deployments() const {
  std::vector<kube::Key> keys;
  for (const auto& [key, members] : pods_) keys.push_back(key);
  return keys;
}

void Pods::add(const kube::Key& deployment, kube::Pod pod, std::string template_hash) {
  std::string name = pod.meta.name;
  std::string file = logs_.file_of(pod);
  Member member{.life = PodLife(std::move(pod), options_.backoff, clock_.steady()),
                .template_hash = std::move(template_hash),
                .order = ++last_order_,
                .log_file = std::move(file)};
  of(deployment).emplace(std::move(name), std::move(member));
}

void Pods::end(Member& pod) {
  if (pod.life.stopping()) return;
  pod.life.stop(clock_.now());
  if (const auto run = pod.life.run()) runner_.stop(*run, pod.life.pod().spec.termination_grace);
}

void Pods::drop(const kube::Key& deployment, const std::string& pod) {
  Members& members = of(deployment);
  const auto found = members.find(pod);
  CHECK(found != members.end() && found->second.life.gone());
  logs_.retire(std::move(found->second.log_file));
  members.erase(found);
}

std::optional<Duration> Pods::start_due(const kube::Key& deployment) {
  const Instant now = clock_.steady();
  std::size_t left = options_.starts_per_turn_max;
  std::optional<Duration> again;
  for (auto& [name, member] : of(deployment)) {
    const auto due = member.life.due();
    if (!due) continue;
    if (*due <= now && left > 0) {
      start(deployment, member);
      --left;
    } else {
      const Duration wait = std::max(Duration{0}, Duration{*due - now});
      again = std::min(again.value_or(wait), wait);
    }
  }
  return again;
}

std::optional<Usage> Pods::usage_of(const Member& pod) {
  if (meter_.due(clock_.steady())) look_at_usage();
  const auto run = pod.life.run();
  return run ? meter_.of(*run) : std::nullopt;
}

void Pods::look_at_usage() {
  const auto keepers = runner_.keepers();
  std::set<pid_t> roots;
  for (const auto& [run, pid] : keepers) roots.insert(pid);
  const auto below = consumption_below(roots);
  std::map<RunId, Consumption> runs;
  for (const auto& [run, pid] : keepers) {
    if (const auto found = below.find(pid); found != below.end()) runs.emplace(run, found->second);
  }
  meter_.look(runs, {clock_.now(), clock_.steady()});
}

void Pods::start(const kube::Key& deployment, Member& pod) {
  if (pod.life.started_before()) metrics_.restarts.add();
  auto run = begin_run(deployment, pod);
  if (run) {
    pod.life.begun(*run);
  } else {
    metrics_.start_failures.add();
    hear(deployment, pod.life.pod().meta.name, Ended{Ended::How::not_started, 0, run.error().what});
  }
}

Result<RunId> Pods::begin_run(const kube::Key& deployment, const Member& pod) {
  TRY(Spec spec, container_spec(pod.life.pod(), options_.inherited_env));
  spec.log_file = pod.log_file;
  spec.log_bytes_max = options_.log_bytes_max;
  return runner_.start(spec, [this, deployment, name = spec.name](RunId, const Event& event) {
    hear(deployment, name, event);
  });
}

void Pods::hear(const kube::Key& deployment, const std::string& name, const Event& event) {
  Members& members = of(deployment);
  const auto found = members.find(name);
  CHECK(found != members.end());  // a pod is dropped only when its run has ended
  Member& pod = found->second;
  if (const auto* started = std::get_if<Started>(&event)) {
    pod.life.started(clock_.now(), clock_.steady());
    log_.debug("pod started", {{"pod", name}, {"pid", started->pid}});
  } else {
    const auto& ended = std::get<Ended>(event);
    pod.life.ended(ended, clock_.now(), clock_.steady());
    if (!pod.life.stopping()) pod.unreported = ended;
  }
  changed_(deployment);
}

}  // namespace cluster::process
