#include "cli/protection.h"

#include <gtest/gtest.h>

#include <map>

namespace cli {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;
using Flags = std::map<std::string_view, std::string_view>;

// As at the start: the environment first, then flags.
Options options_of(const Variables& variables, const Flags& flags) {
  Options options;
  const auto applied =
      apply_environment(options, [&](std::string_view name) -> std::optional<std::string> {
        const auto it = variables.find(name);
        return it == variables.end() ? std::nullopt : std::optional(it->second);
      });
  EXPECT_TRUE(applied) << applied.error().what;
  for (const Setting& setting : settings()) {
    const auto it = flags.find(setting.flag);
    if (it != flags.end()) EXPECT_TRUE(assign(options, setting, it->second));
  }
  return options;
}

struct Case {
  const char* name;
  Variables variables;
  Flags flags;
  Port port;
  Result<std::optional<net::tls::Files>> want;
};

// What otel-add-on's chart renders when nothing is set.
const Variables chart = {{"OTLP_TLS_CA_FILE", ""},      {"OTLP_TLS_CERT_FILE", ""},
                         {"OTLP_TLS_KEY_FILE", ""},     {"OTLP_CERTIFICATE_RELOAD_INTERVAL", "5m"},
                         {"KEDA_TLS_ENABLED", "false"}, {"KEDA_TLS_CERT_FILE", ""},
                         {"KEDA_TLS_KEY_FILE", ""}};

const Case cases[] = {
    {"nothing", {}, {}, Port::otlp, std::nullopt},
    {"the chart's empty strings", chart, {}, Port::otlp, std::nullopt},
    {"the chart's empty strings, scaler", chart, {}, Port::scaler, std::nullopt},
    {"by environment",
     {{"OTLP_TLS_CERT_FILE", "c"}, {"OTLP_TLS_KEY_FILE", "k"}},
     {},
     Port::otlp,
     net::tls::Files{"c", "k", ""}},
    {"mutual",
     {{"OTLP_TLS_CERT_FILE", "c"}, {"OTLP_TLS_KEY_FILE", "k"}, {"OTLP_TLS_CA_FILE", "a"}},
     {},
     Port::otlp,
     net::tls::Files{"c", "k", "a"}},
    {"a flag wins",
     {{"OTLP_TLS_CERT_FILE", "c"}, {"OTLP_TLS_KEY_FILE", "k"}},
     {{"otlp-tls-cert-file", "own"}},
     Port::otlp,
     net::tls::Files{"own", "k", ""}},
    {"one port's files are not another's",
     {{"OTLP_TLS_CERT_FILE", "c"}, {"OTLP_TLS_KEY_FILE", "k"}},
     {},
     Port::scaler,
     std::nullopt},
    {"no key",
     {{"OTLP_TLS_CERT_FILE", "c"}},
     {},
     Port::otlp,
     fail(Code::invalid,
          "--otlp-tls-key-file (OTLP_TLS_KEY_FILE) is missing: --otlp-tls-cert-file "
          "(OTLP_TLS_CERT_FILE) is set")},
    {"no certificate",
     {},
     {{"rest-tls-key-file", "k"}},
     Port::rest,
     fail(Code::invalid, "--rest-tls-cert-file is missing: --rest-tls-key-file is set")},
    {"authorities alone",
     {{"OTLP_TLS_CA_FILE", "a"}},
     {},
     Port::otlp,
     fail(Code::invalid,
          "--otlp-tls-cert-file (OTLP_TLS_CERT_FILE) is missing: --otlp-tls-ca-file "
          "(OTLP_TLS_CA_FILE) is set")},
    {"the chart's files for KEDA, not turned on",
     {{"KEDA_TLS_ENABLED", "false"}, {"KEDA_TLS_CERT_FILE", "c"}, {"KEDA_TLS_KEY_FILE", "k"}},
     {},
     Port::scaler,
     std::nullopt},
    {"turned on",
     {{"KEDA_TLS_ENABLED", "true"}, {"KEDA_TLS_CERT_FILE", "c"}, {"KEDA_TLS_KEY_FILE", "k"}},
     {},
     Port::scaler,
     net::tls::Files{"c", "k", ""}},
    {"by flags alone",
     {},
     {{"scaler-tls-cert-file", "c"}, {"scaler-tls-key-file", "k"}, {"scaler-tls-ca-file", "a"}},
     Port::scaler,
     net::tls::Files{"c", "k", "a"}},
    {"metrics",
     {},
     {{"metrics-tls-cert-file", "c"}, {"metrics-tls-key-file", "k"}},
     Port::metrics,
     net::tls::Files{"c", "k", ""}},
};

TEST(Protection, IsWhatTheSettingsSay) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = tls_files(options_of(c.variables, c.flags), c.port);
    EXPECT_TRUE(got == c.want) << (got ? "" : got.error().what);
  }
}

// otel-add-on serves plaintext then.
TEST(Protection, Defect43TlsThatIsAskedForWithoutFilesIsAnError) {
  const Options options = options_of(
      {{"KEDA_TLS_ENABLED", "true"}, {"KEDA_TLS_CERT_FILE", ""}, {"KEDA_TLS_KEY_FILE", ""}}, {});
  EXPECT_EQ(tls_files(options, Port::scaler),
            fail(Code::invalid,
                 "--scaler-tls-cert-file (KEDA_TLS_CERT_FILE) is missing: --scaler-tls "
                 "(KEDA_TLS_ENABLED) is set"));
}

TEST(Protection, OnePortIsNoWayAroundAnother) {
  using Files = std::optional<net::tls::Files>;
  const Files plain;
  const Files server = net::tls::Files{"c", "k", ""};
  const Files mutual = net::tls::Files{"c2", "k2", "a"};
  const Files other = net::tls::Files{"c2", "k2", "b"};
  struct Pair {
    Files port, home;
    bool want;
  };
  const Pair pairs[] = {{plain, plain, true},   {server, plain, true},   {mutual, plain, true},
                        {plain, server, false}, {server, server, true},  {mutual, server, true},
                        {plain, mutual, false}, {server, mutual, false}, {mutual, mutual, true},
                        {other, mutual, false}};
  for (const Pair& c : pairs) EXPECT_EQ(protects_as_well(c.port, c.home), c.want);
}

}  // namespace
}  // namespace cli
