#include "cli/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/check.h"

namespace cli {
namespace {

constexpr std::array table = {
    Setting{"activity-repeat-interval", "IS_ACTIVE_POLLING_INTERVAL_MS",
            &Options::activity_repeat_interval, "ms",
            "how often StreamIsActive repeats that a trigger is active", "500"},
    Setting{"bind", "", &Options::bind, "",
            "address to listen on; standalone: 127.0.0.1, scaler: every address"},
    Setting{"body-bytes-max", "", &Options::body_bytes_max, "",
            "largest request body or gRPC message, decompressed"},
    Setting{"data", "", &Options::data, "",
            "folder that keeps objects, decisions and history; standalone: tidewheel-data"},
    Setting{"decisions-bytes-max", "", &Options::decisions_bytes_max, "",
            "memory, and disk, for past decisions of all objects; the oldest go first"},
    Setting{"error-if-not-found", "METRIC_STORE_ERROR_IF_NOT_FOUND", &Options::error_if_not_found,
            "", "answer the external scaler's questions about missing data with an error"},
    Setting{"horizontal-pod-autoscaler-sync-period", "", &Options::hpa_sync_period, "",
            "how often HorizontalPodAutoscalers are evaluated"},
    Setting{
        "ingest-threads", "TIDEWHEEL_INGEST_THREADS", &Options::ingest_threads, "",
        "threads that take OTLP and answer the external scaler, 1 to 16; default: one less than "
        "the processors"},
    Setting{"log-format", "", &Options::log_format, "", "text or json"},
    Setting{"log-level", "", &Options::log_level, "", "debug, info, warn or error"},
    Setting{"metrics", "TIDEWHEEL_METRICS", &Options::metrics, "",
            "metrics that are kept: all, or wanted: those that a trigger, a query or "
            "--wanted-metrics asks for"},
    Setting{"metrics-port", "INTERNAL_METRICS_PORT", &Options::metrics_port, "",
            "own metrics (HTTP); 0 takes a free port"},
    Setting{"metrics-tls-ca-file", "", &Options::metrics_tls_ca_file, "",
            "PEM: authorities of the clients that the metrics port lets in"},
    Setting{"metrics-tls-cert-file", "", &Options::metrics_tls_cert_file, "",
            "PEM: certificate and chain; the metrics port speaks TLS"},
    Setting{"metrics-tls-key-file", "", &Options::metrics_tls_key_file, "",
            "PEM: private key of that certificate"},
    Setting{"otlp-port", "OTLP_RECEIVER_PORT", &Options::otlp_port, "",
            "OTLP over gRPC and HTTP; 0 takes a free port"},
    Setting{"otlp-tls-ca-file", "OTLP_TLS_CA_FILE", &Options::otlp_tls_ca_file, "",
            "PEM: authorities of the clients that the OTLP port lets in"},
    Setting{"otlp-tls-cert-file", "OTLP_TLS_CERT_FILE", &Options::otlp_tls_cert_file, "",
            "PEM: certificate and chain; the OTLP port speaks TLS"},
    Setting{"otlp-tls-key-file", "OTLP_TLS_KEY_FILE", &Options::otlp_tls_key_file, "",
            "PEM: private key of that certificate"},
    Setting{"otlp-token-file", "", &Options::otlp_token_file, "",
            "file with the bearer token that OTLP requests must carry"},
    Setting{"own-scaler-addresses", "", &Options::own_scaler_addresses, "",
            "scalerAddress patterns of external triggers that are answered here, comma separated"},
    Setting{"rest-port", "REST_API_PORT", &Options::rest_port, "",
            "REST API and web page; 0 takes a free port"},
    Setting{"rest-tls-ca-file", "", &Options::rest_tls_ca_file, "",
            "PEM: authorities of the clients that the REST port lets in"},
    Setting{"rest-tls-cert-file", "", &Options::rest_tls_cert_file, "",
            "PEM: certificate and chain; the REST port speaks TLS"},
    Setting{"rest-tls-key-file", "", &Options::rest_tls_key_file, "",
            "PEM: private key of that certificate"},
    Setting{"rest-token-file", "", &Options::rest_token_file, "",
            "file with the bearer token that REST requests which change something must carry"},
    Setting{"retention", "METRIC_STORE_RETENTION_SECONDS", &Options::retention, "s",
            "how long samples are kept"},
    Setting{"scaler-port", "KEDA_EXTERNAL_SCALER_PORT", &Options::scaler_port, "",
            "external scaler and OTLP over gRPC and HTTP; 0 takes a free port"},
    Setting{"scaler-tls", "KEDA_TLS_ENABLED", &Options::scaler_tls, "",
            "the scaler port speaks TLS; needs its two files, which alone say the same as flags"},
    Setting{"scaler-tls-ca-file", "", &Options::scaler_tls_ca_file, "",
            "PEM: authorities of the clients that the scaler port lets in"},
    Setting{"scaler-tls-cert-file", "KEDA_TLS_CERT_FILE", &Options::scaler_tls_cert_file, "",
            "PEM: certificate and chain of the scaler port"},
    Setting{"scaler-tls-key-file", "KEDA_TLS_KEY_FILE", &Options::scaler_tls_key_file, "",
            "PEM: private key of that certificate"},
    Setting{
        "series-bytes-max", "", &Options::series_bytes_max, "",
        "memory for series and samples, in bytes; half of the cgroup's or the machine's when not "
        "given"},
    Setting{"series-max", "", &Options::series_max, "",
            "series kept at most; new ones beyond are refused"},
    Setting{"series-per-resource-max", "", &Options::series_per_resource_max, "",
            "series kept of one resource at most, so that one sender leaves room for others"},
    Setting{"shutdown-grace", "", &Options::shutdown_grace, "",
            "how long requests and workloads may take to end"},
    Setting{
        "snapshot-file", "", &Options::snapshot_file, "",
        "file that keeps the series over a restart, or none; standalone: series.snapshot in the "
        "data folder, scaler: none"},
    Setting{"snapshot-interval", "", &Options::snapshot_interval, "",
            "how often that file is written, besides at the end"},
    Setting{"tls-reload-interval", "OTLP_CERTIFICATE_RELOAD_INTERVAL",
            &Options::tls_reload_interval, "",
            "how often files of certificates and tokens are looked at; more than 5s counts as 5s"},
    Setting{"value-if-not-found", "METRIC_STORE_VALUE_IF_NOT_FOUND", &Options::value_if_not_found,
            "", "the external scaler's answer where no series matches, instead of an error", "0"},
    Setting{"wanted-metrics", "TIDEWHEEL_WANTED_METRICS", &Options::wanted_metrics, "",
            "names that --metrics wanted keeps whoever asks, comma separated; may be repeated"},
};
static_assert(std::ranges::is_sorted(table, {}, &Setting::flag));

template <class T>
Result<T> parse_number(std::string_view text, std::string_view wanted) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Code::invalid, fmt::format("\"{}\" is not {}", text, wanted));
  }
  return value;
}

