#include "cli/ingest_thread.h"

#include <algorithm>
#include <utility>

#include "base/call_on.h"
#include "base/memory.h"
#include "cli/protection.h"
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
constexpr std::size_t worth_giving_back = 1u << 20;

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

IngestThread::IngestThread(IngestParts parts, const Options& options, std::size_t number)
    : parts_(std::move(parts)),
      number_(number),
      receiver_({.store = parts_.store, .clock = parts_.clock, .first_shard = number},
                parts_.log.with("otlp"), parts_.metrics),
      external_scaler_({.store = parts_.store,
                        .clock = parts_.clock,
                        .executor = loop_.executor(),
                        .reads = &parts_.reads,
                        .log = parts_.log.with("scaler"),
                        .warnings = &parts_.warnings,
                        .questions = &parts_.questions},
                       scaler_options(options)),
      tasks_(loop_.executor(), parts_.log.with("ingest")) {}

// Both ports offer both services, unless that would be a way around what protects one of them.
Result<void> IngestThread::open(const Options& options) {
  TRY(const auto otlp_tls, tls_files(options, Port::otlp));
  TRY(const auto scaler_tls, tls_files(options, Port::scaler));
  TRY(otlp_token_, open_token(options, Port::otlp, parts_.clock, parts_.log.with("otlp")));
  if (otlp_token_) receiver_.require(*otlp_token_);
  otlp_server_ = make_server("otlp", options, {.scaler = protects_as_well(otlp_tls, scaler_tls)});
  scaler_server_ = make_server("scaler", options, {.otlp = protects_as_well(scaler_tls, otlp_tls)});
  TRY_VOID(protect(*otlp_server_, options, Port::otlp));
  TRY_VOID(protect(*scaler_server_, options, Port::scaler));
  return {};
}

void IngestThread::take_part_in(IngestThread& first) {
  otlp_server_->take_part_in(*first.otlp_server_);
  scaler_server_->take_part_in(*first.scaler_server_);
}

Result<IngestPorts> IngestThread::listen(const Options& options, const std::string& bind) {
  IngestPorts ports;
  TRY(ports.otlp, otlp_server_->listen(bind, options.otlp_port));
  TRY(ports.scaler, scaler_server_->listen(bind, options.scaler_port));
  return ports;
}

void IngestThread::start() {
  tasks_.spawn(tick_every_second());
  thread_ = std::thread([this] { loop_.run(); });
}

std::unique_ptr<net::Server> IngestThread::make_server(std::string name, const Options& options,
                                                       Offer offer) {
  net::Limits limits;
  limits.body_bytes_max = static_cast<std::size_t>(options.body_bytes_max);
  limits.inflight_bytes_max = std::max(inflight_bytes_max, 2 * limits.body_bytes_max);
  limits.answers_bytes_max = answers_bytes_max;
  limits.streams_max = streams_max;
  limits.calls_max = calls_max;
  limits.handshakes_max = std::max<std::size_t>(limits.handshakes_max / parts_.store.size(), 1);
  const Log log = parts_.log.with(name);
  return std::make_unique<net::Server>(std::move(name), loop_.executor(), limits, handlers(offer),
                                       log, parts_.metrics);
}

net::Handlers IngestThread::handlers(Offer offer) {
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

net::http::Response IngestThread::answer(const net::http::Request& request) {
  auto response = receiver_.handle(request);
  if (response) return std::move(*response);
  return {.status = 404,
          .headers = {{"content-type", "text/plain"}},
          .body = "nothing here: POST /v1/metrics\n"};
}

Task<void> IngestThread::tick_every_second() {
  while (co_await base::sleep_for(tick_interval)) {
    parts_.store.tick_shard(number_, parts_.clock.now());
    give_back_memory();
    if (number_ != 0) continue;
    parts_.store.tick_standing(parts_.clock.now());
    parts_.reads.tick();
  }
}

// When most series have gone: until then the allocator keeps their room for the next ones.
void IngestThread::give_back_memory() {
  const std::size_t bytes = parts_.store.footprint().total();
  most_bytes_ = std::max(most_bytes_, bytes);
  if (bytes > most_bytes_ / 2 || most_bytes_ - bytes < worth_giving_back) return;
  base::give_back_memory();
  most_bytes_ = bytes;
}

// Both at once: peers that are slow on one port take nothing from the grace of the other's.
Task<void> IngestThread::drain_servers(Duration grace) {
  base::TaskGroup drains(loop_.executor(), parts_.log);
  for (const auto* server : {&otlp_server_, &scaler_server_})
    if (*server) drains.spawn((*server)->drain(grace));
  co_await drains.join();
}

void IngestThread::look_at_files() {
  loop_.post([this] {
    otlp_server_->look_at_files();
    scaler_server_->look_at_files();
  });
}

Task<void> IngestThread::drain(Duration grace) {
  co_await base::run_on(loop_, drain_servers(grace));
}

// The last task of the thread: ends the others, then the loop.
Task<void> IngestThread::stop_all() {
  co_await drain_servers(Duration{0});
  tasks_.stop();
  co_await tasks_.join();
  loop_.stop();
}

void IngestThread::stop() {
  last_ = std::make_unique<base::TaskGroup>(loop_.executor(), Log{});
  loop_.post([this] { last_->spawn(stop_all()); });
}

// One that never ran ends on the caller's thread.
void IngestThread::join() {
  if (thread_.joinable()) thread_.join();
  do loop_.poll();
  while (last_->size() > 0 || tasks_.size() > 0);
}

IngestThread::~IngestThread() = default;

}  // namespace cli
