#pragma once

// Reading protobuf's JSON mapping: the same value may be written in several ways.
// Source: ProtoJSON, and the OTLP specification where it is stricter.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace otlp {

// The member of an object; nullptr when it is missing or null. `object` is one.
const json::Value* member(const json::Value& object, std::string_view key);

// Each takes every spelling that ProtoJSON allows. Errors: invalid.
Result<void> must_be_object(const json::Value& value);
Result<std::string_view> read_string(const json::Value& value);
Result<bool> read_bool(const json::Value& value);
Result<std::int64_t> read_int64(const json::Value& value);    // 1, "1", 1.0, 1e3
Result<std::uint64_t> read_uint64(const json::Value& value);  // the same
Result<double> read_double(const json::Value& value);  // 1, "1.5", "NaN", "Infinity", "-Infinity"
Result<std::string> read_base64(const json::Value& value);  // either alphabet, with or without =

}  // namespace otlp