Result<void> parse_into(std::uint16_t& value, std::string_view text, std::string_view) {
  TRY(value, parse_number<std::uint16_t>(text, "a port (0 to 65535)"));
  return {};
}

Result<void> parse_into(std::int64_t& value, std::string_view text, std::string_view) {
  TRY(value, parse_number<std::int64_t>(text, "a whole number"));
  if (value <= 0) return fail(Code::invalid, fmt::format("\"{}\" is not above 0", text));
  return {};
}

Result<void> parse_into(std::optional<std::int64_t>& value, std::string_view text,
                        std::string_view unit) {
  return parse_into(value.emplace(), text, unit);
}

Result<void> parse_into(std::optional<double>& value, std::string_view text, std::string_view) {
  TRY(value, parse_number<double>(text, "a number"));
  return {};
}

Result<void> parse_into(bool& value, std::string_view text, std::string_view) {
  constexpr std::string_view yes[] = {"1", "t", "T", "TRUE", "true", "True"};
  constexpr std::string_view no[] = {"0", "f", "F", "FALSE", "false", "False"};
  value = std::ranges::find(yes, text) != std::end(yes);
  if (!value && std::ranges::find(no, text) == std::end(no)) {
    return fail(Code::invalid, fmt::format("\"{}\" is not true or false", text));
  }
  return {};
}

Result<void> parse_into(std::string& value, std::string_view text, std::string_view) {
  value = text;
  return {};
}

Result<void> parse_into(Duration& value, std::string_view text, std::string_view unit) {
  const bool bare = !unit.empty() && text.find_first_not_of("0123456789") == text.npos;
  TRY(value,
      base::parse_duration(bare ? std::string(text) + std::string(unit) : std::string(text)));
  if (value <= Duration{0}) return fail(Code::invalid, fmt::format("\"{}\" is not above 0", text));
  return {};
}

