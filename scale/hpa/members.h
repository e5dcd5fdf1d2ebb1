#pragma once

// Reading the members of a JSON object, with the path of what has the wrong type.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/quantity.h"
#include "json/json.h"
#include "scale/hpa/field_error.h"

namespace scale::hpa {

// A view of one JSON object. A member that is null counts as missing. A member of another type is
// reported once to `errors` and then counts as missing. The value and `errors` outlive the view.
class Members {
 public:
  // value: null where there is none.
  Members(const json::Value* value, std::string path, FieldErrors& errors);

  bool present() const { return object_ != nullptr; }
  const std::string& path() const { return path_; }
  std::string path(std::string_view key) const { return path_ + "." + std::string(key); }

  bool has(std::string_view key) const { return find(key) != nullptr; }
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::int32_t> integer(std::string_view key) const;
  // Text or a number.
  std::optional<base::Quantity> quantity(std::string_view key) const;
  Members object(std::string_view key) const;
  // Items of a list, as objects; empty without one.
  std::vector<Members> items(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;
  // Members of an object, whose values are text.
  std::vector<std::pair<std::string, std::string>> pairs(std::string_view key) const;

  void add(std::string path, FieldErrorType type, std::string detail) const;

 private:
  const json::Value* find(std::string_view key) const;
  void wrong_type(std::string path, std::string_view wanted) const;

  const json::Object* object_ = nullptr;
  std::string path_;
  FieldErrors* errors_;
};

}  // namespace scale::hpa
