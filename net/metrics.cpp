#include "net/metrics.h"

#include <fmt/format.h>

#include <algorithm>

namespace net {
namespace {

constexpr std::array<std::string_view, 17> grpc_outcomes = {
    "ok",
    "cancelled",
    "unknown",
    "invalid_argument",
    "deadline_exceeded",
    "not_found",
    "already_exists",
    "permission_denied",
    "resource_exhausted",
    "failed_precondition",
    "aborted",
    "out_of_range",
    "unimplemented",
    "internal",
    "unavailable",
    "data_loss",
    "unauthenticated",
};

}  // namespace

void Metrics::answered_grpc(int grpc_status) {
  const auto status = static_cast<std::size_t>(std::clamp(grpc_status, 0, 16));
  if (grpc_[status] == nullptr)
    grpc_[status] = &request_counter("grpc", std::string(grpc_outcomes[status]));
  grpc_[status]->add();
}

void Metrics::answered_http(int http_status) {
  const auto kind = static_cast<std::size_t>(std::clamp(http_status / 100, 1, 5));
  if (http_[kind] == nullptr) http_[kind] = &request_counter("http", fmt::format("{}xx", kind));
  http_[kind]->add();
}

void Metrics::violated(Violation kind) {
  auto& counter = violations_[static_cast<std::size_t>(kind)];
  if (counter == nullptr) {
    counter = &registry_.counter(
        "tidewheel_net_violations_total", "Peers that broke a rule or a limit.",
        {{"server", server_},
         {"kind", std::string(violation_names[static_cast<std::size_t>(kind)])}});
  }
  counter->add();
}

}  // namespace net
