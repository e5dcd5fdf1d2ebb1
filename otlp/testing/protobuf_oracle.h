#pragma once

// What libprotobuf makes of a request, to hold our own reading against. For fuzzers and tests; the
// program does not know libprotobuf.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace otlp::testing {

// One data point as libprotobuf sees it: "metric type time start value", where the value of a
// number is "int 5" or "double" with its bits, of the others the count; "none" where there is none.
using ProtobufPoints = std::vector<std::string>;

struct ProtobufReading {
  ProtobufPoints points;
  std::string canonical;  // the request as libprotobuf writes it, without what it does not know
};

// nullopt: libprotobuf takes it for no request.
std::optional<ProtobufReading> read_by_protobuf(std::string_view body);

}  // namespace otlp::testing
