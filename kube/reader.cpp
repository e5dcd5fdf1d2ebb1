#include "kube/reader.h"

#include "kube/shape.h"
#include "yaml/path.h"

namespace kube {
namespace {

std::string to_text(const json::Value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace

Reader::Reader(const json::Value& value, std::string path)
    : Reader(&value, std::move(path), std::make_shared<std::optional<Error>>()) {}

Reader::Reader(const json::Value* value, std::string path, Slot error)
    : value_(value), path_(std::move(path)), error_(std::move(error)) {
  if (value_ == nullptr || value_->is_object()) return;
  wrong_type(path_, "an object", *value_);
  value_ = nullptr;
}

bool Reader::has(std::string_view key) const {
  return member(key) != nullptr;
}

std::string Reader::text(std::string_view key, std::string fallback) {
  auto found = maybe_text(key);
  return found ? *std::move(found) : std::move(fallback);
}

std::optional<std::string> Reader::maybe_text(std::string_view key) {
  const json::Value* found = member(key);
  if (found == nullptr) return std::nullopt;
  if (found->is_string()) return to_text(*found);
  wrong_type(path_of(key), "a string", *found);
  return std::nullopt;
}

bool Reader::flag(std::string_view key, bool fallback) {
  const json::Value* found = member(key);
  if (found == nullptr) return fallback;
  if (found->is_bool()) return found->get_bool();
  wrong_type(path_of(key), "a boolean", *found);
  return fallback;
}

std::optional<Duration> Reader::maybe_seconds(std::string_view key) {
  const auto amount = maybe_integer<std::int32_t>(key);
  if (!amount) return std::nullopt;
  return std::chrono::seconds(*amount);
}

std::optional<Timestamp> Reader::maybe_time(std::string_view key) {
  const auto written = maybe_text(key);
  if (!written) return std::nullopt;
  auto time = base::parse_time(*written);
  if (time) return *time;
  wrong(key, time.error().what);
  return std::nullopt;
}

std::vector<std::string> Reader::texts(std::string_view key) {
  std::vector<std::string> all;
  const json::Value* found = member(key);
  if (found == nullptr) return all;
  if (!found->is_array()) {
    wrong_type(path_of(key), "a list", *found);
    return all;
  }
  for (const json::Value& item : found->get_array()) {
    if (item.is_string()) {
      all.push_back(to_text(item));
    } else {
      wrong_type(yaml::item_path(path_of(key), all.size()), "a string", item);
      return all;
    }
  }
  return all;
}

std::map<std::string, std::string> Reader::text_map(std::string_view key) {
  std::map<std::string, std::string> all;
  Reader inner = object(key);
  if (inner.value_ == nullptr) return all;
  for (const auto& entry : inner.value_->get_object()) {
    const std::string name(entry.key().data(), entry.key().size());
    if (auto text = inner.maybe_text(name)) all.emplace(name, *std::move(text));
  }
  return all;
}

Reader Reader::object(std::string_view key) {
  return {member(key), path_of(key), error_};
}

std::vector<Reader> Reader::items(std::string_view key) {
  std::vector<Reader> all;
  const json::Value* found = member(key);
  if (found == nullptr) return all;
  if (!found->is_array()) {
    wrong_type(path_of(key), "a list", *found);
    return all;
  }
  for (const json::Value& item : found->get_array()) {
    all.push_back(Reader(&item, yaml::item_path(path_of(key), all.size()), error_));
  }
  return all;
}

std::vector<std::pair<std::string, Reader>> Reader::members(std::string_view key) {
  std::vector<std::pair<std::string, Reader>> all;
  Reader inner = object(key);
  if (inner.value_ == nullptr) return all;
  for (const auto& entry : inner.value_->get_object()) {
    std::string name(entry.key().data(), entry.key().size());
    Reader nested = inner.object(name);
    all.emplace_back(std::move(name), std::move(nested));
  }
  return all;
}

std::string Reader::path_of(std::string_view key) const {
  return yaml::member_path(path_, key);
}

void Reader::wrong(std::string_view key, std::string_view message) {
  wrong_at(path_of(key), message);
}

const json::Value* Reader::member(std::string_view key) const {
  if (value_ == nullptr) return nullptr;
  const json::Value* found = json::find(*value_, key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

std::optional<std::int64_t> Reader::wide_integer(std::string_view key, std::int64_t low,
                                                 std::int64_t high) {
  const json::Value* found = member(key);
  if (found == nullptr) return std::nullopt;
  const auto number = json::int_at(*value_, key);
  if (!number) {
    wrong_type(path_of(key), "an integer", *found);
  } else if (*number < low || *number > high) {
    wrong(key, "out of range");
  } else {
    return number;
  }
  return std::nullopt;
}

void Reader::wrong_at(const std::string& path, std::string_view message) {
  if (*error_) return;
  const std::string where = path.empty() ? std::string("object") : path;
  error_->emplace(Code::invalid, where + ": " + std::string(message));
}

void Reader::wrong_type(const std::string& path, std::string_view wanted, const json::Value& got) {
  wrong_at(path, std::string("want ").append(wanted).append(", got ").append(type_name(got)));
}

}  // namespace kube