std::string_view without_blanks(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

Result<void> parse_into(std::vector<std::string>& value, std::string_view text, std::string_view) {
  value.clear();
  while (!text.empty()) {
    const auto comma = std::min(text.find(','), text.size());
    const auto item = without_blanks(text.substr(0, comma));
    if (!item.empty()) value.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return {};
}

Result<void> parse_into(MetricsKept& value, std::string_view text, std::string_view) {
  if (text != "all" && text != "wanted")
    return fail(Code::invalid, fmt::format("\"{}\" is not all or wanted", text));
  value = text == "all" ? MetricsKept::all : MetricsKept::wanted;
  return {};
}

Result<void> parse_into(base::LogLevel& value, std::string_view text, std::string_view) {
  TRY(value, base::parse_log_level(text));
  return {};
}

Result<void> parse_into(base::LogFormat& value, std::string_view text, std::string_view) {
  TRY(value, base::parse_log_format(text));
  return {};
}

std::string print(const std::string& v) {
  return v;
}
std::string print(bool v) {
  return v ? "true" : "false";
}
template <class T>
std::string print(std::optional<T> v) {
  return v ? fmt::format("{}", *v) : std::string();
}
// 0 is no value of a number: the help says what it stands for. Ports have none.
std::string print(std::int64_t v) {
  return v == 0 ? std::string() : std::to_string(v);
}
std::string print(std::uint16_t v) {
  return std::to_string(v);
}
std::string print(Duration v) {
  return base::format_duration(v);
}
std::string print(const std::vector<std::string>& v) {
  return fmt::format("{}", fmt::join(v, ","));
}
std::string print(MetricsKept) {
  return "all";
}
std::string print(base::LogLevel) {
  return "info";
}
std::string print(base::LogFormat) {
  return "text";
}

}  // namespace

std::span<const Setting> settings() {
  return table;
}

Result<void> assign(Options& options, const Setting& setting, std::string_view text) {
  return std::visit([&](auto member) { return parse_into(options.*member, text, setting.unit); },
                    setting.target);
}

namespace {

// Whether the text means what the chart writes unasked, however it is spelled.
bool is_unasked(const Setting& setting, std::string_view text) {
  if (setting.unasked.empty()) return false;
  Options stated;
  Options unasked;
  if (!assign(stated, setting, text) || !assign(unasked, setting, setting.unasked)) return false;
  return std::visit([&](auto member) { return stated.*member == unasked.*member; }, setting.target);
}

// otel-add-on has two of them, which drop what nobody has asked for; how much of the rest it
// computes makes no difference here.
Result<void> apply_lazy_modes(Options& options, const Environment& environment) {
  for (const char* name : {"METRIC_STORE_LAZY_SERIES", "METRIC_STORE_LAZY_AGGREGATES"}) {
    const auto text = environment(name);
    if (!text || text->empty()) continue;
    bool lazy = false;
    const auto parsed = parse_into(lazy, *text, "");
    if (!parsed) return fail(name, parsed.error());
    if (lazy) options.metrics = MetricsKept::wanted;
  }
  return {};
}

}  // namespace

Result<void> apply_environment(Options& options, const Environment& environment) {
  TRY_VOID(apply_lazy_modes(options, environment));
  for (const Setting& setting : table) {
    if (setting.environment.empty()) continue;
    const auto text = environment(setting.environment);
    if (!text || text->empty() || is_unasked(setting, *text)) continue;
    auto assigned = assign(options, setting, *text);
    if (!assigned) return fail(setting.environment, assigned.error());
  }
  if (!options.scaler_tls) {
    options.scaler_tls_cert_file.clear();
    options.scaler_tls_key_file.clear();
  }
  return {};
}

bool is_list(const Setting& setting) {
  return std::holds_alternative<std::vector<std::string> Options::*>(setting.target);
}

std::string described(std::string_view flag) {
  const auto setting = std::ranges::find(table, flag, &Setting::flag);
  CHECK(setting != table.end());
  if (setting->environment.empty()) return fmt::format("--{}", flag);
  return fmt::format("--{} ({})", flag, setting->environment);
}

std::string default_text(const Setting& setting) {
  const Options defaults;
  return std::visit([&](auto member) { return print(defaults.*member); }, setting.target);
}

}  // namespace cli
