#include "cluster/deployments.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "base/backoff.h"
#include "base/random.h"
#include "cluster/alarms.h"
#include "cluster/process/container.h"
#include "cluster/process/metrics.h"
#include "cluster/process/pod_template.h"
#include "cluster/process/pods.h"
#include "cluster/process/rollout.h"
#include "kube/events.h"
#include "kube/work_queue.h"
#include "kube/workload.h"

namespace cluster {
namespace {

using process::Ended;
using process::Member;
using process::Members;

constexpr Duration retry_first = std::chrono::seconds(1);
constexpr Duration retry_ceiling = std::chrono::minutes(1);
constexpr Duration watch_pause = std::chrono::milliseconds(100);
constexpr int name_suffix_length = 5;
constexpr std::string_view local_address = "127.0.0.1";

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

scale::hpa::PodSample sample_of(const Member& member, const process::Usage& usage) {
  const kube::Pod& pod = member.life.pod();
  const scale::hpa::Milli bytes = static_cast<scale::hpa::Milli>(usage.resident_bytes);
  return {.pod = pod.meta.name,
          .at = usage.at,
          .window = usage.window,
          .containers = {{.container = pod.spec.containers.front().name,
                          .amounts = {{"cpu", scale::hpa::ceil_milli(usage.cores * 1000)},
                                      {"memory", bytes * 1000}}}}};
}

std::vector<process::PodView> views(const Members& members, const Seen& seen) {
  std::vector<process::PodView> out;
  for (const auto& [name, pod] : members) {
    // A paused Deployment keeps what it has, of whatever template.
    const bool fresh =
        pod.template_hash == seen.template_hash || (seen.deployment && seen.deployment->paused);
    out.push_back({name, pod.order, fresh, pod.life.ready(), pod.life.stopping()});
  }
  return out;
}

}  // namespace

struct Deployments::State {
  State(kube::Client& c, const Clock& k, Executor e, Log g, base::metrics::Registry& registry)
      : client(c),
        clock(k),
        executor(e),
        log(std::move(g)),
        metrics(registry),
        recorder(client, clock, "tidewheel-processes"),
        queue(executor),
        alarms(queue, clock, executor),
        tasks(executor, log) {}

  // Tasks.
  Task<void> watch_deployments() { return follow(kube::deployments, &State::hear_deployment); }
  Task<void> watch_pods() { return follow(kube::pods, &State::hear_pod); }
  Task<void> reconcile_for_ever();

  Task<void> follow(kube::Resource resource, void (State::*hear)(const kube::WatchEvent&));
  void hear_deployment(const kube::WatchEvent& event);
  void hear_pod(const kube::WatchEvent& event);
  void plan_next(const kube::Key& key, const Result<std::optional<Duration>>& again);

  // The steps of a reconciliation. One runs at a time, and only they add or drop pods.
  Task<Result<std::optional<Duration>>> reconcile(kube::Key key);
  Task<Result<Seen>> look(kube::Key key);
  Task<Result<void>> list_pods(const kube::Key& key, Seen& seen);
  Task<Result<void>> remove_strangers(const Members& members, const Seen& seen);
  Task<Result<void>> take_out(kube::Key pod);
  void end_removed(Members& members, const Seen& seen);
  Task<Result<void>> stop_surplus(Members& members, std::vector<std::string> names);
  Task<Result<void>> create_missing(const kube::Key& key, const Seen& seen, std::int32_t count);
  Task<Result<void>> create_pod(const kube::Key& key, const Seen& seen);
  Task<void> report_ends(Members& members);
  Task<void> record(kube::ObjectReference about, std::string reason, std::string note);
  Task<Result<void>> release_gone(const kube::Key& key);
  Task<Result<void>> write_statuses(Members& members);
  Task<Result<void>> write_status(const Members& members, const Seen& seen, Result<void> created);

