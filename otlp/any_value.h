#pragma once

// Attribute values as protobuf.

#include <string_view>

#include "base/result.h"
#include "otlp/attribute.h"
#include "otlp/batch.h"
#include "proto/reader.h"
#include "proto/writer.h"

namespace otlp {

// The text of an AnyValue: a view of its bytes where it is a string, else kept in `texts`.
// Errors: invalid, also for lists and maps that nest too deep or hold too much.
Result<std::string_view> read_text(proto::Reader any, Texts& texts);

// A KeyValue as a label. Errors: invalid, as of read_text().
Result<tsdb::LabelView> read_label(proto::Reader attribute, Texts& texts);

// Writes the fields of an AnyValue.
void write_value(proto::Writer& out, const AttributeValue& value);
// Writes the fields of a KeyValue.
void write_attribute(proto::Writer& out, const Attribute& attribute);

}  // namespace otlp
