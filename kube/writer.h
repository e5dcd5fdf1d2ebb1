#pragma once

// Writes a JSON object member by member and leaves out what is empty, as Go's "omitempty" does.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "json/json.h"

namespace kube {

// Text as a JSON value.
inline json::Value text_value(std::string_view text) {
  return boost::json::string_view(text.data(), text.size());
}

// Confined to its owner.
class Writer {
 public:
  // Left out when empty.
  void text(std::string_view key, const std::string& value) {
    if (!value.empty()) put(key, text_value(value));
  }
  // Left out when zero.
  void count(std::string_view key, std::int64_t value) {
    if (value != 0) put(key, value);
  }
  // Left out when not set.
  void number(std::string_view key, std::optional<std::int32_t> value) {
    if (value) put(key, *value);
  }
  void time(std::string_view key, std::optional<Timestamp> value) {
    if (value) put(key, text_value(base::format_time(*value)));
  }
  // Left out when false.
  void flag(std::string_view key, bool value) {
    if (value) put(key, value);
  }
  // Left out when empty.
  void list(std::string_view key, json::Array value) {
    if (!value.empty()) put(key, std::move(value));
  }
  void object(std::string_view key, json::Object value) {
    if (!value.empty()) put(key, std::move(value));
  }
  void texts(std::string_view key, const std::vector<std::string>& value) {
    json::Array all;
    for (const std::string& item : value) all.push_back(text_value(item));
    list(key, std::move(all));
  }
  void text_map(std::string_view key, const std::map<std::string, std::string>& value) {
    json::Object all;
    for (const auto& [name, item] : value) all[name] = text_value(item);
    object(key, std::move(all));
  }
  // Always written.
  void put(std::string_view key, json::Value value) {
    out_[boost::json::string_view(key.data(), key.size())] = std::move(value);
  }

  json::Object take() { return std::move(out_); }

 private:
  json::Object out_;
};

}  // namespace kube
