#include "cli/zap_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace cli {
namespace {

constexpr const char* group = "As otel-add-on's container takes them";

template <class Value>
struct Word {
  std::string_view text;
  Value value;
};

constexpr std::array level_words = {
    Word{"debug", base::LogLevel::debug}, Word{"info", base::LogLevel::info},
    Word{"error", base::LogLevel::error}, Word{"panic", base::LogLevel::error}};
constexpr std::array encoder_words = {Word{"json", base::LogFormat::json},
                                      Word{"console", base::LogFormat::text}};
constexpr std::array<std::string_view, 3> stacktrace_words = {"info", "error", "panic"};
constexpr std::array<std::string_view, 6> time_words = {"epoch",   "millis",  "nano",
                                                        "iso8601", "rfc3339", "rfc3339nano"};

[[noreturn]] void refuse(const char* flag, const std::string& text, const auto& words) {
  throw CLI::ValidationError(flag,
                             fmt::format("\"{}\" is none of {}", text, fmt::join(words, ", ")));
}

// zap's numbers are verbosity: above 0 is debug.
bool is_verbosity(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

template <class Value, std::size_t size>
Value value_of(const char* flag, const std::array<Word<Value>, size>& words,
               const std::string& text) {
  const auto found = std::ranges::find(words, text, &Word<Value>::text);
  if (found != words.end()) return found->value;
  std::array<std::string_view, size> texts;
  std::ranges::transform(words, texts.begin(), &Word<Value>::text);
  refuse(flag, text, texts);
}

void set_level(Options& options, const std::string& text) {
  options.log_level =
      is_verbosity(text) ? base::LogLevel::debug : value_of("--zap-log-level", level_words, text);
}

void set_devel(Options& options, std::int64_t devel) {
  if (devel <= 0) return;
  options.log_level = base::LogLevel::debug;
  options.log_format = base::LogFormat::text;
}

void declare_checked(CLI::App& app, const char* name, std::span<const std::string_view> words,
                     const char* help) {
  app.add_option_function<std::string>(
         name,
         [name, words](const std::string& text) {
           if (std::ranges::find(words, text) == words.end()) refuse(name, text, words);
         },
         help)
      ->group(group);
}

}  // namespace

void declare_zap_flags(CLI::App& app, Options& options) {
  app.add_option_function<std::string>(
         "--zap-log-level", [&options](const std::string& text) { set_level(options, text); },
         "debug, info, error or panic, or a number above 0 for debug: as --log-level")
      ->group(group);
  app.add_option_function<std::string>(
         "--zap-encoder",
         [&options](const std::string& text) {
           options.log_format = value_of("--zap-encoder", encoder_words, text);
         },
         "json or console: as --log-format")
      ->group(group);
  app.add_flag_function(
         "--zap-devel", [&options](std::int64_t devel) { set_devel(options, devel); },
         "as --log-level debug --log-format text")
      ->group(group);
  declare_checked(app, "--zap-stacktrace-level", stacktrace_words,
                  "no effect: logs have no stacks");
  declare_checked(app, "--zap-time-encoding", time_words, "no effect: times are RFC 3339");
  app.add_option_function<std::string>(
         "--kubeconfig", [](const std::string&) {}, "no effect: nothing of a cluster is read")
      ->group(group);
}

}  // namespace cli
