#include "cluster/autoscalers.h"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <map>
#include <set>
#include <utility>

#include "base/random.h"
#include "cluster/alarms.h"
#include "cluster/autoscaling/metrics.h"
#include "cluster/autoscaling/observe.h"
#include "cluster/autoscaling/scale_target.h"
#include "kube/events.h"
#include "kube/follow.h"
#include "kube/work_queue.h"
#include "scale/hpa/spec_json.h"
#include "scale/hpa/status_json.h"

namespace cluster {
namespace {

namespace hpa = scale::hpa;
using autoscaling::ScaleTarget;

constexpr std::string_view component = "horizontal-pod-autoscaler";

// What is remembered of one HPA between passes.
struct Memory {
  std::string uid;
  std::int64_t generation = 0;
  std::optional<kube::LabelSelector> selector;  // of its target, as last seen
  hpa::History history;
  std::string told;  // the failure that the log has heard of
};

// An HPA and all that one pass sees of the world.
struct Sight {
  json::Value object;
  kube::ObjectMeta meta;
  hpa::Spec spec;
  hpa::Status status;  // as stored
  std::expected<ScaleTarget, hpa::ScaleError> target;
  hpa::PodSelector selector;
  hpa::Observations observed;
};

std::expected<hpa::Scale, hpa::ScaleError> scale_of(const Sight& sight) {
  if (!sight.target) return std::unexpected(sight.target.error());
  return sight.target->counts;
}

std::string action_of(const Sight& sight, const hpa::Pass& pass) {
  if (!pass.write) return "none";
  return *pass.write > sight.target->counts.spec ? "scale_up" : "scale_down";
}

// Without a scale the metrics were not looked at: what is stored of them stands, also when the
// specification has changed since.
void keep_metrics(const json::Value* stored, json::Value& fresh) {
  json::Object& status = fresh.get_object();
  status.erase("currentMetrics");
  const json::Value* kept = stored ? json::find(*stored, "currentMetrics") : nullptr;
  if (kept) status["currentMetrics"] = *kept;
}

kube::EventType event_type(hpa::Event::Type type) {
  return type == hpa::Event::Type::normal ? kube::EventType::normal : kube::EventType::warning;
}

}  // namespace

struct Autoscalers::State {
  State(AutoscalersOptions o, kube::Client& c, const Clock& k, Executor e,
        autoscaling::MetricSources s, Log l, base::metrics::Registry& registry)
      : options(o),
        client(c),
        clock(k),
        executor(e),
        sources(std::move(s)),
        log(std::move(l)),
        metrics(registry),
        recorder(client, clock, std::string(component)),
        queue(executor),
        alarms(queue, clock, executor),
        tasks(executor, log) {}

  // What the watch says.
  kube::Follower follower();
  void changed(const kube::Key& key, const json::Value& object);
  void removed(const kube::Key& key);

  // One pass.
  Task<void> pass(kube::Key key);
  Task<Result<Sight>> look(kube::Key key);
  Task<Result<void>> look_at_pods(Sight& sight);
  hpa::PodSelector ambiguity(const kube::Key& key, const std::vector<kube::TextMap>& labels) const;
  Task<void> tell(const Sight& sight, std::vector<hpa::Event> events);
  Task<void> write_status(Sight sight, hpa::Status status);
  void report(const Sight& sight, const hpa::Pass& pass, Memory& memory);

  Task<void> pass_for_ever();

