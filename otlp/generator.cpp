#include "otlp/generator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>

#include "base/backoff.h"
#include "otlp/latencies.h"
#include "otlp/sender.h"

namespace otlp {
namespace {

constexpr Duration retry_first = std::chrono::milliseconds(50);
constexpr Duration retry_ceiling = std::chrono::seconds(5);
constexpr int small_connections = 200;

std::vector<Attribute> to_attributes(const std::vector<tsdb::Label>& labels) {
  std::vector<Attribute> attributes;
  for (const auto& [name, value] : labels) attributes.push_back({name, {value}});
  return attributes;
}

// `sender` tells several connections apart; a single one sends just the attributes asked for.
Request single_request(const GeneratorOptions& options, std::optional<int> sender) {
  const bool is_sum = options.kind == tsdb::Kind::sum;
  DataPoint point{
      .start_ns = 1, .time_ns = 1, .value = 0.0, .attributes = to_attributes(options.attributes)};
  if (sender) point.attributes.push_back({"sender", {std::int64_t{*sender}}});
  const Metric metric{.name = options.metric,
                      .type = is_sum ? MetricType::sum : MetricType::gauge,
                      .temporality = tsdb::Temporality::cumulative,
                      .monotonic = is_sum,
                      .points = {point}};
  const ScopeMetrics scope{.name = "tidewheel.generate", .version = "1", .metrics = {metric}};
  return {{{.attributes = to_attributes(options.resource), .scopes = {scope}}}};
}

int connections_of(const GeneratorOptions& options) {
  if (options.connections > 0) return options.connections;
  return options.shape == LoadShape::small ? small_connections : 1;
}

Request request_of(const GeneratorOptions& options, int sender) {
  switch (options.shape) {
    case LoadShape::bulk:
      return bulk_request(sender);
    case LoadShape::small:
      return small_request(sender);
    case LoadShape::single:
      break;
  }
  if (connections_of(options) == 1) return single_request(options, std::nullopt);
  return single_request(options, sender);
}

// Whether sending the same once more would change nothing.
bool is_lasting(Code code) {
  constexpr std::array lasting = {Code::invalid,       Code::not_found,       Code::denied,
                                  Code::unimplemented, Code::unauthenticated, Code::bad_data};
  return std::ranges::find(lasting, code) != lasting.end();
}

// What the connections of one generate() share. Confined to its loop.
struct Run {
  Run(GeneratorOptions o, const Clock& c, Executor executor)
      : options(std::move(o)), clock(c), ended(std::move(executor)) {}

  // Everything is prepared, and the time runs.
  void start() {
    started = clock.steady();
    started_wall = clock.now();
  }
  Duration elapsed() const { return clock.steady() - started; }
  bool out_of_time() const { return options.duration.count() > 0 && elapsed() >= options.duration; }
  // Takes one of the requests that are still to be sent.
  bool claim() {
    if (refusal || out_of_time() || (options.requests > 0 && claimed >= options.requests))
      return false;
    ++claimed;
    return true;
  }
  void note_error(const Error& error) {
    if (error.code == Code::cancelled) return;  // we were stopped; nothing went wrong
    ++report.errors;
    report.last_error = error.what;
    if (report.requests == 0 && is_lasting(error.code)) refusal = error;
  }
  GeneratorReport finished();

  const GeneratorOptions options;
  const Clock& clock;
  Instant started;
  Timestamp started_wall;
  std::uint64_t claimed = 0;
  int running = 0;  // connections
  base::Signal ended;
  std::optional<Error> refusal;  // of the first request, and so of all others
  Latencies latencies;
  GeneratorReport report;
};

GeneratorReport Run::finished() {
  report.elapsed = elapsed();
  report.latency_p50 = latencies.quantile(0.5);
  report.latency_p99 = latencies.quantile(0.99);
  return report;
}

// One connection and its prepared requests. The run outlives it. Confined to its loop.
class Connection {
 public:
  Connection(Run& run, int index) : run_(run) {
    const int senders = run.options.senders;
    for (int i = 0; i < senders; ++i)
      workloads_.emplace_back(request_of(run.options, index * senders + i));
  }

  // Errors: unavailable, timeout, cancelled.
  Task<Result<void>> open() {
    const GeneratorOptions& options = run_.options;
    CO_TRY(sender_, co_await open_sender(options.target, options.headers, options.protocol,
                                         options.timeout));
    co_return Result<void>{};
  }

