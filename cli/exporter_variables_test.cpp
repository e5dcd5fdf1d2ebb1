#include "cli/exporter_variables.h"

#include <gtest/gtest.h>

#include <map>

namespace cli {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

ExporterVariables from(const Variables& variables) {
  return read_exporter_variables([&](std::string_view name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt : std::optional(it->second);
  });
}

const Variables sdk = {{"OTEL_EXPORTER_OTLP_CERTIFICATE", "ca"},
                       {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "crt"},
                       {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "key"},
                       {"OTEL_EXPORTER_OTLP_HEADERS", "a=1"},
                       {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://elsewhere"}};

TEST(ExporterVariables, OfMetricsWinAndEmptyOnesAreNone) {
  const ExporterVariables all = from(sdk);
  EXPECT_EQ(all.certificate, (OptionText{"ca", "OTEL_EXPORTER_OTLP_CERTIFICATE"}));
  EXPECT_EQ(all.headers, (OptionText{"a=1", "OTEL_EXPORTER_OTLP_HEADERS"}));
  Variables more = sdk;
  more["OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE"] = "own";
  more["OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY"] = "";
  EXPECT_EQ(from(more).certificate, (OptionText{"own", "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE"}));
  EXPECT_EQ(from(more).client_key.text, "key");
  EXPECT_TRUE(from({}).certificate.empty());
}

TEST(ExporterVariables, FillWhatNoFlagSays) {
  struct Case {
    const char* name;
    DestinationOptions stated;
    std::string ca, cert, key;  // afterwards
  };
  const OptionText flag{"own", "--flag"};
  const Case cases[] = {
      {"no flag", {.address = "https://h"}, "ca", "crt", "key"},
      {"plain text", {.address = "h"}, "", "", ""},
      {"authorities", {.address = "https://h", .ca_file = flag}, "own", "crt", "key"},
      {"any authority", {.address = "https://h", .insecure_skip_verify = true}, "", "crt", "key"},
      {"half an identity", {.address = "https://h", .cert_file = flag}, "ca", "own", ""},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const DestinationOptions got = completed(c.stated, from(sdk));
    EXPECT_EQ(got.address, c.stated.address);
    EXPECT_EQ(got.ca_file.text, c.ca);
    EXPECT_EQ(got.cert_file.text, c.cert);
    EXPECT_EQ(got.key_file.text, c.key);
  }
}

TEST(ExporterHeaders, AreReadAsSdksDo) {
  using Fields = std::vector<std::pair<std::string, std::string>>;
  struct Case {
    const char* text;
    Result<Fields> want;
  };
  const auto wrong = [](const char* what) {
    return fail(Code::invalid, std::string("HEADERS: ") + what);
  };
  const Case cases[] = {
      {"", Fields{}},
      {"authorization=Bearer%20s3cret", Fields{{"authorization", "Bearer s3cret"}}},
      {" X-Tenant = a , b=c=d ,, e=", Fields{{"x-tenant", "a"}, {"b", "c=d"}, {"e", ""}}},
      {"a=1,s3cret", wrong("item 2: want key=value")},
      {"=s3cret", wrong("item 1: its name is no header's")},
      {"a b=s3cret", wrong("item 1: its name is no header's")},
      {"a=s3cret%0d%0ab: c", wrong("item 1: its value is no header's")},
      {"a=s3cret%2", wrong("item 1: its value is no header's")},
      {"Content-Type=text/plain", wrong("item 1: content-type is set by the protocol")},
      {"grpc-timeout=1S", wrong("item 1: grpc-timeout is set by the protocol")},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto got = parse_headers({c.text, "HEADERS"});
    ASSERT_EQ(got.has_value(), c.want.has_value());
    if (got) EXPECT_EQ(got->all(), *c.want);
    if (!got) EXPECT_EQ(got.error(), c.want.error());
  }
}

}  // namespace
}  // namespace cli