  AutoscalersOptions options;
  kube::Client& client;
  const Clock& clock;
  Executor executor;
  autoscaling::MetricSources sources;
  Log log;
  autoscaling::Metrics metrics;
  kube::EventRecorder recorder;
  kube::WorkQueue queue;
  Alarms alarms;
  base::Random random;
  std::map<kube::Key, Memory> memories;
  base::TaskGroup tasks;
};

Autoscalers::Autoscalers(AutoscalersOptions options, kube::Client& client, const Clock& clock,
                         Executor executor, autoscaling::MetricSources sources, Log log,
                         base::metrics::Registry& registry)
    : state_(std::make_unique<State>(options, client, clock, std::move(executor),
                                     std::move(sources), std::move(log), registry)) {}

Autoscalers::~Autoscalers() = default;

Task<void> Autoscalers::run() {
  State& s = *state_;
  s.tasks.spawn(kube::follow(s.client, s.follower(), s.log, s.metrics.watch_restarts));
  s.tasks.spawn(s.alarms.run());
  s.tasks.spawn(s.pass_for_ever());
  while (co_await base::sleep_for(std::chrono::hours(24))) continue;
  s.tasks.stop();
  co_await s.tasks.join();
}

void Autoscalers::look_at_clock() {
  state_->alarms.look();
}

bool Autoscalers::idle() const {
  return state_->queue.idle();
}

// --- what the watch says

kube::Follower Autoscalers::State::follower() {
  return {.resource = kube::horizontal_pod_autoscalers,
          .changed = [this](const kube::Key& key, const json::Value& o) { changed(key, o); },
          .removed = [this](const kube::Key& key) { removed(key); },
          .known =
              [this] {
                std::set<kube::Key> keys;
                for (const auto& [key, memory] : memories) keys.insert(key);
                return keys;
              },
          .listed = [] {}};
}

void Autoscalers::State::changed(const kube::Key& key, const json::Value& object) {
  const auto meta = kube::meta_from_json(object);
  if (!meta) return log.warn("an HPA cannot be read", {{"error", meta.error().what}});
  const auto [it, is_new] = memories.try_emplace(key);
  Memory& memory = it->second;
  // Another object of the same name: the one before was removed while nobody watched.
  if (memory.uid != meta->uid) memory = {.uid = meta->uid};
  metrics.autoscalers.set(static_cast<double>(memories.size()));
  if (memory.generation == meta->generation) return;
  memory.generation = meta->generation;
  queue.add(key);
}

void Autoscalers::State::removed(const kube::Key& key) {
  memories.erase(key);
  alarms.drop(key);
  metrics.autoscalers.set(static_cast<double>(memories.size()));
}

// --- one pass

Task<void> Autoscalers::State::pass(kube::Key key) {
  auto looked = co_await look(key);
  auto found = memories.find(key);
  if (found == memories.end()) co_return;
  if (!looked) {
    if (looked.error().code == Code::not_found) co_return;  // the watch will say so
    log.warn("an HPA cannot be evaluated",
             {{"hpa", to_string(key)}, {"error", looked.error().what}});
    co_return;
  }
  Sight sight = *std::move(looked);
  const hpa::PassInput input{.spec = sight.spec,
                             .scale = scale_of(sight),
                             .selector = sight.selector,
                             .observed = sight.observed,
                             .config = options.config,
                             .gates = options.gates,
                             .now = clock.now(),
                             .generation = sight.meta.generation};
  auto pass = hpa::reconcile(input, {sight.status, found->second.history});
  if (pass.write) {
    auto error =
        co_await autoscaling::write_replicas(client, *sight.target, *pass.write, random.unit());
    pass = hpa::written(input, std::move(pass), std::move(error));
  }
  // It may have been removed, and even made anew, meanwhile.
  found = memories.find(key);
  if (found != memories.end() && found->second.uid == sight.meta.uid) {
    found->second.history = std::move(pass.next.history);
    report(sight, pass, found->second);
  }
  co_await tell(sight, std::move(pass.events));
  co_await write_status(std::move(sight), std::move(pass.next.status));
}

Task<Result<Sight>> Autoscalers::State::look(kube::Key key) {
  Sight sight;
  CO_TRY(sight.object, co_await client.get(kube::horizontal_pod_autoscalers, key));
  CO_TRY(sight.meta, kube::meta_from_json(sight.object));
  const json::Value* spec = json::find(sight.object, "spec");
  CO_TRY(sight.spec, hpa::spec_from_json(spec ? *spec : json::Value()));
  // A status that nobody can read is written anew.
  const json::Value* status = json::find(sight.object, "status");
  sight.status = hpa::status_from_json(status ? *status : json::Value()).value_or(hpa::Status{});
  sight.target = co_await autoscaling::read_target(client, sight.spec.target, key.ns);
  if (!sight.target) co_return sight;
  const auto way =
      hpa::route(sight.spec, sight.target->counts, sight.status.conditions, options.gates);
  if (way == hpa::Route::by_metrics) CO_TRY_VOID(co_await look_at_pods(sight));
  co_return sight;
}

Task<Result<void>> Autoscalers::State::look_at_pods(Sight& sight) {
  using enum hpa::PodSelector::State;
  const std::string& text = sight.target->selector;
  if (text.empty()) {
    sight.selector = {.state = missing};
    co_return Result<void>{};
  }
  auto selector = kube::LabelSelector::parse(text);
  if (!selector) {
    sight.selector = {.state = unparsable, .detail = selector.error().what};
    co_return Result<void>{};
  }
  const kube::Key key = sight.meta.key();
  if (const auto found = memories.find(key); found != memories.end()) {
    found->second.selector = *selector;
  }
  CO_TRY(auto selected, co_await autoscaling::select_pods(client, key.ns, *std::move(selector)));
  sight.selector = ambiguity(key, selected.labels);
  if (sight.selector.state == usable) {
    sight.observed = autoscaling::observe(sight.spec, key.ns, std::move(selected.pods), sources);
  }
  co_return Result<void>{};
}

// Which HPAs of the namespace list any of these pods; known are those that have had a pass.
hpa::PodSelector Autoscalers::State::ambiguity(const kube::Key& key,
                                               const std::vector<kube::TextMap>& labels) const {
  std::string names;
  bool others = false;
  for (auto it = memories.lower_bound({key.ns, ""}); it != memories.end() && it->first.ns == key.ns;
       ++it) {
    const auto& selector = it->second.selector;
    const bool lists = selector && std::ranges::any_of(labels, [&](const kube::TextMap& of_pod) {
                         return selector->matches(of_pod);
                       });
    if (!lists) continue;
    others = others || it->first != key;
    names += (names.empty() ? "" : ", ") + to_string(it->first);
  }
  if (!others) return {};
  return {.state = hpa::PodSelector::State::ambiguous, .detail = std::move(names)};
}

Task<void> Autoscalers::State::tell(const Sight& sight, std::vector<hpa::Event> events) {
  const auto about = kube::reference_to(kube::horizontal_pod_autoscalers, sight.meta);
  for (hpa::Event& event : events) {
    auto told = co_await recorder.record(about, event_type(event.type), std::move(event.reason),
                                         std::move(event.message));
    if (!told) log.warn("event not written", {{"error", told.error().what}});
  }
}

Task<void> Autoscalers::State::write_status(Sight sight, hpa::Status status) {
  const json::Value* stored = json::find(sight.object, "status");
  json::Value fresh = hpa::to_json(status, sight.spec);
  if (!sight.target) keep_metrics(stored, fresh);
  if (stored && *stored == fresh) co_return;
  sight.object.get_object()["status"] = std::move(fresh);
  auto written = co_await client.update(kube::horizontal_pod_autoscalers, sight.meta.key(),
                                        sight.object, "status");
  if (written || written.error().code == Code::not_found) co_return;
  std::vector<hpa::Event> events{{.reason = "FailedUpdateStatus", .message = written.error().what}};
  co_await tell(sight, std::move(events));
}

void Autoscalers::State::report(const Sight& sight, const hpa::Pass& pass, Memory& memory) {
  metrics.reconciliations(action_of(sight, pass), std::string(to_string(pass.error))).add();
  if (pass.error_text != memory.told) {
    memory.told = pass.error_text;
    if (!memory.told.empty()) {
      log.warn("an HPA failed", {{"hpa", to_string(sight.meta.key())}, {"error", memory.told}});
    }
  }
  if (!pass.write || pass.next.status.desired != *pass.write) return;
  log.info("scaled", {{"hpa", to_string(sight.meta.key())},
                      {"from", sight.target->counts.spec},
                      {"to", *pass.write},
                      {"reason", pass.reason}});
}

Task<void> Autoscalers::State::pass_for_ever() {
  for (;;) {
    const auto key = co_await queue.take();
    if (!key) co_return;
    co_await pass(*key);
    queue.done(*key);
    if (memories.contains(*key)) alarms.set(*key, options.sync_period);
    // The embedded API answers without waiting: let others have their turn.
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
  }
}

}  // namespace cluster
