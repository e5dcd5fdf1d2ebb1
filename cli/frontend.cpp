#include "cli/frontend.h"

#include <fmt/format.h>

#include <utility>

#include "server/metrics_endpoint.h"
#include "server/rest.h"

namespace cli {

Frontend::Frontend(FrontendParts parts)
    : parts_(std::move(parts)),
      rest_server_(
          "rest", parts_.loop.executor(), net::Limits{},
          {.http = [this](net::http::Request request) { return rest_(std::move(request)); }},
          parts_.log.with("rest"), parts_.metrics),
      metrics_server_(
          "metrics", parts_.loop.executor(), net::Limits{},
          {.http = [this](net::http::Request request) { return metrics_(std::move(request)); }},
          parts_.log.with("metrics"), parts_.metrics) {}

Result<void> Frontend::listen(const Options& options, const std::string& bind,
                              std::function<std::vector<std::string>()> missing) {
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
                             .log = parts_.log.with("rest"),
                             .metrics = parts_.metrics,
                             .warnings = &parts_.ingest.warnings()});
  return {};
}

Task<void> Frontend::drain(Duration grace) {
  co_await rest_server_.drain(grace);
  co_await metrics_server_.drain(grace);
}

std::string ready_line(const Ingest& ingest, const Frontend& frontend) {
  return fmt::format("ready otlp={} scaler={} rest={} metrics={}", ingest.otlp_port(),
                     ingest.scaler_port(), frontend.rest_port(), frontend.metrics_port());
}

}  // namespace cli
