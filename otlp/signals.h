#pragma once

// The OTLP signals that are not metrics: known, refused with a clear answer, and counted.

#include <array>
#include <cstdint>
#include <string_view>

namespace otlp {

enum class Signal : std::uint8_t { traces, logs, profiles };

struct SignalRow {
  Signal signal;
  std::string_view label;  // in metrics and logs
  std::string_view http_path;
  std::string_view grpc_method;
};
// Source: opentelemetry-proto, packages collector.*; profiles have no stable version yet.
inline constexpr std::array signal_rows{
    SignalRow{Signal::traces, "traces", "/v1/traces",
              "/opentelemetry.proto.collector.trace.v1.TraceService/Export"},
    SignalRow{Signal::logs, "logs", "/v1/logs",
              "/opentelemetry.proto.collector.logs.v1.LogsService/Export"},
    SignalRow{Signal::profiles, "profiles", "/v1development/profiles",
              "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export"},
};

}  // namespace otlp
