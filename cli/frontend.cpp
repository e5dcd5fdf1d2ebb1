#include "cli/frontend.h"

#include <fmt/format.h>

#include <utility>

#include "server/metrics_endpoint.h"
#include "server/rest.h"

namespace cli {

Frontend::Frontend(FrontendParts parts)
    : parts_(std::move(parts)),
      rest_server_("rest", parts_.loop.executor(), net::Limits{},
                   {.http = [this](net::http::Request request) { return rest_(std::move(request)); }},
                   parts_.log.with("rest"), parts_.metrics),
      metrics_server_("metrics", parts_.loop.executor(), net::Limits{},
                      {.http = [this](net::http::Request request) { return metrics_(std::move(request)); }},
                      parts_.log.with("metrics"), parts_.metrics) {}

Result<std::unique_ptr<Frontend>> Frontend::start(FrontendParts parts, const Options& options, const std::string& bind,
                                                  std::function<std::vector<std::string>()> missing) {
  std::unique_ptr<Frontend> frontend(new Frontend(std::move(parts)));
  TRY(frontend->rest_port_, frontend->rest_server_.listen(bind, options.rest_port));
  TRY(frontend->metrics_port_, frontend->metrics_server_.listen(bind, options.metrics_port));
  FrontendParts& p = frontend->parts_;
  const server::Info info{.retention = options.retention,
                          .scaler_port = p.ingest.scaler_port(),
                          .otlp_port = p.ingest.otlp_port(),
                          .metrics_port = frontend->metrics_port_,
                          .rest_port = frontend->rest_port_};
  frontend->metrics_ = server::make_metrics_endpoint(p.board, p.metrics, info);
  frontend->rest_ = server::make_rest({.executor = p.loop.executor(),
                                       .board = p.board,
                                       .store = p.ingest.gateway(),
                                       .clock = p.clock,
                                       .missing = std::move(missing),
                                       .info = info,
                                       .bind = bind,
                                       .log = p.log.with("rest"),
                                       .metrics = p.metrics});
  return frontend;
}

Task<void> Frontend::drain(Duration grace) {
  co_await rest_server_.drain(grace);
  co_await metrics_server_.drain(grace);
}

std::string ready_line(const Ingest& ingest, const Frontend& frontend) {
  return fmt::format("ready otlp={} scaler={} rest={} metrics={}", ingest.otlp_port(), ingest.scaler_port(),
                     frontend.rest_port(), frontend.metrics_port());
}

}  // namespace cli
