#include "cli/zap_flags.h"

#include <gtest/gtest.h>
#include <CLI/CLI.hpp>

namespace cli {
namespace {

// The options that a command line sets, or the usage error.
Result<Options> parse(std::vector<std::string> arguments) {
  Options options;
  CLI::App app;
  declare_zap_flags(app, options);
  std::ranges::reverse(arguments);  // as CLI11 takes them
  try {
    app.parse(arguments);
  } catch (const CLI::ParseError& error) {
    return fail(Code::invalid, error.what());
  }
  return options;
}

TEST(ZapFlags, SetLevelAndFormat) {
  struct Case {
    std::vector<std::string> arguments;
    base::LogLevel level;
    base::LogFormat format;
  };
  using enum base::LogLevel;
  using enum base::LogFormat;
  const Case cases[] = {
      {{}, info, text},
      {{"--zap-log-level=info", "--zap-stacktrace-level=error"}, info, text},  // the chart's
      {{"--zap-log-level=debug"}, debug, text},
      {{"--zap-log-level", "error"}, error, text},
      {{"--zap-log-level=panic"}, error, text},
      {{"--zap-log-level=5"}, debug, text},
      {{"--zap-encoder=json"}, info, json},
      {{"--zap-encoder=console"}, info, text},
      {{"--zap-devel"}, debug, text},
      {{"--zap-devel=false"}, info, text},
      {{"--zap-time-encoding=iso8601", "--kubeconfig=/nowhere"}, info, text},
  };
  for (const Case& c : cases) {
    const auto options = parse(c.arguments);
    SCOPED_TRACE(c.arguments.empty() ? "" : c.arguments[0]);
    ASSERT_TRUE(options) << options.error().what;
    EXPECT_EQ(options->log_level, c.level);
    EXPECT_EQ(options->log_format, c.format);
  }
}

TEST(ZapFlags, RefuseWhatZapWould) {
  struct Case {
    std::string argument;
    std::string want;
  };
  const Case cases[] = {
      {"--zap-log-level=loud", "--zap-log-level: \"loud\" is none of debug, info, error, panic"},
      {"--zap-encoder=xml", "--zap-encoder: \"xml\" is none of json, console"},
      {"--zap-stacktrace-level=debug",
       "--zap-stacktrace-level: \"debug\" is none of info, error, panic"},
  };
  for (const Case& c : cases) {
    const auto options = parse({c.argument});
    ASSERT_FALSE(options) << c.argument;
    EXPECT_EQ(options.error().what, c.want);
  }
}

}  // namespace
}  // namespace cli
