#pragma once

// Attribute values as OTLP's JSON.

#include "base/result.h"
#include "json/json.h"
#include "otlp/attribute.h"

namespace otlp {

// Reads a KeyValue object: {"key":"k","value":{"stringValue":"v"}}. Unknown members are ignored.
// Errors: invalid, also for lists and maps that nest too deep or hold too much.
Result<Attribute> read_json_attribute(const json::Value& key_value);

// The KeyValue object of an attribute.
json::Value json_attribute(const Attribute& attribute);

// A double as ProtoJSON writes it: a number, or "NaN", "Infinity", "-Infinity".
json::Value json_double(double number);

}  // namespace otlp
