#include "cli/ingest.h"

#include <utility>

#include "base/call_on.h"
#include "server/health.h"
#include "server/reflection.h"

namespace cli {
namespace {

constexpr Duration tick_interval = std::chrono::seconds(1);
// KEDA has one connection for all its triggers, and two streams for each that is pushed; a stream
// too many would wait, and every poll behind it.
constexpr std::uint32_t streams_max = 20'000;

tsdb::Options store_options(const Options& options) {
  tsdb::Options store;
  store.retention = options.retention;
  store.series_max = static_cast<std::size_t>(options.series_max);
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
      store_(store_options(options), log.with("tsdb"), metrics),
      gateway_(loop_, store_, clock),
      receiver_(store_, clock, log.with("otlp"), metrics),
      external_scaler_({.store = store_,
                        .clock = clock,
                        .executor = loop_.executor(),
                        .metrics = &metrics,
                        .log = log.with("scaler"),
                        .warnings = &warnings_},
                       scaler_options(options)),
      tasks_(loop_.executor(), log.with("ingest")) {
  auto services = std::make_shared<net::grpc::Services>();
  receiver_.add_to(*services);
  external_scaler_.add_to(*services);
  server::add_health(*services);
  server::add_reflection(*services);
  net::Limits limits;
  limits.body_bytes_max = static_cast<std::size_t>(options.body_bytes_max);
  limits.streams_max = streams_max;
  const net::Handlers handlers{
      .http = [this](net::http::Request request) { return ready(answer(request)); },
      .grpc = services,
  };
  otlp_server_ = std::make_unique<net::Server>("otlp", loop_.executor(), limits, handlers,
                                               log.with("otlp"), metrics);
  scaler_server_ = std::make_unique<net::Server>("scaler", loop_.executor(), limits, handlers,
                                                 log.with("scaler"), metrics);
}

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

Result<void> Ingest::listen(const Options& options, const std::string& bind) {
  TRY(otlp_port_, otlp_server_->listen(bind, options.otlp_port));
  TRY(scaler_port_, scaler_server_->listen(bind, options.scaler_port));
  return {};
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
  while (co_await base::sleep_for(tick_interval)) store_.tick(clock_.now());
}

Task<void> Ingest::drain_servers(Duration grace) {
  co_await otlp_server_->drain(grace);
  co_await scaler_server_->drain(grace);
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
