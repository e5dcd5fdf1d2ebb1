#include "cluster/deployments.h"

#include <fmt/ranges.h>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/random.h"
#include "cluster/process/alarms.h"
#include "cluster/process/container.h"
#include "cluster/process/log_folder.h"
#include "cluster/process/metrics.h"
#include "cluster/process/pod_life.h"
#include "cluster/process/pod_template.h"
#include "cluster/process/rollout.h"
#include "kube/events.h"
#include "kube/schema.h"
#include "kube/work_queue.h"
#include "kube/workload.h"

namespace cluster {
namespace {

using process::Ended;
using process::PodLife;
using process::RunId;

constexpr Duration retry_after = std::chrono::seconds(1);
constexpr int name_suffix_length = 5;
constexpr std::string_view local_address = "127.0.0.1";

// One pod, its process, and what the API was told of it.
struct Member {
  PodLife life;
  std::string template_hash;
  std::uint64_t order;
  std::string log_file;
  std::optional<kube::PodStatus> written;
  std::optional<Ended> unreported;  // an end that nobody asked for
};

struct Workload {
  std::map<std::string, Member> pods;
  std::string seen_hash;  // of the template whose fields were looked through
};

// A Deployment and its Pods as the API has them.
struct Seen {
  json::Value object;
  std::optional<kube::Deployment> deployment;  // nullopt: there is none
  std::string template_hash;
  std::vector<kube::ObjectMeta> pods;
};

// The Deployment that a Pod belongs to.
std::optional<kube::Key> owner_of(const kube::ObjectMeta& pod) {
  for (const auto& owner : pod.owners) {
    if (owner.kind == kube::deployments.kind) return kube::Key{pod.ns, owner.name};
  }
  return std::nullopt;
}

Result<void> unless_gone(Result<void> done) {
  if (!done && done.error().code == Code::not_found) return {};
  return done;
}

template <class T>
Result<void> without_value(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

std::vector<process::PodView> views(const Workload& workload, const Seen& seen) {
  std::vector<process::PodView> out;
  for (const auto& [name, pod] : workload.pods) {
    // A paused Deployment keeps what it has, of whatever template.
    const bool fresh =
        pod.template_hash == seen.template_hash || (seen.deployment && seen.deployment->paused);
    out.push_back({name, pod.order, fresh, pod.life.ready(), pod.life.stopping()});
  }
  return out;
}

}  // namespace

struct Deployments::State {
  State(DeploymentsOptions o, process::LogFolder l, kube::Client& c, const Clock& k, Executor e,
        Log g, base::metrics::Registry& registry)
      : options(std::move(o)),
        logs(std::move(l)),
        client(c),
        clock(k),
        executor(e),
        log(std::move(g)),
        metrics(registry),
        recorder(client, clock, "tidewheel-processes"),
        runner(options.runner, executor, log, metrics),
        queue(executor),
        alarms(queue, clock, executor),
        tasks(executor, log) {}

  // Tasks.
  Task<void> watch_deployments();
  Task<void> watch_pods();
  Task<void> reconcile_for_ever();

  Task<void> follow(kube::Resource resource, void (State::*hear)(const kube::WatchEvent&));
  void hear_deployment(const kube::WatchEvent& event);
  void hear_pod(const kube::WatchEvent& event);
  void hear_process(const kube::Key& deployment, const std::string& pod,
                    const process::Event& event);

  // The steps of a reconciliation. They run one at a time, and only they add or drop workloads and
  // pods.
  Task<Result<std::optional<Duration>>> reconcile(kube::Key key);
  Task<Result<Seen>> look(kube::Key key);
  Task<Result<void>> list_pods(const kube::Key& key, Seen& seen);
  Task<Result<void>> forget(kube::Key pod);
  Task<Result<void>> remove_strangers(const Workload& workload, const Seen& seen);
  void stop_removed(Workload& workload, const Seen& seen);
  Task<Result<void>> stop_surplus(Workload& workload, std::vector<std::string> names);
  Task<Result<void>> create_missing(Workload& workload, const Seen& seen, std::int32_t count);
  Task<Result<void>> create_pod(Workload& workload, const Seen& seen);
  std::optional<Duration> start_due(const kube::Key& key, Workload& workload);
  void start_process(const kube::Key& key, Member& member);
  Result<RunId> begin_run(const kube::Key& key, const Member& member);
  Task<void> report_ends(Workload& workload);
  Task<Result<void>> release_gone(Workload& workload);
  Task<Result<void>> write_statuses(Workload& workload);
  Task<Result<void>> write_status(const Workload& workload, const Seen& seen, Result<void> created);
  void look_through_template(const kube::Key& key, Workload& workload, const Seen& seen);
  void end_process(Member& member);