  kube::Client& client;
  const Clock& clock;
  Executor executor;
  Log log;
  process::Metrics metrics;
  kube::EventRecorder recorder;
  kube::WorkQueue queue;
  Alarms alarms;
  base::Random random;
  std::unique_ptr<process::Pods> pods;
  std::map<kube::Key, base::Backoff> failures;
  base::TaskGroup tasks;
};

Result<std::unique_ptr<Deployments>> Deployments::make(DeploymentsOptions options,
                                                       kube::Client& client, const Clock& clock,
                                                       Executor executor, Log log,
                                                       base::metrics::Registry& registry) {
  auto state = std::make_unique<State>(client, clock, executor, log, registry);
  const auto changed = [queue = &state->queue](const kube::Key& key) { queue->add(key); };
  TRY(state->pods,
      process::Pods::make(std::move(options), clock, executor, log, state->metrics, changed));
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

std::vector<scale::hpa::PodSample> Deployments::resource_samples(
    const std::string& ns, std::span<const std::string> names) {
  std::vector<scale::hpa::PodSample> samples;
  process::Pods& pods = *state_->pods;
  for (const auto& deployment : pods.deployments()) {
    if (deployment.ns != ns) continue;
    for (const auto& [name, member] : pods.of(deployment)) {
      if (std::ranges::find(names, name) == names.end()) continue;
      if (const auto usage = pods.usage_of(member)) samples.push_back(sample_of(member, *usage));
    }
  }
  return samples;
}

Task<void> Deployments::drain(Duration grace) {
  state_->tasks.stop();
  co_await state_->tasks.join();
  co_await state_->pods->drain(grace);
}

// The whole of one Deployment: what is there, what shall be there, and only the difference is done.
// Returns when to look again by itself.
Task<Result<std::optional<Duration>>> Deployments::State::reconcile(kube::Key key) {
  CO_TRY(const Seen seen, co_await look(key));
  Members& members = pods->of(key);
  CO_TRY_VOID(co_await remove_strangers(members, seen));
  end_removed(members, seen);

  const std::int32_t replicas = seen.deployment ? seen.deployment->replicas : 0;
  const auto strategy = process::strategy_of(seen.object);
  auto plan = process::plan_rollout(replicas, strategy, views(members, seen));
  CO_TRY_VOID(co_await stop_surplus(members, std::move(plan.stop)));
  const Result<void> created = co_await create_missing(key, seen, plan.start);
  const std::optional<Duration> again = pods->start_due(key);

  co_await report_ends(members);
  CO_TRY_VOID(co_await release_gone(key));
  CO_TRY_VOID(co_await write_statuses(members));
  CO_TRY_VOID(co_await write_status(members, seen, created));
  if (!seen.deployment && members.empty()) pods->forget(key);
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
Task<Result<void>> Deployments::State::remove_strangers(const Members& members, const Seen& seen) {
  for (const auto& pod : seen.pods) {
    const auto known = members.find(pod.name);
    if (known != members.end() && known->second.life.pod().meta.uid == pod.uid) continue;
    CO_TRY_VOID(co_await take_out(pod.key()));
  }
  co_return Result<void>{};
}

// Pods that somebody removed from the API.
void Deployments::State::end_removed(Members& members, const Seen& seen) {
  for (auto& [name, member] : members) {
    const auto found = std::ranges::find(seen.pods, name, &kube::ObjectMeta::name);
    if (found == seen.pods.end() || found->deleted) pods->end(member);
  }
}

// Takes the Pod out of the API: nothing of it runs.
Task<Result<void>> Deployments::State::take_out(kube::Key pod) {
  auto freed = co_await client.patch(
      kube::pods, pod, json::Object{{"metadata", json::Object{{"finalizers", nullptr}}}});
  CO_TRY_VOID(unless_gone(without_value(freed)));
  auto removed = co_await client.remove(kube::pods, pod);
  co_return unless_gone(std::move(removed));
}

Task<Result<void>> Deployments::State::stop_surplus(Members& members,
                                                    std::vector<std::string> names) {
  for (const auto& name : names) {
    Member& member = members.at(name);
    pods->end(member);
    auto removed = co_await client.remove(kube::pods, member.life.pod().meta.key());
    CO_TRY_VOID(unless_gone(std::move(removed)));
  }
  co_return Result<void>{};
}

Task<Result<void>> Deployments::State::create_missing(const kube::Key& key, const Seen& seen,
                                                      std::int32_t count) {
  if (count == 0) co_return Result<void>{};
  auto made = process::check_runnable(seen.deployment->pod_template.spec);
  for (; made && count > 0; --count) made = co_await create_pod(key, seen);
  if (!made) {
    auto about = kube::reference_to(kube::deployments, seen.deployment->meta);
    co_await record(std::move(about), "FailedCreate", made.error().what);
  }
  co_return made;
}

Task<Result<void>> Deployments::State::create_pod(const kube::Key& key, const Seen& seen) {
  const std::string name = key.name + "-" + random.name_suffix(name_suffix_length);
  json::Value object = process::pod_from_template(seen.object, *seen.deployment, name);
  CO_TRY(const auto created, co_await client.create(kube::pods, key.ns, std::move(object)));
  CO_TRY(auto pod, kube::pod_from_json(created));
  pod.status.pod_ip = local_address;
  pod.status.host_ip = local_address;
  pods->add(key, std::move(pod), seen.template_hash);
  co_return Result<void>{};
}

Task<void> Deployments::State::report_ends(Members& members) {
  for (auto& [name, member] : members) {
    const auto ended = std::exchange(member.unreported, std::nullopt);
    if (!ended) continue;
    const bool failed = ended->how == Ended::How::not_started;
    const std::string what = process::describe(*ended);
    log.warn(failed ? "pod cannot start" : "pod ended",
             {{"pod", name}, {"reason", what}, {"log", member.log_file}});
    auto about = kube::reference_to(kube::pods, member.life.pod().meta);
    if (failed) {
      co_await record(std::move(about), "Failed", what);
    } else {
      co_await record(std::move(about), "BackOff", "restarting the container: it " + what);
    }
  }
}

Task<void> Deployments::State::record(kube::ObjectReference about, std::string reason,
                                      std::string note) {
  auto told = co_await recorder.record(std::move(about), kube::EventType::warning,
                                       std::move(reason), std::move(note));
  if (!told) log.warn("event not written", {{"error", told.error().what}});
}

// Pods whose processes have ended for good.
Task<Result<void>> Deployments::State::release_gone(const kube::Key& key) {
  std::vector<std::string> gone;
  for (const auto& [name, member] : pods->of(key)) {
    if (member.life.gone()) gone.push_back(name);
  }
  for (const auto& name : gone) {
    CO_TRY_VOID(co_await take_out({key.ns, name}));
    pods->drop(key, name);
  }
  co_return Result<void>{};
}

Task<Result<void>> Deployments::State::write_statuses(Members& members) {
  for (auto& [name, member] : members) {
    kube::PodStatus status = member.life.status();
    if (member.written == status) continue;
    auto written = co_await client.patch(kube::pods, member.life.pod().meta.key(),
                                         json::Object{{"status", kube::to_json(status)}}, "status");
    CO_TRY_VOID(unless_gone(without_value(written)));
    member.written = std::move(status);
  }
  co_return Result<void>{};
}

Task<Result<void>> Deployments::State::write_status(const Members& members, const Seen& seen,
                                                    Result<void> created) {
  if (!seen.deployment) co_return Result<void>{};
  const auto status = process::deployment_status(*seen.deployment, views(members, seen),
                                                 created ? std::string{} : created.error().what);
  if (status == seen.deployment->status) co_return Result<void>{};
  auto written = co_await client.patch(kube::deployments, seen.deployment->meta.key(),
                                       json::Object{{"status", kube::to_json(status)}}, "status");
  co_return unless_gone(without_value(written));
}

Task<void> Deployments::State::reconcile_for_ever() {
  for (;;) {
    const auto key = co_await queue.take();
    if (!key) co_return;
    const auto again = co_await reconcile(*key);
    queue.done(*key);
    plan_next(*key, again);
    // The embedded API answers without waiting: let others have their turn.
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
}

void Deployments::State::plan_next(const kube::Key& key,
                                   const Result<std::optional<Duration>>& again) {
  if (again) {
    failures.erase(key);
    if (*again) alarms.set(key, **again);
    return;
  }
  const auto failure = failures.try_emplace(key, retry_first, retry_ceiling).first;
  log.warn("deployment not reconciled",
           {{"deployment", kube::to_string(key)}, {"error", again.error().what}});
  alarms.set(key, failure->second.next());
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
    for (const auto& key : pods->deployments()) queue.add(key);
    (void)co_await base::sleep_for(watch_pause);  // ends early when stopped, which the loop sees
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
