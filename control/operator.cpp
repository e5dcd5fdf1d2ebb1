#include "control/operator.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "control/entry.h"
#include "control/external_metrics.h"
#include "control/hpa_keeper.h"
#include "control/hpa_object.h"
#include "control/metrics.h"
#include "control/status.h"
#include "kube/events.h"
#include "kube/follow.h"
#include "kube/work_queue.h"
#include "scale/decide.h"
#include "scale/explain.h"

namespace control {
namespace {

constexpr Duration last_active_grain = std::chrono::seconds(30);
constexpr Duration history_interval = std::chrono::seconds(1);
constexpr int workers = 4;

std::string_view event_reason(const scale::Decision& decision) {
  if (decision.from == 0) return "KEDAScaleTargetActivated";
  if (decision.to == 0) return "KEDAScaleTargetDeactivated";
  return "SuccessfulRescale";
}

std::vector<std::string> metric_names_of(const Entry& entry) {
  if (!entry.plan || !entry.plan->wants_hpa) return {};
  return external_metric_names(*entry.plan, entry.key);
}

// The ScaledObject that a metric's selector names.
Result<std::string> owner_named(const std::optional<scale::hpa::Selector>& selector) {
  if (selector) {
    const auto found = selector->labels.find(std::string(scaled_object_label));
    if (found != selector->labels.end()) return found->second;
  }
  return fail(Code::invalid, "the metric's selector does not name a ScaledObject by the label " +
                                 std::string(scaled_object_label));
}

}  // namespace

struct Operator::State {
  State(OperatorParts p, OperatorOptions o, Log l, base::metrics::Registry& registry)
      : parts(p),
        options(std::move(o)),
        log(std::move(l)),
        metrics(registry),
        queue(parts.loop.executor()),
        tasks(parts.loop.executor(), log),
        timer(parts.loop.executor()),
        recorder(parts.client, parts.clock, "tidewheel-operator"),
        hpas(parts.client, [this](const kube::Key& owner) { queue.add(owner); }) {
    load_history(parts.journal, pasts);
    started = parts.clock.now();
  }

  Entry* find(const kube::Key& key);
  std::optional<scale::Replicas> replicas_of(const kube::Key& target) const;

  // Caches, fed by watches.
  void object_changed(const kube::Key& key, json::Value object);
  void object_removed(const kube::Key& key);
  void workload_changed(const kube::Key& key, json::Value object);
  void workload_removed(const kube::Key& key);
  void mark_owners(const kube::Key& target);

  // One object.
  void plan(Entry& entry);
  void subscribe(Entry& entry);
  void reading_arrived(const kube::Key& key, std::size_t trigger, std::uint64_t plan_id,
                       const tsdb::Answer& answer);
  std::optional<kube::Condition> scaling_active_of(const Entry& entry) const;
  void show(const Entry& entry);
  void schedule(Entry& entry);
  scale::Outcome outcome_of(Entry& entry, const Workload& workload);
  Task<void> keep_hpa(kube::Key key);
  Task<void> reconcile(kube::Key key);
  Task<void> decide_for(kube::Key key);
  Task<void> write(kube::Key key, scale::Outcome outcome);
  Task<void> tell_faults(kube::Key key);
  Task<void> record_event(kube::Key key, kube::EventType type, std::string reason,
                          std::string note);
  Task<void> write_status(kube::Key key);
  Task<void> restore_replicas(kube::Key target, scale::Replicas replicas);

  // Tasks.
  kube::Follower objects_follower();
  kube::Follower workloads_follower();
  void listed();
  Task<void> work();
  Task<void> keep_time();
  Task<void> keep_points();
  Task<void> keep_histories();

