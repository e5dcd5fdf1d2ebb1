#include "cli/protection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"

namespace cli {
namespace {

// Looking costs a few small reads, and an operator who replaces a certificate waits for it.
constexpr Duration look_interval_max = std::chrono::seconds(5);

using Text = std::string Options::*;

// The settings of one port: their flags, and where the values are.
struct Row {
  Port port;
  std::string_view cert_flag, key_flag, ca_flag;
  Text cert, key, ca;
  std::string_view token_flag;  // empty: none
  Text token;
};

constexpr std::array rows = {
    Row{Port::otlp, "otlp-tls-cert-file", "otlp-tls-key-file", "otlp-tls-ca-file",
        &Options::otlp_tls_cert_file, &Options::otlp_tls_key_file, &Options::otlp_tls_ca_file,
        "otlp-token-file", &Options::otlp_token_file},
    Row{Port::scaler, "scaler-tls-cert-file", "scaler-tls-key-file", "scaler-tls-ca-file",
        &Options::scaler_tls_cert_file, &Options::scaler_tls_key_file, &Options::scaler_tls_ca_file,
        "", nullptr},
    Row{Port::rest, "rest-tls-cert-file", "rest-tls-key-file", "rest-tls-ca-file",
        &Options::rest_tls_cert_file, &Options::rest_tls_key_file, &Options::rest_tls_ca_file,
        "rest-token-file", &Options::rest_token_file},
    Row{Port::metrics, "metrics-tls-cert-file", "metrics-tls-key-file", "metrics-tls-ca-file",
        &Options::metrics_tls_cert_file, &Options::metrics_tls_key_file,
        &Options::metrics_tls_ca_file, "", nullptr},
};

const Row& row_of(Port port) {
  return *std::ranges::find(rows, port, &Row::port);
}

Duration look_interval(const Options& options) {
  return std::min(options.tls_reload_interval, look_interval_max);
}

// Which setting asks for TLS on the port, if one does.
std::optional<std::string_view> asks_for_tls(const Options& options, const Row& row) {
  if (!(options.*row.cert).empty()) return row.cert_flag;
  if (!(options.*row.key).empty()) return row.key_flag;
  if (!(options.*row.ca).empty()) return row.ca_flag;
  if (row.port == Port::scaler && options.scaler_tls) return "scaler-tls";
  return std::nullopt;
}

}  // namespace

Result<std::optional<net::tls::Files>> tls_files(const Options& options, Port port) {
  const Row& row = row_of(port);
  const auto asking = asks_for_tls(options, row);
  if (!asking) return std::nullopt;
  for (const auto& [flag, text] :
       {std::pair(row.cert_flag, row.cert), std::pair(row.key_flag, row.key)}) {
    if ((options.*text).empty()) {
      return fail(Code::invalid,
                  fmt::format("{} is missing: {} is set", described(flag), described(*asking)));
    }
  }
  return net::tls::Files{.certificate = options.*row.cert,
                         .key = options.*row.key,
                         .client_authorities = options.*row.ca};
}

bool protects_as_well(const std::optional<net::tls::Files>& other,
                      const std::optional<net::tls::Files>& home) {
  if (!home) return true;
  if (!other) return false;
  return home->client_authorities.empty() || home->client_authorities == other->client_authorities;
}

Result<void> protect(net::Server& server, const Options& options, Port port) {
  TRY(auto files, tls_files(options, port));
  if (!files) return {};
  const auto secured = server.secure(std::move(*files), look_interval(options));
  if (!secured) return fail(described(row_of(port).cert_flag), secured.error());
  return {};
}

Result<std::unique_ptr<net::BearerToken>> open_token(const Options& options, Port port,
                                                     const Clock& clock, Log log) {
  const Row& row = row_of(port);
  CHECK(row.token != nullptr);
  const std::string& file = options.*row.token;
  if (file.empty()) return nullptr;
  auto token = net::BearerToken::open({.file = file, .look_interval = look_interval(options)},
                                      clock, std::move(log));
  if (!token) return fail(described(row.token_flag), token.error());
  return std::make_unique<net::BearerToken>(*std::move(token));
}

}  // namespace cli
