#pragma once

// The gRPC services we answer, as their .proto files define them: the names and numbers that
// reflection tells others. Immutable.

#include <cstdint>
#include <span>
#include <string_view>

namespace server::schema {

enum class Count : std::uint8_t {
  one,
  maybe,  // proto3's optional
  many,   // repeated
};

struct Field {
  int number;
  std::string_view name;
  std::string_view type;  // a scalar; a type of the same package; or with '.' in front, a full name
  Count count = Count::one;
  std::string_view oneof = {};  // of those, members stand together
};

struct EnumValue {
  std::string_view name;
  int number;
};

// A message, or an enumeration when it has values.
struct Type {
  std::string_view name;  // within the package: "Outer.Inner"
  std::span<const Field> fields = {};
  std::span<const EnumValue> values = {};
  bool map_entry = false;
};

enum class Flow : std::uint8_t { unary, answers, both };  // what is a stream of messages

struct Method {
  std::string_view name;
  std::string_view request;  // as Field::type
  std::string_view answer;
  Flow flow = Flow::unary;
};

struct File {
  std::string_view name;
  std::string_view package;
  std::span<const std::string_view> imports = {};
  std::span<const Type> types = {};
  std::string_view service = {};  // empty: none
  std::span<const Method> methods = {};
};

// Every file after those that it imports.
// Source: KEDA's externalscaler.proto, grpc.health.v1, grpc.reflection.v1 and v1alpha, OTLP 1.9.
std::span<const File> files();

}  // namespace server::schema
