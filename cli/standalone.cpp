#include "cli/standalone.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "cli/command.h"

namespace cli {
namespace {

constexpr Duration file_check_interval = std::chrono::seconds(1);
constexpr std::string_view bind_default = "127.0.0.1";
constexpr std::string_view data_default = "tidewheel-data";
constexpr std::string_view snapshot_default = "series.snapshot";  // in the data folder

Options with_defaults(Options options) {
  if (options.bind.empty()) options.bind = bind_default;
  if (options.data.empty()) options.data = data_default;
  if (options.snapshot_file.empty())
    options.snapshot_file = std::filesystem::path(options.data) / snapshot_default;
  return options;
}

void print_error(std::string_view line) {
  fmt::print(stderr, "tidewheel: {}\n", line);
}

}  // namespace

Standalone::Standalone(StandaloneOptions options, StandaloneHooks hooks)
    : options_(with_defaults(std::move(options.settings))),
      workload_env_(std::move(options.workload_env)),
      data_(options_.data),
      hooks_(std::move(hooks)),
      log_(Log::make(options_.log_level, options_.log_format)),
      manifests_(std::move(options.paths), options_.own_scaler_addresses),
      operator_tasks_(loop_.executor(), log_),
      tasks_(loop_.executor(), log_) {}

Standalone::~Standalone() = default;

int Standalone::run() {
  if (const auto problems = manifests_.read(); !problems.empty()) {
    for (const std::string& problem : problems) print_error(problem);
    return 1;
  }
  const auto opened = open();
  if (!opened) {
    print_error(opened.error().what);
    status_ = 1;
    ask_to_stop();
  }
  const Interrupts interrupts(loop_, [this] { ask_to_stop(); }, [this] { reload_all(); });
  if (opened) tasks_.spawn(begin());
  loop_.run();
  tasks_.stop();
  while (tasks_.size() > 0) loop_.poll();
  return status_;
}

// Everything at the start that the world can refuse. Nothing runs yet but the ingest thread.
Result<void> Standalone::open() {
  TRY(journal_, storage::Journal::open(data_, log_.with("journal"), metrics_));
  TRY(api_, cluster::Api::open(journal_.get(), clock_, log_.with("api")));
  client_ = std::make_unique<kube::Client>(*api_);
  control::BoardOptions board;
  board.decisions_bytes_max = static_cast<std::size_t>(options_.decisions_bytes_max);
  board_ = std::make_unique<control::Board>(board, journal_.get(), log_.with("board"), &metrics_);
  TRY_VOID(board_->restore());
  TRY(ingest_, Ingest::start(options_, options_.bind, clock_, log_, metrics_));
  frontend_ =
      std::make_unique<Frontend>(FrontendParts{loop_, *board_, *ingest_, clock_, metrics_, log_});
  TRY_VOID(frontend_->listen(options_, options_.bind, [this] { return missing(); }));
  control::OperatorOptions control;
  control.own_scaler_addresses = options_.own_scaler_addresses;
  control.retention = options_.retention;
  control.store_as_of = ingest_->restored_as_of();
  control.keeps_all_metrics = options_.metrics == MetricsKept::all;
  operator_ = std::make_unique<control::Operator>(
      control::OperatorParts{loop_, *client_, ingest_->gateway(), *board_, journal_.get(), clock_},
      std::move(control), log_.with("operator"), metrics_);
  cluster::DeploymentsOptions workloads;
  workloads.log_folder = data_ / "logs";
  if (!workload_env_.empty()) workloads.inherited_env = workload_env_;
  TRY(deployments_,
      cluster::Deployments::make(std::move(workloads), *client_, clock_, loop_.executor(),
                                 log_.with("deployments"), metrics_));
  autoscalers_ = std::make_unique<cluster::Autoscalers>(
      cluster::AutoscalersOptions{.sync_period = options_.hpa_sync_period}, *client_, clock_,
      loop_.executor(), metric_sources(), log_.with("autoscalers"), metrics_);
  return {};
}

// What a cluster's aggregated APIs answer: the operator for External metrics, the process runtime
// for those of pods.
cluster::autoscaling::MetricSources Standalone::metric_sources() {
  using Series = Result<std::vector<scale::hpa::Milli>>;
  using Samples = Result<std::vector<scale::hpa::PodSample>>;
  return {.external = [this](const cluster::autoscaling::ExternalMetric& metric) -> Series {
            TRY(const auto value,
                operator_->external_metric(metric.ns, metric.name, metric.selector));
            return std::vector{value};
          },
          .resources = [this](const std::string& ns, std::span<const std::string> pods) -> Samples {
            return deployments_->resource_samples(ns, pods);
          }};
}

Task<void> Standalone::begin() {
  const auto problems = co_await manifests_.apply(*client_, log_);
  if (!problems.empty()) {
    for (const std::string& problem : problems) print_error(problem);
    status_ = 1;
    ask_to_stop();
    co_return;
  }
  if (hooks_.decided) {
    board_->listen([this](const control::BoardEvent& event) {
      if (event.type == control::BoardEvent::Type::decided) hooks_.decided(*event.record);
    });
  }
  deployments_->start();
  operator_tasks_.spawn(operator_->run());
  operator_tasks_.spawn(autoscalers_->run());
  loaded_ = true;
  tasks_.spawn(watch_files());
  fmt::print("{}\n", ready_line(*ingest_, *frontend_));
  std::fflush(stdout);
  if (hooks_.ready) hooks_.ready(ingest_->otlp_port(), frontend_->rest_port());
  if (hooks_.run_for) tasks_.spawn(end_later(*hooks_.run_for));
}

Task<void> Standalone::watch_files() {
  while (co_await base::sleep_for(file_check_interval)) {
    if (manifests_.changed()) co_await reload();
  }
}

void Standalone::reload_all() {
  if (!loaded_) return;
  ingest_->look_at_files();
  frontend_->look_at_files();
  tasks_.spawn(reload());
}

Task<void> Standalone::reload() {
  if (std::exchange(reloading_, true)) co_return;
  auto problems = manifests_.read();
  if (problems.empty()) problems = co_await manifests_.apply(*client_, log_);
  for (const std::string& problem : problems)
    log_.error("manifests not reloaded", {{"problem", problem}});
  if (problems.empty()) log_.info("manifests reloaded");
  reloading_ = false;
}

Task<void> Standalone::end_later(Duration after) {
  if (co_await base::sleep_for(after)) ask_to_stop();
}

void Standalone::ask_to_stop() {
  if (std::exchange(stopping_, true)) return;
  tasks_.spawn(shut_down());
}

// Outside in: no new data, no new decisions, no processes, no questions; then what memory holds
// goes to disk. A start that failed ends here too, with as much as there is.
Task<void> Standalone::shut_down() {
  if (loaded_) log_.info("stopping");
  if (ingest_) co_await ingest_->drain(options_.shutdown_grace);
  operator_tasks_.stop();
  co_await operator_tasks_.join();
  if (deployments_) co_await deployments_->drain(options_.shutdown_grace);
  if (frontend_) co_await frontend_->drain(Duration{0});
  if (board_) board_->save();
  const auto flushed = journal_ ? journal_->flush() : Result<void>{};
  if (!flushed) log_.error("state not saved", {{"error", flushed.error().what}});
  loop_.stop();
}

std::vector<std::string> Standalone::missing() const {
  std::vector<std::string> parts;
  if (!loaded_) parts.emplace_back("manifests");
  if (loaded_ && !operator_->synced()) parts.emplace_back("operator");
  if (stopping_) parts.emplace_back("stopping");
  return parts;
}

int run_standalone(const Arguments& arguments) {
  return Standalone({arguments.options, arguments.paths, arguments.workload_env}, {}).run();
}

}  // namespace cli