  Task<void> run() {
    Instant next = run_.started;
    while (!co_await base::stopping() && run_.claim()) {
      const auto sent = co_await send_once();
      if (sent) {
        retry_.reset();
      } else {
        run_.note_error(sent.error());
        co_await close();
      }
      next += run_.options.interval;
      next = std::max(next, run_.clock.steady());
      const Duration wait = sent ? next - run_.clock.steady() : retry_.next();
      if (!co_await pause(wait)) break;
    }
    co_await close();
    --run_.running;
    run_.ended.notify();
  }

  Task<void> close() {
    if (sender_) co_await sender_->close();
    sender_.reset();
  }

 private:
  Task<Result<void>> send_once() {
    if (!sender_) CO_TRY_VOID(co_await open());
    Workload& workload = workloads_[turn_++ % workloads_.size()];
    advance(workload);
    const Instant before = run_.clock.steady();
    CO_TRY(const std::string answer, co_await sender_->send(workload.bytes()));
    run_.latencies.add(run_.clock.steady() - before);
    CO_TRY(const std::uint64_t rejected, rejected_points(answer));
    ++run_.report.requests;
    run_.report.points += workload.points();
    run_.report.rejected += rejected;
    run_.report.bytes += workload.bytes().size();
    co_return Result<void>{};
  }

  void advance(Workload& workload) {
    const Duration elapsed = run_.elapsed();
    const double value = profile_value(run_.options.value, elapsed);
    const double since_last = base::seconds(elapsed - std::exchange(advanced_, elapsed));
    const bool is_sum = run_.options.kind == tsdb::Kind::sum;
    const bool is_single = run_.options.shape == LoadShape::single;
    const double step = !is_single ? 1 : is_sum ? value * since_last : value;
    workload.advance(run_.started_wall, run_.clock.now(), step);
  }

  // Waits, but not past the end of the run. False when the task is to stop.
  Task<bool> pause(Duration wait) {
    const Duration limit = run_.options.duration;
    if (limit.count() > 0) wait = std::min(wait, limit - run_.elapsed());
    if (wait.count() <= 0) co_return true;
    const auto slept = co_await base::sleep_for(wait);
    co_return slept.has_value();
  }

  Run& run_;
  std::vector<Workload> workloads_;
  std::size_t turn_ = 0;
  std::unique_ptr<Sender> sender_;
  base::Backoff retry_{retry_first, retry_ceiling};
  Duration advanced_{0};  // elapsed time of the request before
};

// Waits until every connection has ended; when we are stopped or refused, stops them.
Task<void> await_all(Run& run, base::TaskGroup& group) {
  while (run.running > 0 && !run.refusal) {
    const auto ended = co_await run.ended.wait();
    if (!ended) break;
  }
  group.stop();
  co_await group.join();
}

Result<void> check_number(std::string_view field, double number) {
  if (std::isfinite(number)) return {};
  return fail(Code::invalid, std::string(field) + ": must be a finite number");
}

Result<void> check_duration(std::string_view field, Duration d) {
  if (d.count() >= 0) return {};
  return fail(Code::invalid, std::string(field) + ": must not be negative");
}

}  // namespace

Result<void> check(const GeneratorOptions& options) {
  if (options.connections < 0 || options.connections > generator_connections_max) {
    return fail(Code::invalid, "connections: must be 0 to 10000");
  }
  if (options.senders < 1 ||
      options.senders > generator_senders_max / std::max(connections_of(options), 1)) {
    return fail(Code::invalid, "senders: must be 1 to 10000 over all connections");
  }
  if (options.shape == LoadShape::single && options.senders > 1) {
    return fail(Code::invalid, "senders: only of the shapes bulk and small");
  }
  if (options.shape == LoadShape::single && options.metric.empty()) {
    return fail(Code::invalid, "metric: must not be empty");
  }
  TRY_VOID(check_number("min", options.value.min));
  TRY_VOID(check_number("max", options.value.max));
  if (options.value.max < options.value.min) {
    return fail(Code::invalid, "max: must not be less than min");
  }
  TRY_VOID(check_duration("period", options.value.period));
  TRY_VOID(check_duration("interval", options.interval));
  return check_duration("duration", options.duration);
}

Task<Result<GeneratorReport>> generate(GeneratorOptions options, const Clock& clock) {
  CO_TRY_VOID(check(options));
  const Executor executor = co_await base::task_detail::current_executor();
  const int count = connections_of(options);
  Run run(std::move(options), clock, executor);

  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < count; ++i) connections.push_back(std::make_unique<Connection>(run, i));
  run.start();
  CO_TRY_VOID(co_await connections.front()->open());

  base::TaskGroup group(executor, Log{});
  run.running = count;
  for (const auto& connection : connections) group.spawn(connection->run());
  co_await await_all(run, group);
  if (run.refusal && run.report.requests == 0) co_return std::unexpected(*run.refusal);
  co_return run.finished();
}

}  // namespace otlp
