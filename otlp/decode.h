#pragma once

// ExportMetricsServiceRequest, in both encodings, to a batch of points.
// Source: opentelemetry-proto 1.x and the OTLP specification (JSON Protobuf Encoding).

#include <string_view>

#include "base/result.h"
#include "otlp/batch.h"
#include "otlp/fields.h"
#include "tsdb/wanted.h"

namespace otlp {

struct DecodeOptions {
  DecodeLimits limits = {};
  // Metrics that it does not want are skipped at their length and counted: what lies in them is not
  // read, so neither its points nor its damage are known. nullptr: all are wanted.
  tsdb::WantedView* wanted = nullptr;
};

// Fills an empty `batch`, which refers to `body` from then on. Everything decodes or nothing is
// kept: after an error the batch is empty. Attribute values become text by otlp/attribute.h.
// A metric without data is skipped; a point with neither value nor flag is counted.
// Errors: invalid, with the place: "resource_metrics[2].scope_metrics[0].metrics[5]: field 7: cut
// short".
Result<void> decode(std::string_view body, Batch& batch, const DecodeOptions& options = {});

// The same without reading labels, many times faster: the batch is digested by `hasher`. Attributes
// are not looked into, so that some of them may be no attributes; nobody ever looks into those that
// no series needs, of a point without a value or a resource without points. Errors: as of decode().
Result<void> digest(std::string_view body, Batch& batch, const tsdb::Hasher& hasher,
                    const DecodeOptions& options = {});

// The same from OTLP's JSON: lowerCamelCase names, 64-bit integers as numbers or strings, enums as
// integers or names, bytes as base64, "NaN" and "Infinity" as strings; unknown members are ignored.
// Nesting is limited by json::parse. The batch keeps its own copy of what it needs of `body`.
Result<void> decode_json(std::string_view body, Batch& batch, const DecodeOptions& options = {});

}  // namespace otlp
