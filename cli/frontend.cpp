#include "cli/frontend.h"

#include <fmt/format.h>

#include <utility>

#include "cli/protection.h"
#include "server/metrics_endpoint.h"
#include "server/rest.h"

namespace cli {
namespace {

// One large request at a time is plenty here.
net::Limits limits() {
  net::Limits limits;
  limits.inflight_bytes_max = 2 * limits.body_bytes_max;
  return limits;
}

}  // namespace

Frontend::Frontend(FrontendParts parts)
    : parts_(std::move(parts)),
      rest_server_(
          "rest", parts_.loop.executor(), limits(),
          {.http = [this](net::http::Request request) { return rest_(std::move(request)); }},
          parts_.log.with("rest"), parts_.metrics),
      metrics_server_(
          "metrics", parts_.loop.executor(), limits(),
          {.http = [this](net::http::Request request) { return metrics_(std::move(request)); }},
          parts_.log.with("metrics"), parts_.metrics) {}

Result<void> Frontend::listen(const Options& options, const std::string& bind,
                              std::function<std::vector<std::string>()> missing) {
  TRY(rest_token_, open_token(options, Port::rest, parts_.clock, parts_.log.with("rest")));
  TRY_VOID(protect(rest_server_, options, Port::rest));
  TRY_VOID(protect(metrics_server_, options, Port::metrics));
  TRY(rest_port_, rest_server_.listen(bind, options.rest_port));
  TRY(metrics_port_, metrics_server_.listen(bind, options.metrics_port));
  const server::Info info{.retention = options.retention,
                          .scaler_port = parts_.ingest.scaler_port(),
                          .otlp_port = parts_.ingest.otlp_port(),
                          .metrics_port = metrics_port_,
                          .rest_port = rest_port_};
  metrics_ = server::make_metrics_endpoint(parts_.board, parts_.metrics, info);
  rest_ = server::make_rest({.executor = parts_.loop.executor(),
                             .board = parts_.board,
                             .store = parts_.ingest.gateway(),
                             .clock = parts_.clock,
                             .missing = std::move(missing),
                             .info = info,
                             .bind = bind,
                             .token = rest_token_.get(),
                             .log = parts_.log.with("rest"),
                             .metrics = parts_.metrics,
                             .warnings = &parts_.ingest.warnings(),
                             .reads = &parts_.ingest.reads()});
  return {};
}

void Frontend::look_at_files() {
  rest_server_.look_at_files();
  metrics_server_.look_at_files();
}

Task<void> Frontend::drain(Duration grace) {
  base::TaskGroup drains(parts_.loop.executor(), parts_.log);
  drains.spawn(rest_server_.drain(grace));
  drains.spawn(metrics_server_.drain(grace));
  co_await drains.join();
}

std::string ready_line(const Ingest& ingest, const Frontend& frontend) {
  return fmt::format("ready otlp={} scaler={} rest={} metrics={}", ingest.otlp_port(),
                     ingest.scaler_port(), frontend.rest_port(), frontend.metrics_port());
}

}  // namespace cli