  OperatorParts parts;
  OperatorOptions options;
  Log log;
  Metrics metrics;
  std::map<kube::Key, Entry> entries;
  std::map<kube::Key, Workload> workloads;
  std::map<kube::Key, Past> pasts;  // of an earlier run, until their objects appear
  std::set<std::pair<Timestamp, kube::Key>>
      wakes;  // when time alone may change a decision; one per object
  kube::WorkQueue queue;
  base::TaskGroup tasks;
  base::Signal timer;
  kube::EventRecorder recorder;
  HpaKeeper hpas;
  std::uint64_t next_plan = 1;
  Timestamp started;
  bool objects_listed = false;
  bool workloads_listed = false;
};

Operator::Operator(OperatorParts parts, OperatorOptions options, Log log,
                   base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(parts, std::move(options), std::move(log), metrics)) {}

Operator::~Operator() = default;

bool Operator::synced() const {
  const State& s = *state_;
  return s.objects_listed && s.workloads_listed &&
         std::ranges::all_of(s.entries, [](const auto& e) {
           return e.second.decided || !e.second.problems.empty();
         });
}

Result<scale::hpa::Milli> Operator::external_metric(
    const std::string& ns, const std::string& metric,
    const std::optional<scale::hpa::Selector>& selector) {
  State& s = *state_;
  TRY(std::string name, owner_named(selector));
  const kube::Key key{ns, std::move(name)};
  Entry* entry = s.find(key);
  if (entry == nullptr || !entry->plan) {
    return fail(Code::not_found, "there is no usable ScaledObject " + to_string(key));
  }
  const auto target = s.workloads.find(entry->plan->target);
  if (target == s.workloads.end()) return fail(Code::unavailable, "its workload does not exist");
  scale::Outcome outcome = s.outcome_of(*entry, target->second);
  auto value = external_value(*entry->plan, key, outcome.decision, metric);
  entry->spare = std::move(outcome);
  return value;
}

Task<void> Operator::run() {
  State& s = *state_;
  const auto follow = [&s](kube::Follower follower) {
    return kube::follow(s.parts.client, std::move(follower), s.log, s.metrics.watch_restarts);
  };
  s.tasks.spawn(follow(s.objects_follower()));
  s.tasks.spawn(follow(s.workloads_follower()));
  s.tasks.spawn(follow(s.hpas.follower([&s] { s.listed(); })));
  for (int i = 0; i < workers; ++i) s.tasks.spawn(s.work());
  s.tasks.spawn(s.keep_time());
  s.tasks.spawn(s.keep_points());
  s.tasks.spawn(s.keep_histories());
  while (co_await base::sleep_for(std::chrono::hours(24))) continue;
  s.tasks.stop();
  co_await s.tasks.join();
  for (auto& [key, entry] : s.entries) save_history(s.parts.journal, entry);
  s.entries.clear();  // ends the standing queries
}

Entry* Operator::State::find(const kube::Key& key) {
  const auto it = entries.find(key);
  return it == entries.end() ? nullptr : &it->second;
}

std::optional<scale::Replicas> Operator::State::replicas_of(const kube::Key& target) const {
  const auto it = workloads.find(target);
  return it == workloads.end() ? std::nullopt : std::optional(it->second.replicas);
}

// --- caches
// -----------------------------------------------------------------------------------------------------------

void Operator::State::object_changed(const kube::Key& key, json::Value object) {
  auto [it, is_new] = entries.try_emplace(key);
  Entry& entry = it->second;
  entry.key = key;
  entry.object = std::move(object);
  metrics.objects.set(static_cast<double>(entries.size()));
  if (is_new) {
    if (const auto kept = pasts.extract(key)) {
      entry.history = std::move(kept.mapped().history);
      entry.windows.restore(std::move(kept.mapped().whole));
    }
  }
  if (entry.adopts_new_spec()) plan(entry);
  queue.add(key);
}

void Operator::State::object_removed(const kube::Key& key) {
  const auto it = entries.find(key);
  if (it == entries.end()) return;
  const Entry& entry = it->second;
  if (entry.wake_at) wakes.erase({*entry.wake_at, key});
  if (entry.plan && entry.plan->restore_replicas && entry.original_replicas) {
    tasks.spawn(restore_replicas(entry.plan->target, *entry.original_replicas));
  }
  entries.erase(it);
  metrics.objects.set(static_cast<double>(entries.size()));
  forget_history(parts.journal, key);
  parts.board.remove(key);
}

void Operator::State::workload_changed(const kube::Key& key, json::Value object) {
  const Workload now = read_workload(object);
  auto [it, is_new] = workloads.try_emplace(key);
  if (!is_new && it->second == now) return;
  it->second = now;
  mark_owners(key);
}

void Operator::State::workload_removed(const kube::Key& key) {
  workloads.erase(key);
  mark_owners(key);
}

void Operator::State::mark_owners(const kube::Key& target) {
  for (const auto& [key, entry] : entries) {
    if (entry.plan && entry.plan->target == target) queue.add(key);
  }
}

// --- one object
// -------------------------------------------------------------------------------------------------------

void Operator::State::plan(Entry& entry) {
  entry.subscriptions.clear();
  entry.problems.clear();
  const auto before = std::exchange(entry.plan, std::nullopt);
  entry.plan_id = next_plan++;
  entry.faults = {};
  auto object = kube::scaled_object_from_json(entry.object);
  if (!object) {
    entry.problems.push_back({"spec", object.error().what});
    return;
  }
  Compiled compiled = compile(*object, {options.own_scaler_addresses, options.default_engine});
  entry.problems = std::move(compiled.problems);
  for (const Problem& warning : compiled.warnings) {
    log.warn(
        "check this",
        {{"object", to_string(entry.key)}, {"field", warning.field}, {"what", warning.message}});
  }
  for (const Problem& problem : entry.problems) {
    log.error(
        "an object cannot be used",
        {{"object", to_string(entry.key)}, {"field", problem.field}, {"what", problem.message}});
  }
  entry.plan = std::move(compiled.plan);
  entry.reference = kube::reference_to(kube::scaled_objects, object->meta);
  entry.uid = object->meta.uid;
  entry.hpa = nullptr;
  entry.original_replicas = object->status.original_replica_count;
  entry.created = object->meta.created.value_or(parts.clock.now());
  if (!entry.plan) return;
  if (entry.plan->wants_hpa) entry.hpa = hpa_object(*object, entry.object, *entry.plan);
  entry.keep_held_of_equal_triggers(before);
  entry.readings.assign(entry.plan->spec.triggers.size(), {});
  subscribe(entry);
}

void Operator::State::subscribe(Entry& entry) {
  entry.windows.put(entry.plan->triggers,
                    {.since = started,
                     .retention = options.retention,
                     .as_of = options.store_as_of,
                     .to_all = options.keeps_all_metrics},
                    parts.clock.now());
  for (std::size_t i = 0; i < entry.plan->triggers.size(); ++i) {
    const auto report = [this, key = entry.key, i, id = entry.plan_id](const tsdb::Answer& answer) {
      reading_arrived(key, i, id, answer);
    };
    entry.subscriptions.push_back(
        parts.gateway.subscribe(entry.plan->triggers[i].question, parts.loop, report));
  }
}

void Operator::State::reading_arrived(const kube::Key& key, std::size_t trigger,
                                      std::uint64_t plan_id, const tsdb::Answer& answer) {
  Entry* entry = find(key);
  if (entry == nullptr || entry->plan_id != plan_id) return;
  entry->readings[trigger] = scalers::kedify_otel::read(entry->plan->triggers[trigger], answer);
  queue.add(key);
}

scale::Outcome Operator::State::outcome_of(Entry& entry, const Workload& target) {
  const scale::Workload workload{
      .replicas = target.replicas, .object_created = entry.created, .ready = target.ready};
  entry.windows.mark(entry.readings, parts.clock.now());
  return scale::decide(entry.plan->spec, entry.readings, workload, entry.history, parts.clock.now(),
                       std::exchange(entry.spare, {}));
}

// The HPA of engine hpa is there and as it should be, and no other one of this object.
Task<void> Operator::State::keep_hpa(kube::Key key) {
  Entry* entry = find(key);
  if (entry == nullptr || !entry->plan || !hpas.listed()) co_return;
  const HpaOwner owner{.key = key, .uid = entry->uid, .takes_over = entry->plan->takes_over_hpa};
  const std::uint64_t plan_id = entry->plan_id;
  const bool wanted = entry->plan->wants_hpa;
  const json::Value object = entry->hpa;
  auto kept = co_await hpas.remove_others(owner, wanted ? entry->plan->hpa_name : std::string());
  if (kept && wanted) kept = co_await hpas.keep(owner, object);
  entry = find(key);
  if (entry == nullptr || entry->plan_id != plan_id) co_return;
  const std::string error = kept ? std::string() : kept.error().what;
  if (!kept) {
    if (entry->hpa_error != error)
      log.error("no HPA", {{"object", to_string(key)}, {"error", error}});
    entry->retry_at = parts.clock.now() + entry->backoff.next();
    schedule(*entry);
  } else if (!entry->hpa_error.empty()) {
    entry->backoff.reset();
  }
  entry->hpa_error = error;
}

Task<void> Operator::State::reconcile(kube::Key key) {
  // A retry whose time has come is this one.
  Entry* entry = find(key);
  if (entry != nullptr && entry->retry_at && *entry->retry_at <= parts.clock.now())
    entry->retry_at.reset();
  co_await keep_hpa(key);
  co_await decide_for(key);
  co_await tell_faults(std::move(key));
}

Task<void> Operator::State::decide_for(kube::Key key) {
  Entry* entry = find(key);
  if (entry == nullptr) co_return;
  if (!entry->plan) {
    show(*entry);
    co_return co_await write_status(key);
  }
  const auto replicas = replicas_of(entry->plan->target);
  entry->missing_target = workloads_listed && !replicas;
  if (!replicas) {
    show(*entry);
    co_return co_await write_status(key);
  }
  if (!entry->original_replicas) entry->original_replicas = *replicas;
  scale::Outcome outcome = outcome_of(*entry, workloads[entry->plan->target]);
  metrics.decisions.add();
  entry->decided = true;
  entry->untold = entry->faults.see(entry->plan->spec, outcome.decision);
  const bool advisory = entry->plan->engine == advisory_engine;
  if (outcome.decision.to != *replicas && !advisory) {
    co_return co_await write(std::move(key), std::move(outcome));
  }
  if (advisory) scale::forget_change(entry->history, outcome.next);
  entry->forget_write_error();  // nothing is to be written, so nothing is to be tried again
  entry->adopt(std::move(outcome));
  scale::tell(*entry->decision, entry->plan->spec);
  entry->history_changed = true;
  schedule(*entry);
  show(*entry);
  parts.board.record(key, *entry->decision);
  co_await write_status(std::move(key));
}

Task<void> Operator::State::write(kube::Key key, scale::Outcome outcome) {
  Entry* entry = find(key);
  const kube::Key target = entry->plan->target;
  const scale::Replicas to = outcome.decision.to;
  const std::uint64_t plan_id = entry->plan_id;
  auto written = co_await parts.client.set_replicas(kube::deployments, target, to);
  entry = find(key);
  if (entry == nullptr || entry->plan_id != plan_id) co_return;
  if (!written) {
    // The history stays as it was: what was not written did not happen.
    metrics.write_errors.add();
    if (entry->write_error != written.error().what) {
      log.error(
          "cannot scale",
          {{"object", to_string(key)}, {"target", target.name}, {"error", written.error().what}});
    }
    entry->write_error = written.error().what;
    entry->retry_at = parts.clock.now() + entry->backoff.next();
    entry->decision = std::move(outcome.decision);
    schedule(*entry);
    show(*entry);
    co_return co_await write_status(std::move(key));
  }
  metrics.writes.add();
  entry->forget_write_error();
  workloads[target].replicas = to;
  entry->adopt(std::move(outcome));
  scale::tell(*entry->decision, entry->plan->spec);
  save_history(parts.journal, *entry);
  schedule(*entry);
  show(*entry);
  parts.board.record(key, *entry->decision);
  const scale::Decision decision = *entry->decision;
  log.info("scaled", {{"object", to_string(key)},
                      {"from", decision.from},
                      {"to", to},
                      {"reason", decision.reason}});
  auto note = "Scaled apps/v1.Deployment " + to_string(target) + " from " +
              std::to_string(decision.from) + " to " + std::to_string(to) + ": " + decision.reason;
  co_await record_event(key, kube::EventType::normal, std::string(event_reason(decision)),
                        std::move(note));
  co_await write_status(std::move(key));
}

// What a decision met, after what it did.
Task<void> Operator::State::tell_faults(kube::Key key) {
  Entry* entry = find(key);
  if (entry == nullptr) co_return;
  for (SourceFault& fault : std::exchange(entry->untold, {})) {
    co_await record_event(key, kube::EventType::warning, std::string(fault.reason),
                          std::move(fault.note));
  }
}

Task<void> Operator::State::record_event(kube::Key key, kube::EventType type, std::string reason,
                                         std::string note) {
  const Entry* entry = find(key);
  if (entry == nullptr) co_return;
  auto recorded =
      co_await recorder.record(entry->reference, type, std::move(reason), std::move(note));
  if (!recorded)
    log.warn("cannot record an event",
             {{"object", to_string(key)}, {"error", recorded.error().what}});
}

Task<void> Operator::State::write_status(kube::Key key) {
  const Entry* entry = find(key);
  if (entry == nullptr) co_return;
  std::vector<Problem> problems = entry->all_problems();
  json::Value patch =
      status_patch({.plan = entry->plan ? &*entry->plan : nullptr,
                    .problems = &problems,
                    .decision = entry->decision && entry->plan ? &*entry->decision : nullptr,
                    .last_active = entry->history.last_active,
                    .original_replicas = entry->original_replicas,
                    .write_error = entry->write_error,
                    .hpa_error = entry->hpa_error,
                    .metric_names = metric_names_of(*entry),
                    .scaling_active = scaling_active_of(*entry)});
  if (!changes(entry->object, patch, last_active_grain)) co_return;
  auto patched = co_await parts.client.patch(kube::scaled_objects, key, std::move(patch), "status");
  if (!patched && patched.error().code != Code::not_found) {
    log.warn("cannot write a status",
             {{"object", to_string(key)}, {"error", patched.error().what}});
  }
}

std::optional<kube::Condition> Operator::State::scaling_active_of(const Entry& entry) const {
  if (!entry.plan || !entry.plan->wants_hpa) return std::nullopt;
  return hpas.scaling_active({entry.key.ns, entry.plan->hpa_name});
}

Task<void> Operator::State::restore_replicas(kube::Key target, scale::Replicas replicas) {
  auto written = co_await parts.client.set_replicas(kube::deployments, target, replicas);
  if (!written && written.error().code != Code::not_found) {
    log.warn("cannot restore replicas",
             {{"target", to_string(target)}, {"error", written.error().what}});
  }
}

void Operator::State::show(const Entry& entry) {
  const Workload* workload = nullptr;
  if (entry.plan) {
    const auto it = workloads.find(entry.plan->target);
    if (it != workloads.end()) workload = &it->second;
  }
  parts.board.put(view_of(entry, workload));
}

void Operator::State::schedule(Entry& entry) {
  std::optional<Timestamp> at = entry.decision ? entry.decision->again_at : std::nullopt;
  for (const auto& other : {entry.retry_at, entry.windows.next_fill(parts.clock.now())}) {
    if (other) at = std::min(at.value_or(*other), *other);
  }
  if (at == entry.wake_at) return;
  if (entry.wake_at) wakes.erase({*entry.wake_at, entry.key});
  entry.wake_at = at;
  if (!at) return;
  const auto it = wakes.insert({*at, entry.key}).first;
  if (it == wakes.begin()) timer.notify();
}

// --- tasks
// ------------------------------------------------------------------------------------------------------------

kube::Follower Operator::State::objects_follower() {
  return {
      .resource = kube::scaled_objects,
      .changed = [this](kube::Key key, json::Value o) { object_changed(key, std::move(o)); },
      .removed = [this](const kube::Key& key) { object_removed(key); },
      .known = [this] { return keys_of(entries); },
      .listed =
          [this] {
            objects_listed = true;
            // What the board restored of objects that were deleted while nobody watched goes now.
            parts.board.retain([this](const kube::Key& key) { return entries.contains(key); });
            listed();
          },
  };
}

kube::Follower Operator::State::workloads_follower() {
  return {
      .resource = kube::deployments,
      .changed = [this](kube::Key key, json::Value o) { workload_changed(key, std::move(o)); },
      .removed = [this](const kube::Key& key) { workload_removed(key); },
      .known = [this] { return keys_of(workloads); },
      .listed =
          [this] {
            workloads_listed = true;
            listed();
          },
  };
}

void Operator::State::listed() {
  for (const auto& [key, entry] : entries) queue.add(key);
}

Task<void> Operator::State::work() {
  std::size_t in_a_row = 0;
  for (;;) {
    auto key = co_await queue.take();
    if (!key) co_return;
    co_await reconcile(*key);
    queue.done(*key);
    if (++in_a_row % options.decisions_per_turn_max != 0) continue;
    // Other work of the loop gets its turn.
    co_await boost::asio::post(parts.loop.executor(), boost::asio::use_awaitable);
  }
}

Task<void> Operator::State::keep_time() {
  for (;;) {
    const Timestamp now = parts.clock.now();
    while (!wakes.empty() && wakes.begin()->first <= now) {
      const kube::Key key = wakes.begin()->second;
      wakes.erase(wakes.begin());
      if (Entry* entry = find(key)) entry->wake_at.reset();
      queue.add(key);
    }
    const Duration wait =
        wakes.empty() ? Duration(std::chrono::hours(1)) : wakes.begin()->first - now;
    auto woken = co_await timer.wait_for(std::max(wait, Duration(std::chrono::milliseconds(1))));
    if (!woken && woken.error().code == Code::cancelled) co_return;
  }
}

Task<void> Operator::State::keep_points() {
  while (co_await base::sleep_for(options.point_interval)) {
    for (const auto& [key, entry] : entries) {
      if (!entry.plan) continue;
      const auto replicas = replicas_of(entry.plan->target).value_or(0);
      for (std::size_t i = 0; i < entry.readings.size(); ++i) {
        parts.board.add_point(key, i,
                              {.at = parts.clock.now(),
                               .state = entry.readings[i].state,
                               .value = entry.readings[i].value,
                               .target = entry.plan->spec.triggers[i].target,
                               .replicas = replicas});
      }
    }
  }
}

// A decision that changes nothing need not reach the disk at once; one that scales does.
Task<void> Operator::State::keep_histories() {
  while (co_await base::sleep_for(history_interval)) {
    for (auto& [key, entry] : entries) {
      if (std::exchange(entry.history_changed, false)) save_history(parts.journal, entry);
    }
  }
}

}  // namespace control
