#pragma once

// What is wrong with a field of a specification, in the API server's words.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scale::hpa {

enum class FieldErrorType : std::uint8_t {
  required,
  invalid,
  not_supported,  // not one of a set of words
  forbidden,
  type_invalid,  // another JSON type than the field's
};
// "Required", "NotSupported".
std::string_view to_string(FieldErrorType type);

struct FieldError {
  std::string path;  // "spec.metrics[0].external.target.value"
  FieldErrorType type = FieldErrorType::invalid;
  std::string detail;  // lower case, no full stop
  bool operator==(const FieldError&) const = default;
};
using FieldErrors = std::vector<FieldError>;

}  // namespace scale::hpa
