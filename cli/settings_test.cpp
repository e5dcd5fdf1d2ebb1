#include "cli/settings.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace cli {
namespace {

using Variables = std::map<std::string, std::string, std::less<>>;

Result<Options> from(const Variables& variables) {
  Options options;
  const auto applied =
      apply_environment(options, [&](std::string_view name) -> std::optional<std::string> {
        const auto it = variables.find(name);
        return it == variables.end() ? std::nullopt : std::optional(it->second);
      });
  if (!applied) return std::unexpected(applied.error());
  return options;
}

TEST(Settings, ReadTheEnvironmentOfOtelAddOn) {
  const auto options = from({{"OTLP_RECEIVER_PORT", "5317"},
                             {"METRIC_STORE_RETENTION_SECONDS", "5"},
                             {"METRIC_STORE_ERROR_IF_NOT_FOUND", "true"},
                             {"METRIC_STORE_VALUE_IF_NOT_FOUND", "-1.5"},
                             {"REST_API_PORT", ""}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->otlp_port, 5317);
  EXPECT_EQ(options->retention, std::chrono::seconds(5));
  EXPECT_TRUE(options->error_if_not_found);
  EXPECT_EQ(options->value_if_not_found, -1.5);
  EXPECT_EQ(options->rest_port, 9090);
}

TEST(Settings, RepeatActivityAsOtelAddOnPolledUnlessThatWasItsDefault) {
  EXPECT_EQ(from({{"IS_ACTIVE_POLLING_INTERVAL_MS", "500"}})->activity_repeat_interval,
            std::chrono::seconds(15));
  EXPECT_EQ(from({{"IS_ACTIVE_POLLING_INTERVAL_MS", "2000"}})->activity_repeat_interval,
            std::chrono::seconds(2));
}

// The chart of otel-add-on writes every variable, whether somebody asked for it or not.
TEST(Settings, WhatTheChartWritesUnaskedIsNotSet) {
  for (const char* text : {"", "0", "0.0", "-0", "0e5"}) {
    const auto options = from({{"METRIC_STORE_VALUE_IF_NOT_FOUND", text}});
    ASSERT_TRUE(options) << text;
    EXPECT_EQ(options->value_if_not_found, std::nullopt) << text;
  }
  const auto setting = std::ranges::find(settings(), "value-if-not-found", &Setting::flag);
  Options by_flag;
  ASSERT_TRUE(assign(by_flag, *setting, "0"));
  EXPECT_EQ(by_flag.value_if_not_found, 0.0);
}

TEST(Settings, SayWhichMetricsAreKept) {
  struct Case {
    Variables variables;
    MetricsKept want;
  };
  using enum MetricsKept;
  const Case cases[] = {
      {{}, all},
      {{{"TIDEWHEEL_METRICS", "wanted"}}, wanted},
      {{{"TIDEWHEEL_METRICS", ""}}, all},
      {{{"METRIC_STORE_LAZY_SERIES", "false"}, {"METRIC_STORE_LAZY_AGGREGATES", "false"}}, all},
      {{{"METRIC_STORE_LAZY_SERIES", "true"}, {"METRIC_STORE_LAZY_AGGREGATES", "false"}}, wanted},
      {{{"METRIC_STORE_LAZY_AGGREGATES", "1"}}, wanted},
      {{{"METRIC_STORE_LAZY_SERIES", "true"}, {"TIDEWHEEL_METRICS", "all"}}, all},
  };
  for (const auto& c : cases) EXPECT_EQ(from(c.variables)->metrics, c.want);
  const auto options =
      from({{"TIDEWHEEL_WANTED_METRICS", "up, http.server.duration,,queue/depth "}});
  EXPECT_EQ(options->wanted_metrics,
            (std::vector<std::string>{"up", "http.server.duration", "queue/depth"}));
}

TEST(Settings, NameTheVariableThatIsWrong) {
  struct Case {
    const char* name;
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"OTLP_RECEIVER_PORT", "70000", "OTLP_RECEIVER_PORT: \"70000\" is not a port (0 to 65535)"},
      {"OTLP_RECEIVER_PORT", "4317x", "OTLP_RECEIVER_PORT: \"4317x\" is not a port (0 to 65535)"},
      {"METRIC_STORE_RETENTION_SECONDS", "0",
       "METRIC_STORE_RETENTION_SECONDS: \"0\" is not above 0"},
      {"IS_ACTIVE_POLLING_INTERVAL_MS", "0", "IS_ACTIVE_POLLING_INTERVAL_MS: \"0\" is not above 0"},
      {"METRIC_STORE_ERROR_IF_NOT_FOUND", "yes",
       "METRIC_STORE_ERROR_IF_NOT_FOUND: \"yes\" is not true or false"},
      {"METRIC_STORE_LAZY_SERIES", "yes", "METRIC_STORE_LAZY_SERIES: \"yes\" is not true or false"},
      {"TIDEWHEEL_METRICS", "some", "TIDEWHEEL_METRICS: \"some\" is not all or wanted"},
  };
  for (const auto& c : cases) {
    const auto options = from({{c.name, c.text}});
    ASSERT_FALSE(options);
    EXPECT_EQ(options.error().what, c.want);
  }
}

TEST(Settings, HaveDefaultsThatReadBack) {
  for (const Setting& setting : settings()) {
    Options options;
    const std::string text = default_text(setting);
    if (!text.empty()) EXPECT_TRUE(assign(options, setting, text)) << setting.flag;
  }
}

}  // namespace
}  // namespace cli
