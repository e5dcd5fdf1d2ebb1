#pragma once

// Every setting of a running Tidewheel, in one table: flag, environment name, help, and where the
// value goes. From the table come the flags, the environment, the validation and `--help`. Flags
// win over the environment; an empty environment variable counts as not set, and so does one that
// holds otel-add-on's default, because its chart always writes them all.

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/time.h"

namespace cli {

// Which metrics are kept: all, or what somebody asks for (see tsdb/wanted.h).
enum class MetricsKept : std::uint8_t { all, wanted };

struct Options {
  std::uint16_t otlp_port = 4317;
  std::uint16_t scaler_port = 4318;
  std::uint16_t rest_port = 9090;
  std::uint16_t metrics_port = 8080;
  std::string bind;  // empty: the command's default
  std::string data;  // state folder; empty: the command's default
  Duration retention = std::chrono::seconds(120);
  MetricsKept metrics = MetricsKept::all;
  std::vector<std::string> wanted_metrics;
  std::int64_t series_max = 2'000'000;
  std::int64_t series_per_resource_max = 200'000;
  std::int64_t series_bytes_max = 0;  // 0: half of the memory that the process may use
  std::string snapshot_file;          // empty: the command's default
  Duration snapshot_interval = std::chrono::seconds(30);
  std::int64_t body_bytes_max = 16 << 20;
  std::optional<std::int64_t> ingest_threads;  // none: what the processors allow
  std::int64_t decisions_bytes_max = 64 << 20;
  std::vector<std::string> own_scaler_addresses = {"*otel*:4318"};
  Duration hpa_sync_period = std::chrono::seconds(15);
  Duration activity_repeat_interval = std::chrono::seconds(15);
  bool error_if_not_found = false;
  std::optional<double> value_if_not_found;
  Duration shutdown_grace = std::chrono::seconds(10);
  // TLS and tokens of each port; cli/protection.h says what they mean together.
  std::string otlp_tls_cert_file;
  std::string otlp_tls_key_file;
  std::string otlp_tls_ca_file;
  bool scaler_tls = false;
  std::string scaler_tls_cert_file;
  std::string scaler_tls_key_file;
  std::string scaler_tls_ca_file;
  std::string rest_tls_cert_file;
  std::string rest_tls_key_file;
  std::string rest_tls_ca_file;
  std::string metrics_tls_cert_file;
  std::string metrics_tls_key_file;
  std::string metrics_tls_ca_file;
  Duration tls_reload_interval = std::chrono::seconds(5);
  std::string otlp_token_file;
  std::string rest_token_file;
  base::LogLevel log_level = base::LogLevel::info;
  base::LogFormat log_format = base::LogFormat::text;
};

// What --snapshot-file is where there shall be none.
inline constexpr std::string_view no_file = "none";

// Where a setting's text goes. The alternative says how it is read and checked.
using Target =
    std::variant<std::uint16_t Options::*, std::int64_t Options::*,
                 std::optional<std::int64_t> Options::*, std::optional<double> Options::*,
                 bool Options::*, std::string Options::*, Duration Options::*,
                 std::vector<std::string> Options::*, MetricsKept Options::*,
                 base::LogLevel Options::*, base::LogFormat Options::*>;

struct Setting {
  std::string_view flag;         // without dashes
  std::string_view environment;  // empty: none
  Target target;
  std::string_view unit;  // of a bare number in the environment: "s" for seconds, else empty
  std::string_view help;
  // What otel-add-on's chart writes into the environment when nobody asked for anything; it counts
  // as not set. Empty where that makes no difference.
  std::string_view unasked = {};
};

// The table, sorted by flag.
std::span<const Setting> settings();

using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// Sets one setting from its text; of a list, all of it. Errors: invalid, naming what is wanted.
Result<void> assign(Options& options, const Setting& setting, std::string_view text);

// Applies the environment to `options`. otel-add-on's two lazy modes are --metrics wanted, unless
// TIDEWHEEL_METRICS says otherwise. The files of KEDA_TLS_* count only with KEDA_TLS_ENABLED,
// because otel-add-on's chart renders them in any case. Errors: invalid, naming the variable.
Result<void> apply_environment(Options& options, const Environment& environment);

// Whether it is a list, so that its flag may be repeated.
bool is_list(const Setting& setting);

// How people find a setting: "--otlp-port (OTLP_RECEIVER_PORT)". flag: one of the table.
std::string described(std::string_view flag);

// The default of a setting as text, for --help.
std::string default_text(const Setting& setting);

}  // namespace cli
