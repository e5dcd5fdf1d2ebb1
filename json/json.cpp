#include "json/json.h"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace json {
namespace {

constexpr std::size_t depth_max = 64;

using Failure = boost::json::error_code;
using Text = boost::json::string_view;

// Builds a value from the parser's events. Boost 1.81's own builder misses the last bit of every eighth
// decimal fraction; this one reads fractions from their text.
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
  bool on_object_end(std::size_t n, Failure&) { return take([&] { stack.push_object(n); }); }
  bool on_array_begin(Failure&) { return true; }
  bool on_array_end(std::size_t n, Failure&) { return take([&] { stack.push_array(n); }); }
  bool on_key_part(Text s, std::size_t, Failure&) { return take([&] { stack.push_chars(s); }); }
  bool on_key(Text s, std::size_t, Failure&) { return take([&] { stack.push_key(s); }); }
  bool on_string_part(Text s, std::size_t, Failure&) { return take([&] { stack.push_chars(s); }); }
  bool on_string(Text s, std::size_t, Failure&) { return take([&] { stack.push_string(s); }); }
  bool on_number_part(Text, Failure&) { return true; }
  bool on_int64(std::int64_t i, Text, Failure&) { return take([&] { stack.push_int64(i); }); }
  bool on_uint64(std::uint64_t u, Text, Failure&) { return take([&] { stack.push_uint64(u); }); }
  bool on_double(double rough, Text text, Failure&) {
    double exact = rough;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), exact);
    const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
    return take([&] { stack.push_double(whole ? exact : rough); });
  }
  bool on_bool(bool b, Failure&) { return take([&] { stack.push_bool(b); }); }
  bool on_null(Failure&) { return take([&] { stack.push_null(); }); }
  bool on_comment_part(Text, Failure&) { return true; }
  bool on_comment(Text, Failure&) { return true; }
};

void append_indented(std::string& out, const Value& value, int spaces, int level);

void new_line(std::string& out, int spaces, int level) {
  out += '\n';
  out.append(static_cast<std::size_t>(spaces * level), ' ');
}

std::string quoted(std::string_view text) { return boost::json::serialize(boost::json::string_view(text)); }

void append_object(std::string& out, const Object& object, int spaces, int level) {
  out += '{';
  bool first = true;
  for (const auto& member : object) {
    if (!first) out += ',';
    first = false;
    new_line(out, spaces, level + 1);
    out += quoted(std::string_view(member.key().data(), member.key().size())) + ": ";
    append_indented(out, member.value(), spaces, level + 1);
  }
  new_line(out, spaces, level);
  out += '}';
}

void append_array(std::string& out, const Array& array, int spaces, int level) {
  out += '[';
  bool first = true;
  for (const Value& item : array) {
    if (!first) out += ',';
    first = false;
    new_line(out, spaces, level + 1);
    append_indented(out, item, spaces, level + 1);
  }
  new_line(out, spaces, level);
  out += ']';
}

void append_indented(std::string& out, const Value& value, int spaces, int level) {
  if (value.is_object() && !value.get_object().empty()) return append_object(out, value.get_object(), spaces, level);
  if (value.is_array() && !value.get_array().empty()) return append_array(out, value.get_array(), spaces, level);
  out += print(value);
}

// Boost writes 1e99999 for infinities, which no reader takes.
bool has_non_finite(const Value& value) {
  if (value.is_double()) return !std::isfinite(value.get_double());
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (has_non_finite(member.value())) return true;
    }
  }
  if (value.is_array()) {
    for (const Value& item : value.get_array()) {
      if (has_non_finite(item)) return true;
    }
  }
  return false;
}

void drop_non_finite(Value& value) {
  if (value.is_double() && !std::isfinite(value.get_double())) value = nullptr;
  if (value.is_object()) {
    for (auto& member : value.get_object()) drop_non_finite(member.value());
  }
  if (value.is_array()) {
    for (Value& item : value.get_array()) drop_non_finite(item);
  }
}

}  // namespace

Result<Value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<Builder> parser(options);
  parser.handler().stack.reset();
  boost::json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (error) return fail(Code::invalid, fmt::format("bad JSON at byte {}: {}", read, error.message()));
  for (const char c : text.substr(read)) {
    if (c != ' ' && c != '\n' && c != '\t' && c != '\r') {
      return fail(Code::invalid, fmt::format("bad JSON at byte {}: text after the document", read));
    }
  }
  return parser.handler().stack.release();
}

std::string print(const Value& value) {
  if (!has_non_finite(value)) return boost::json::serialize(value);
  Value copy = value;
  drop_non_finite(copy);
  return boost::json::serialize(copy);
}

std::string print_pretty(const Value& value, int spaces) {
  std::string out;
  append_indented(out, value, spaces, 0);
  return out;
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