  const DeploymentsOptions options;
  process::LogFolder logs;
  kube::Client& client;
  const Clock& clock;
  Executor executor;
  Log log;
  process::Metrics metrics;
  kube::EventRecorder recorder;
  process::Runner runner;
  kube::WorkQueue queue;
  process::Alarms alarms;
  base::Random random;
  std::map<kube::Key, Workload> workloads;
  std::uint64_t last_order = 0;
  base::TaskGroup tasks;
};

Result<std::unique_ptr<Deployments>> Deployments::make(DeploymentsOptions options,
                                                       kube::Client& client, const Clock& clock,
                                                       Executor executor, Log log,
                                                       base::metrics::Registry& registry) {
  TRY(auto logs, process::LogFolder::open(options.log_folder, options.logs_of_removed_pods_max));
  auto state = std::make_unique<State>(std::move(options), std::move(logs), client, clock,
                                       std::move(executor), std::move(log), registry);
  return std::unique_ptr<Deployments>(new Deployments(std::move(state)));
}

Deployments::Deployments(std::unique_ptr<State> state) : state_(std::move(state)) {}
Deployments::~Deployments() = default;

void Deployments::start() {
  state_->tasks.spawn(state_->watch_deployments());
  state_->tasks.spawn(state_->watch_pods());
  state_->tasks.spawn(state_->reconcile_for_ever());
  state_->tasks.spawn(state_->alarms.run());
}

Task<void> Deployments::drain(Duration grace) {
  state_->tasks.stop();
  co_await state_->tasks.join();
  co_await state_->runner.drain(grace);
}

// The whole of one Deployment: what is there, what shall be there, and only the difference is done.
// Returns when to look again by itself.
Task<Result<std::optional<Duration>>> Deployments::State::reconcile(kube::Key key) {
  CO_TRY(const Seen seen, co_await look(key));
  Workload& workload = workloads[key];
  CO_TRY_VOID(co_await remove_strangers(workload, seen));
  stop_removed(workload, seen);
  look_through_template(key, workload, seen);

  const std::int32_t replicas = seen.deployment ? seen.deployment->replicas : 0;
  auto plan =
      process::plan_rollout(replicas, process::strategy_of(seen.object), views(workload, seen));
  CO_TRY_VOID(co_await stop_surplus(workload, std::move(plan.stop)));
  const Result<void> created = co_await create_missing(workload, seen, plan.start);
  const std::optional<Duration> again = start_due(key, workload);

  co_await report_ends(workload);
  CO_TRY_VOID(co_await release_gone(workload));
  CO_TRY_VOID(co_await write_statuses(workload));
  CO_TRY_VOID(co_await write_status(workload, seen, created));
  if (!seen.deployment && workload.pods.empty()) workloads.erase(key);
  CO_TRY_VOID(created);
  co_return again;
}

Task<Result<Seen>> Deployments::State::look(kube::Key key) {
  Seen seen;
  auto object = co_await client.get(kube::deployments, key);
  if (object) {
    CO_TRY(seen.deployment, kube::deployment_from_json(*object));
    seen.template_hash = process::template_hash(*object);
    seen.object = std::move(*object);
  } else if (object.error().code != Code::not_found) {
    co_return std::unexpected(object.error());
  }
  CO_TRY_VOID(co_await list_pods(key, seen));
  co_return seen;
}

Task<Result<void>> Deployments::State::list_pods(const kube::Key& key, Seen& seen) {
  CO_TRY(const auto list, co_await client.list(kube::pods, key.ns));
  for (const auto& item : list.items) {
    auto meta = kube::meta_from_json(item);
    if (meta && owner_of(*meta) == key) seen.pods.push_back(*std::move(meta));
  }
  co_return Result<void>{};
}

// Pods without a process of ours: of an earlier run, or made by somebody else.
Task<Result<void>> Deployments::State::remove_strangers(const Workload& workload,
                                                        const Seen& seen) {
  for (const auto& pod : seen.pods) {
    const auto known = workload.pods.find(pod.name);
    if (known != workload.pods.end() && known->second.life.pod().meta.uid == pod.uid) continue;
    CO_TRY_VOID(co_await forget(pod.key()));
  }
  co_return Result<void>{};
}

// Pods that somebody removed from the API.
void Deployments::State::stop_removed(Workload& workload, const Seen& seen) {
  for (auto& [name, member] : workload.pods) {
    const auto found = std::ranges::find(seen.pods, name, &kube::ObjectMeta::name);
    if (found == seen.pods.end() || found->deleted) end_process(member);
  }
}

void Deployments::State::end_process(Member& member) {
  if (member.life.stopping()) return;
  member.life.stop();
  if (const auto run = member.life.run())
    runner.stop(*run, member.life.pod().spec.termination_grace);
}

// Takes the Pod out of the API: nothing of it runs.
Task<Result<void>> Deployments::State::forget(kube::Key pod) {
  auto freed = co_await client.patch(
      kube::pods, pod, json::Object{{"metadata", json::Object{{"finalizers", nullptr}}}});
  CO_TRY_VOID(unless_gone(without_value(freed)));
  auto removed = co_await client.remove(kube::pods, pod);
  co_return unless_gone(std::move(removed));
}

Task<Result<void>> Deployments::State::stop_surplus(Workload& workload,
                                                    std::vector<std::string> names) {
  for (const auto& name : names) {
    Member& member = workload.pods.at(name);
    end_process(member);
    auto removed = co_await client.remove(kube::pods, member.life.pod().meta.key());
    CO_TRY_VOID(unless_gone(std::move(removed)));
  }
  co_return Result<void>{};
}

Task<Result<void>> Deployments::State::create_missing(Workload& workload, const Seen& seen,
                                                      std::int32_t count) {
  if (count == 0) co_return Result<void>{};
  auto made = process::check_runnable(seen.deployment->pod_template.spec);
  for (; made && count > 0; --count) made = co_await create_pod(workload, seen);
  if (!made) {
    auto about = kube::reference_to(kube::deployments, seen.deployment->meta);
    auto told = co_await recorder.record(std::move(about), kube::EventType::warning, "FailedCreate",
                                         made.error().what);
    if (!told) log.warn("event not written", {{"error", told.error().what}});
  }
  co_return made;
}

Task<Result<void>> Deployments::State::create_pod(Workload& workload, const Seen& seen) {
  const std::string name =
      seen.deployment->meta.name + "-" + random.name_suffix(name_suffix_length);
  json::Value object = process::pod_from_template(seen.object, *seen.deployment, name);
  CO_TRY(const auto created,
         co_await client.create(kube::pods, seen.deployment->meta.ns, std::move(object)));
  CO_TRY(auto pod, kube::pod_from_json(created));
  pod.status.pod_ip = local_address;
  pod.status.host_ip = local_address;
  std::string file = logs.file_of(pod);
  workload.pods.emplace(name,
                        Member{.life = PodLife(std::move(pod), options.backoff, clock.steady()),
                               .template_hash = seen.template_hash,
                               .order = ++last_order,
                               .log_file = std::move(file)});
  co_return Result<void>{};
}

// Starts what is to be started by now, a bounded number. Returns when there will be more.
std::optional<Duration> Deployments::State::start_due(const kube::Key& key, Workload& workload) {
  const Instant now = clock.steady();
  std::size_t left = options.starts_per_turn_max;
  std::optional<Duration> again;
  for (auto& [name, member] : workload.pods) {
    const auto due = member.life.due();
    if (!due) continue;
    if (*due <= now && left > 0) {
      start_process(key, member);
      --left;
    } else {
      again =
          std::min(again.value_or(Duration::max()), std::max(Duration{0}, Duration{*due - now}));
    }
  }
  return again;
}

void Deployments::State::start_process(const kube::Key& key, Member& member) {
  if (member.life.started_before()) metrics.restarts.add();
  auto run = begin_run(key, member);
  if (run) {
    member.life.begun(*run);
  } else {
    metrics.start_failures.add();
    hear_process(key, member.life.pod().meta.name,
                 Ended{Ended::How::not_started, 0, run.error().what});
  }
}

Result<RunId> Deployments::State::begin_run(const kube::Key& key, const Member& member) {
  TRY(process::Spec spec, process::container_spec(member.life.pod(), options.inherited_env));
  spec.log_file = member.log_file;
  spec.log_bytes_max = options.log_bytes_max;
  const std::string name = spec.name;
  return runner.start(spec, [this, key, name](RunId, const process::Event& event) {
    hear_process(key, name, event);
  });
}

void Deployments::State::hear_process(const kube::Key& key, const std::string& name,
                                      const process::Event& event) {
  const auto workload = workloads.find(key);
  if (workload == workloads.end() || !workload->second.pods.contains(name)) return;
  Member& member = workload->second.pods.at(name);
  if (const auto* started = std::get_if<process::Started>(&event)) {
    member.life.started(clock.now(), clock.steady());
    log.debug("pod started", {{"pod", name}, {"pid", started->pid}});
  } else {
    const auto& ended = std::get<Ended>(event);
    member.life.ended(ended, clock.now(), clock.steady());
    if (!member.life.stopping()) member.unreported = ended;
  }
  queue.add(key);
}

Task<void> Deployments::State::report_ends(Workload& workload) {
  for (auto& [name, member] : workload.pods) {
    const auto ended = std::exchange(member.unreported, std::nullopt);
    if (!ended) continue;
    const bool failed = ended->how == Ended::How::not_started;
    const std::string what = process::describe(*ended);
    log.warn(failed ? "pod cannot start" : "pod ended",
             {{"pod", name}, {"reason", what}, {"log", member.log_file}});
    auto told = co_await recorder.record(kube::reference_to(kube::pods, member.life.pod().meta),
                                         kube::EventType::warning, failed ? "Failed" : "BackOff",
                                         failed ? what : "restarting the container: it " + what);
    if (!told) log.warn("event not written", {{"error", told.error().what}});
  }
}

Task<Result<void>> Deployments::State::release_gone(Workload& workload) {
  for (auto it = workload.pods.begin(); it != workload.pods.end();) {
    const Member& member = it->second;
    if (!member.life.gone()) {
      ++it;
      continue;
    }
    CO_TRY_VOID(co_await forget(member.life.pod().meta.key()));
    logs.retire(member.log_file);
    it = workload.pods.erase(it);
  }
  co_return Result<void>{};
}

Task<Result<void>> Deployments::State::write_statuses(Workload& workload) {
  for (auto& [name, member] : workload.pods) {
    kube::PodStatus status = member.life.status();
    if (member.written == status) continue;
    auto written = co_await client.patch(kube::pods, member.life.pod().meta.key(),
                                         json::Object{{"status", kube::to_json(status)}}, "status");
    CO_TRY_VOID(unless_gone(without_value(written)));
    member.written = std::move(status);
  }
  co_return Result<void>{};
}

Task<Result<void>> Deployments::State::write_status(const Workload& workload, const Seen& seen,
                                                    Result<void> created) {
  if (!seen.deployment) co_return Result<void>{};
  const auto status = process::deployment_status(*seen.deployment, views(workload, seen),
                                                 created ? std::string{} : created.error().what);
  if (status == seen.deployment->status) co_return Result<void>{};
  auto written = co_await client.patch(kube::deployments, seen.deployment->meta.key(),
                                       json::Object{{"status", kube::to_json(status)}}, "status");
  co_return unless_gone(without_value(written));
}

void Deployments::State::look_through_template(const kube::Key& key, Workload& workload,
                                               const Seen& seen) {
  if (!seen.deployment || workload.seen_hash == seen.template_hash) return;
  workload.seen_hash = seen.template_hash;
  const auto fields = kube::not_honoured(kube::deployments, seen.object);
  if (fields.empty()) return;
  log.warn("fields have no effect on local processes",
           {{"deployment", kube::to_string(key)},
            {"fields", fmt::format("{}", fmt::join(fields, ", "))}});
}

Task<void> Deployments::State::reconcile_for_ever() {
  for (;;) {
    const auto key = co_await queue.take();
    if (!key) co_return;
    const auto again = co_await reconcile(*key);
    queue.done(*key);
    if (!again) {
      if (again.error().code == Code::cancelled) co_return;
      log.warn("deployment not reconciled",
               {{"deployment", kube::to_string(*key)}, {"error", again.error().what}});
      alarms.set(*key, retry_after);
    } else if (*again) {
      alarms.set(*key, **again);
    }
    // The embedded API answers without waiting: let others have their turn.
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
}

Task<void> Deployments::State::watch_deployments() {
  co_await follow(kube::deployments, &State::hear_deployment);
}

Task<void> Deployments::State::watch_pods() {
  co_await follow(kube::pods, &State::hear_pod);
}

// Hears of everything that is there, then of every change. After a gap: of everything again, and
// what is known is looked at.
Task<void> Deployments::State::follow(kube::Resource resource,
                                      void (State::*hear)(const kube::WatchEvent&)) {
  while (!co_await base::stopping()) {
    auto watch = co_await client.watch(resource);
    while (watch) {
      const auto event = co_await (*watch)->next();
      if (!event) break;
      (this->*hear)(*event);
    }
    for (const auto& [key, workload] : workloads) queue.add(key);
    (void)co_await base::sleep_for(retry_after);  // ends early when stopped, which the loop sees
  }
}

void Deployments::State::hear_deployment(const kube::WatchEvent& event) {
  queue.add(kube::key_of(event.object));
}

void Deployments::State::hear_pod(const kube::WatchEvent& event) {
  const auto meta = kube::meta_from_json(event.object);
  if (!meta) return;
  // What else changes of a Pod is our own writing.
  if (event.type == kube::WatchEvent::Type::modified && !meta->deleted) return;
  if (const auto key = owner_of(*meta)) queue.add(*key);
}

}  // namespace cluster
