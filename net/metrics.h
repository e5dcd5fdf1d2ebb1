#pragma once

// What net counts, labelled by the server's name.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/metrics.h"

namespace net {

// How peers break the rules; violation_names has their label values.
enum class Violation : std::uint8_t {
  bad_http,     // HTTP/1.1 that does not parse
  bad_frame,    // HTTP/2 that breaks the protocol
  bad_message,  // gRPC framing or compression that does not hold
  header_too_large,
  body_too_large,
  request_timeout,  // a started request that did not arrive in time
  slow_reader,      // an answer that was not taken in time
  rapid_reset,
  control_flood,  // SETTINGS, PING, PRIORITY, WINDOW_UPDATE or empty DATA frames in masses
  too_many_connections,
  too_much_in_flight,  // bodies of all connections together
  too_many_calls,      // of all connections together
  no_tls,              // something else than TLS on a port that speaks TLS alone
  bad_handshake,       // a TLS handshake that failed: version, certificate, a cut connection
};

inline constexpr std::array<std::string_view, 14> violation_names = {
    "bad_http",
    "bad_frame",
    "bad_message",
    "header_too_large",
    "body_too_large",
    "request_timeout",
    "slow_reader",
    "rapid_reset",
    "control_flood",
    "too_many_connections",
    "too_much_in_flight",
    "too_many_calls",
    "no_tls",
    "bad_handshake",
};

enum class Protocol : std::uint8_t { http1, http2 };

// The series of one server, found once and then only counted. Confined to the server's loop.
class Metrics {
 public:
  Metrics(base::metrics::Registry& registry, std::string server)
      : registry_(registry), server_(std::move(server)), grpc_(17), http_(6) {}

  base::metrics::Gauge& connections_open() { return connections_open_; }

  base::metrics::Gauge& calls_open() { return calls_open_; }

  base::metrics::Counter& connections(Protocol protocol) {
    return protocol == Protocol::http1 ? connections_http1_ : connections_http2_;
  }

  // grpc_status: google.rpc.Code of the answer.
  void answered_grpc(int grpc_status);
  // http_status: of the answer.
  void answered_http(int http_status);
  void violated(Violation kind);

 private:
  base::metrics::Counter& connection_counter(std::string_view protocol) {
    return registry_.counter("tidewheel_net_connections_total", "Connections accepted.",
                             {{"server", server_}, {"protocol", std::string(protocol)}});
  }
  base::metrics::Counter& request_counter(std::string_view protocol, std::string outcome) {
    return registry_.counter("tidewheel_net_requests_total",
                             "Requests answered, by gRPC status or by class of HTTP status.",
                             {{"server", server_},
                              {"protocol", std::string(protocol)},
                              {"outcome", std::move(outcome)}});
  }

  base::metrics::Registry& registry_;
  std::string server_;
  base::metrics::Gauge& connections_open_ = registry_.gauge(
      "tidewheel_net_connections_open", "Connections open now.", {{"server", server_}});
  base::metrics::Gauge& calls_open_ = registry_.gauge(
      "tidewheel_net_calls_open", "gRPC calls and streams open now.", {{"server", server_}});
  base::metrics::Counter& connections_http1_ = connection_counter("http1");
  base::metrics::Counter& connections_http2_ = connection_counter("http2");
  std::vector<base::metrics::Counter*> grpc_;  // by status; filled on first use
  std::vector<base::metrics::Counter*> http_;  // by status / 100
  std::array<base::metrics::Counter*, violation_names.size()> violations_{};
};

// What a server with TLS counts on top. Confined to the server's loop.
struct TlsMetrics {
  TlsMetrics(base::metrics::Registry& registry, const std::string& server)
      : handshakes(registry.counter("tidewheel_tls_handshakes_total",
                                    "TLS handshakes that succeeded.", {{"server", server}})),
        reload_failures(registry.counter(
            "tidewheel_tls_reload_failures_total",
            "Looks at the certificate's files that found them unusable; the last good ones serve.",
            {{"server", server}})),
        expiry(registry.gauge("tidewheel_tls_certificate_expiry_timestamp_seconds",
                              "When the certificate in use expires, in seconds since 1970.",
                              {{"server", server}})) {}

  base::metrics::Counter& handshakes;
  base::metrics::Counter& reload_failures;
  base::metrics::Gauge& expiry;
};

}  // namespace net
