#include "cli/ingest.h"

#include <algorithm>
#include <utility>

#include "base/call_on.h"
#include "base/cgroup.h"
#include "server/health.h"
#include "server/reflection.h"

namespace cli {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);
// KEDA has one connection for all its triggers, and two streams for each that is pushed; a stream
// too many would wait, and every poll behind it.
constexpr std::uint32_t streams_max = 20'000;
// Of each port, all its connections together; with what they cost, hostile peers leave a pod of
// 256 MiB alive.
constexpr std::size_t calls_max = 40'000;
constexpr std::size_t inflight_bytes_max = 48u << 20;
constexpr std::size_t answers_bytes_max = 16u << 20;

tsdb::Options store_options(const Options& options) {
  tsdb::Options store;
  store.retention = options.retention;
  store.series_max = static_cast<std::size_t>(options.series_max);
  store.series_per_resource_max = static_cast<std::size_t>(options.series_per_resource_max);
  store.bytes_max = options.series_bytes_max > 0
                        ? static_cast<std::size_t>(options.series_bytes_max)
                        : static_cast<std::size_t>(base::memory_limit_bytes() / 2);
  return store;
}

server::ExternalScalerOptions scaler_options(const Options& options) {
  server::ExternalScalerOptions scaler;
  scaler.error_if_not_found = options.error_if_not_found;
  scaler.value_if_not_found = options.value_if_not_found;
  scaler.repeat_interval = options.activity_repeat_interval;
  return scaler;
}

// A coroutine of its own, so that no lambda's captures can die before it.
Task<net::http::Response> ready(net::http::Response response) {
  co_return response;
}

}  // namespace

Ingest::Ingest(const Options& options, const Clock& clock, Log log,
               base::metrics::Registry& metrics)
    : clock_(clock),
      log_(std::move(log)),
      metrics_(metrics),
      store_(store_options(options), log_.with("tsdb"), metrics),
      gateway_(loop_, store_, clock),
      receiver_(store_, clock, log_.with("otlp"), metrics),
      reads_(metrics, clock),
      external_scaler_({.store = store_,
                        .clock = clock,
                        .executor = loop_.executor(),
                        .reads = &reads_,
                        .log = log_.with("scaler"),
                        .warnings = &warnings_},
                       scaler_options(options)),
      tasks_(loop_.executor(), log_.with("ingest")) {}

Result<std::unique_ptr<Ingest>> Ingest::start(const Options& options, const std::string& bind,
                                              const Clock& clock, Log log,
                                              base::metrics::Registry& metrics) {
  std::unique_ptr<Ingest> ingest(new Ingest(options, clock, std::move(log), metrics));
  auto listening = ingest->listen(options, bind);
  ingest->tasks_.spawn(ingest->tick_every_second());
  ingest->thread_ = std::thread([raw = ingest.get()] { raw->run(); });
  if (!listening) return std::unexpected(listening.error());
  return ingest;
}

// Both ports offer both services, unless that would be a way around what protects one of them.
Result<void> Ingest::listen(const Options& options, const std::string& bind) {
  TRY(const auto otlp_tls, tls_files(options, Port::otlp));
  TRY(const auto scaler_tls, tls_files(options, Port::scaler));
  TRY(otlp_token_, open_token(options, Port::otlp, clock_, log_.with("otlp")));
  if (otlp_token_) receiver_.require(*otlp_token_);
  otlp_server_ = make_server("otlp", options, {.scaler = protects_as_well(otlp_tls, scaler_tls)});
  scaler_server_ = make_server("scaler", options, {.otlp = protects_as_well(scaler_tls, otlp_tls)});
  TRY_VOID(protect(*otlp_server_, options, Port::otlp));
  TRY_VOID(protect(*scaler_server_, options, Port::scaler));
  TRY(otlp_port_, otlp_server_->listen(bind, options.otlp_port));
  TRY(scaler_port_, scaler_server_->listen(bind, options.scaler_port));
  return {};
}

std::unique_ptr<net::Server> Ingest::make_server(std::string name, const Options& options,
                                                 Offer offer) {
  net::Limits limits;
  limits.body_bytes_max = static_cast<std::size_t>(options.body_bytes_max);
  limits.inflight_bytes_max = std::max(inflight_bytes_max, 2 * limits.body_bytes_max);
  limits.answers_bytes_max = answers_bytes_max;
  limits.streams_max = streams_max;
  limits.calls_max = calls_max;
  const Log log = log_.with(name);
  return std::make_unique<net::Server>(std::move(name), loop_.executor(), limits, handlers(offer),
                                       log, metrics_);
}

net::Handlers Ingest::handlers(Offer offer) {
  auto services = std::make_shared<net::grpc::Services>();
  if (offer.otlp) receiver_.add_to(*services);
  if (offer.scaler) external_scaler_.add_to(*services);
  server::add_health(*services);
  server::add_reflection(*services);
  net::Handlers handlers{.http = nullptr, .grpc = std::move(services)};
  if (offer.otlp)
    handlers.http = [this](net::http::Request request) { return ready(answer(request)); };
  return handlers;
}

net::http::Response Ingest::answer(const net::http::Request& request) {
  auto response = receiver_.handle(request);
  if (response) return std::move(*response);
  return {.status = 404,
          .headers = {{"content-type", "text/plain"}},
          .body = "nothing here: POST /v1/metrics\n"};
}

void Ingest::run() {
  loop_.run();
}

Task<void> Ingest::tick_every_second() {
  while (co_await base::sleep_for(tick_interval)) {
    store_.tick(clock_.now());
    reads_.tick();
  }
}

// Both at once: peers that are slow on one port take nothing from the grace of the other's.
Task<void> Ingest::drain_servers(Duration grace) {
  base::TaskGroup drains(loop_.executor(), log_);
  for (const auto* server : {&otlp_server_, &scaler_server_})
    if (*server) drains.spawn((*server)->drain(grace));
  co_await drains.join();
}

void Ingest::look_at_files() {
  loop_.post([this] {
    otlp_server_->look_at_files();
    scaler_server_->look_at_files();
  });
}

Task<void> Ingest::drain(Duration grace) {
  co_await base::run_on(loop_, drain_servers(grace));
}

// The last task of the thread: ends the others, then the loop.
Task<void> Ingest::stop_all() {
  co_await drain_servers(Duration{0});
  tasks_.stop();
  co_await tasks_.join();
  loop_.stop();
}

Ingest::~Ingest() {
  base::TaskGroup last(loop_.executor(), Log{});
  loop_.post([this, &last] { last.spawn(stop_all()); });
  if (thread_.joinable()) thread_.join();
  while (last.size() > 0) loop_.poll();
}

}  // namespace cli
