#pragma once

// Structured logging: a constant message plus key-value pairs, as text for people or as JSON lines
// for machines.

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace base {

enum class LogLevel : std::uint8_t { debug, info, warn, error };
enum class LogFormat : std::uint8_t { text, json };

// One key and its value, already as text; `quoted` says whether JSON needs quotes around it.
struct Field {
  std::string_view key;
  std::string value;
  bool quoted = true;

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), quoted(false) {}
  Field(std::string_view k, double v);
  template <std::integral T>
  Field(std::string_view k, T v) : key(k), value(std::to_string(v)), quoted(false) {}
};

// A cheap handle on a log. Thread-safe; copies share one sink. A default-made Log is silent.
class Log {
 public:
  Log() = default;

  void debug(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void info(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void warn(std::string_view message, std::initializer_list<Field> fields = {}) const;
  void error(std::string_view message, std::initializer_list<Field> fields = {}) const;

  // The same log whose lines also carry component=`name`.
  Log with(std::string_view component) const;

  // Writes to standard error.
  static Log make(LogLevel level, LogFormat format);
  // For tests: hands every formatted line (no newline) to `sink`, on the caller's thread.
  static Log to(LogLevel level, LogFormat format, std::function<void(std::string_view)> sink);

 private:
  struct Sink;

  void write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) const;

  std::shared_ptr<const Sink> sink_;
  std::string component_;
};

// "debug", "info", "warn", "error". Errors: invalid.
Result<LogLevel> parse_log_level(std::string_view text);
// "text", "json". Errors: invalid.
Result<LogFormat> parse_log_format(std::string_view text);

}  // namespace base

using base::Log;
