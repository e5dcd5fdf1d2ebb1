#pragma once

// Reads members of a JSON object and remembers the first that is wrong, with its path. Missing and
// null members read as their fallback, as Go's JSON does.

#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "json/json.h"
#include "kube/meta.h"

namespace kube {

// Confined to its owner; the JSON value outlives it. Readers of nested members share one error.
class Reader {
 public:
  // At the top of a document; `path` names it in errors.
  explicit Reader(const json::Value& value, std::string path = {});

  bool has(std::string_view key) const;

  std::string text(std::string_view key, std::string fallback = {});
  std::optional<std::string> maybe_text(std::string_view key);
  bool flag(std::string_view key, bool fallback = false);
  template <std::integral T>
  T integer(std::string_view key, T fallback = 0) {
    return maybe_integer<T>(key).value_or(fallback);
  }
  template <std::integral T>
  std::optional<T> maybe_integer(std::string_view key) {
    const auto wide =
        wide_integer(key, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
    if (!wide) return std::nullopt;
    return static_cast<T>(*wide);
  }
  std::optional<Duration> maybe_seconds(std::string_view key);
  std::optional<Timestamp> maybe_time(std::string_view key);
  std::vector<std::string> texts(std::string_view key);
  std::map<std::string, std::string> text_map(std::string_view key);

  // A member object; one that is missing reads as empty.
  Reader object(std::string_view key);
  // The items of a member array, which must be objects.
  std::vector<Reader> items(std::string_view key);
  // The members of a member object, which must be objects themselves.
  std::vector<std::pair<std::string, Reader>> members(std::string_view key);

  // This object's own value, or nullptr where it is missing.
  const json::Value* value() const { return value_; }
  std::string path_of(std::string_view key) const;
  // Remembers `message` about `key`, unless something else was wrong before.
  void wrong(std::string_view key, std::string_view message);

  // `result`, or the first error. Errors: invalid.
  template <class T>
  Result<T> finish(T result) const {
    if (*error_) return std::unexpected(**error_);
    return result;
  }

 private:
  using Slot = std::shared_ptr<std::optional<Error>>;
  Reader(const json::Value* value, std::string path, Slot error);

  const json::Value* member(std::string_view key) const;
  std::optional<std::int64_t> wide_integer(std::string_view key, std::int64_t low,
                                           std::int64_t high);
  void wrong_at(const std::string& path, std::string_view message);
  void wrong_type(const std::string& path, std::string_view wanted, const json::Value& got);

  const json::Value* value_;
  std::string path_;
  Slot error_;
};

// The member "conditions" of a status.
std::vector<Condition> read_conditions(Reader& status);
// The member "metadata" of an object.
ObjectMeta read_meta(Reader& object);

}  // namespace kube
