#include "json/json.h"

#include <fmt/format.h>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <optional>

namespace json {
namespace {

constexpr std::size_t depth_max = 64;

using Failure = boost::json::error_code;
using Text = boost::json::string_view;

// Builds a value from the parser's events. Boost 1.81's own builder misses the last bit of every
// eighth decimal fraction; this one reads fractions from their text.
struct Builder {
  static constexpr std::size_t max_object_size = Object::max_size();
  static constexpr std::size_t max_array_size = Array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  boost::json::value_stack stack;

  template <class Push>
  bool take(Push push) {
    push();
    return true;
  }

  bool on_document_begin(Failure&) { return true; }
  bool on_document_end(Failure&) { return true; }
  bool on_object_begin(Failure&) { return true; }
  bool on_object_end(std::size_t n, Failure&) {
    return take([&] { stack.push_object(n); });
  }
  bool on_array_begin(Failure&) { return true; }
  bool on_array_end(std::size_t n, Failure&) {
    return take([&] { stack.push_array(n); });
  }
  bool on_key_part(Text s, std::size_t, Failure&) {
    return take([&] { stack.push_chars(s); });
  }
  bool on_key(Text s, std::size_t, Failure&) {
    return take([&] { stack.push_key(s); });
  }
  bool on_string_part(Text s, std::size_t, Failure&) {
    return take([&] { stack.push_chars(s); });
  }
  bool on_string(Text s, std::size_t, Failure&) {
    return take([&] { stack.push_string(s); });
  }
  bool on_number_part(Text, Failure&) { return true; }
  bool on_int64(std::int64_t i, Text, Failure&) {
    return take([&] { stack.push_int64(i); });
  }
  bool on_uint64(std::uint64_t u, Text, Failure&) {
    return take([&] { stack.push_uint64(u); });
  }
  bool on_double(double rough, Text text, Failure&) {
    double exact = rough;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exact);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return take([&] { stack.push_double(whole ? exact : rough); });
  }
  bool on_bool(bool b, Failure&) {
    return take([&] { stack.push_bool(b); });
  }
  bool on_null(Failure&) {
    return take([&] { stack.push_null(); });
  }
  bool on_comment_part(Text, Failure&) { return true; }
  bool on_comment(Text, Failure&) { return true; }
};

// Writes one document, compact or indented. Boost's own writer gives 4.2E1 for 42 and 1e99999 for
// infinities.
class Printer {
 public:
  explicit Printer(std::optional<int> indent) : indent_(indent) {}

  std::string print(const Value& value) {
    append(value, 0);
    return std::move(out_);
  }

 private:
  void append(const Value& value, int level) {
    if (value.is_object()) return append_object(value.get_object(), level);
    if (value.is_array()) return append_array(value.get_array(), level);
    if (value.is_double()) return append_double(value.get_double());
    out_ += boost::json::serialize(value);
  }

  void append_object(const Object& object, int level) {
    out_ += '{';
    bool first = true;
    for (const auto& member : object) {
      next_item(first, level + 1);
      out_ += boost::json::serialize(member.key());
      out_ += indent_ ? ": " : ":";
      append(member.value(), level + 1);
    }
    if (!first) new_line(level);
    out_ += '}';
  }

  void append_array(const Array& array, int level) {
    out_ += '[';
    bool first = true;
    for (const Value& item : array) {
      next_item(first, level + 1);
      append(item, level + 1);
    }
    if (!first) new_line(level);
    out_ += ']';
  }

  // The shortest text that reads back as the same number. "-0" would read back as the integer 0.
  void append_double(double value) {
    const bool minus_zero = value == 0 && std::signbit(value);
    out_ += minus_zero ? "-0.0" : std::isfinite(value) ? fmt::format("{}", value) : "null";
  }

  void next_item(bool& first, int level) {
    if (!first) out_ += ',';
    first = false;
    new_line(level);
  }

  void new_line(int level) {
    if (!indent_) return;
    out_ += '\n';
    out_.append(static_cast<std::size_t>(*indent_ * level), ' ');
  }

  const std::optional<int> indent_;
  std::string out_;
};

}  // namespace

Result<Value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<Builder> parser(options);
  parser.handler().stack.reset();
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error)
    return fail(Code::invalid, fmt::format("bad JSON at byte {}: {}", read, error.message()));
  for (const char c : text.substr(read)) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      return fail(Code::invalid, fmt::format("bad JSON at byte {}: text after the document", read));
    }
  }
  return parser.handler().stack.release();
}

std::string print(const Value& value) {
  return Printer(std::nullopt).print(value);
}

std::string print_pretty(const Value& value, int spaces) {
  return Printer(spaces).print(value);
}

const Value* find(const Value& value, std::string_view key) {
  if (!value.is_object()) return nullptr;
  return value.get_object().if_contains(boost::json::string_view(key.data(), key.size()));
}

std::optional<std::string> text_at(const Value& value, std::string_view key) {
  const Value* member = find(value, key);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string(member->get_string().data(), member->get_string().size());
}

std::optional<std::int64_t> int_at(const Value& value, std::string_view key) {
  const Value* member = find(value, key);
  if (member == nullptr) return std::nullopt;
  boost::json::error_code error;
  const auto number = member->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return number;
}

std::optional<double> number_at(const Value& value, std::string_view key) {
  const Value* member = find(value, key);
  if (member == nullptr || !member->is_number()) return std::nullopt;
  boost::json::error_code error;
  return member->to_number<double>(error);
}

std::optional<bool> bool_at(const Value& value, std::string_view key) {
  const Value* member = find(value, key);
  if (member == nullptr || !member->is_bool()) return std::nullopt;
  return member->get_bool();
}

void merge_patch(Value& target, const Value& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = Object{};
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null()) {
      target.get_object().erase(member.key());
    } else {
      merge_patch(target.get_object()[member.key()], member.value());
    }
  }
}

}  // namespace json
