#include "base/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cmath>

#include "base/clock.h"
#include "base/time.h"

namespace base {

struct Log::Sink {
  LogLevel level;
  LogFormat format;
  std::function<void(std::string_view)> write;
};

namespace {

constexpr std::string_view level_names[] = {"debug", "info", "warn", "error"};

void append_json_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

bool needs_quotes(std::string_view value) {
  return value.empty() || value.find_first_of(" \"=\n\t\\") != value.npos;
}

void append_text(std::string& out, const Field& field) {
  out += ' ';
  out += field.key;
  out += '=';
  if (needs_quotes(field.value)) {
    append_json_text(out, field.value);
  } else {
    out += field.value;
  }
}

void append_json(std::string& out, const Field& field) {
  out += ',';
  append_json_text(out, field.key);
  out += ':';
  if (field.quoted) {
    append_json_text(out, field.value);
  } else {
    out += field.value;
  }
}

std::string text_line(LogLevel level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string line = format_time_ns(SystemClock{}.now()).substr(0, 23);
  line += fmt::format("Z {:<5} ", level_names[static_cast<int>(level)]);
  if (!component.empty()) line += fmt::format("{}: ", component);
  line += message;
  for (const Field& field : fields) append_text(line, field);
  return line;
}

std::string json_line(LogLevel level, std::string_view component, std::string_view message,
                      std::initializer_list<Field> fields) {
  std::string line = "{\"time\":";
  append_json_text(line, format_time_ns(SystemClock{}.now()));
  append_json(line, Field("level", level_names[static_cast<int>(level)]));
  if (!component.empty()) append_json(line, Field("component", component));
  append_json(line, Field("message", message));
  for (const Field& field : fields) append_json(line, field);
  return line + "}";
}

}  // namespace

Field::Field(std::string_view k, double v)
    : key(k), value(fmt::format("{}", v)), quoted(!std::isfinite(v)) {}

Log Log::to(LogLevel level, LogFormat format, std::function<void(std::string_view)> sink) {
  Log log;
  log.sink_ = std::make_shared<const Sink>(Sink{level, format, std::move(sink)});
  return log;
}

Log Log::make(LogLevel level, LogFormat format) {
  auto output =
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  output->set_pattern("%v");
  output->flush_on(spdlog::level::info);
  return to(level, format, [output](std::string_view line) { output->info("{}", line); });
}

Log Log::with(std::string_view component) const {
  Log log = *this;
  log.component_ = component;
  return log;
}

void Log::write(LogLevel level, std::string_view message,
                std::initializer_list<Field> fields) const {
  if (!sink_ || level < sink_->level) return;
  sink_->write(sink_->format == LogFormat::json ? json_line(level, component_, message, fields)
                                                : text_line(level, component_, message, fields));
}

void Log::debug(std::string_view message, std::initializer_list<Field> fields) const {
  write(LogLevel::debug, message, fields);
}
void Log::info(std::string_view message, std::initializer_list<Field> fields) const {
  write(LogLevel::info, message, fields);
}
void Log::warn(std::string_view message, std::initializer_list<Field> fields) const {
  write(LogLevel::warn, message, fields);
}
void Log::error(std::string_view message, std::initializer_list<Field> fields) const {
  write(LogLevel::error, message, fields);
}

Result<LogLevel> parse_log_level(std::string_view text) {
  for (int i = 0; i < 4; ++i) {
    if (text == level_names[i]) return static_cast<LogLevel>(i);
  }
  return fail(Code::invalid,
              fmt::format("\"{}\" is not a log level (want debug, info, warn or error)", text));
}

Result<LogFormat> parse_log_format(std::string_view text) {
  if (text == "text") return LogFormat::text;
  if (text == "json") return LogFormat::json;
  return fail(Code::invalid, fmt::format("\"{}\" is not a log format (want text or json)", text));
}

}  // namespace base
