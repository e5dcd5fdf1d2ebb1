#include "server/descriptors.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "proto/writer.h"

// Source: google/protobuf/descriptor.proto, whose field numbers these are.

namespace server {
namespace {

using schema::Count;
using schema::Field;
using schema::File;
using schema::Flow;
using schema::Type;

constexpr std::int32_t enum_type = 14;
constexpr std::int32_t message_type = 11;

struct Scalar {
  std::string_view name;
  std::int32_t type;
};
constexpr std::array scalars = {
    Scalar{"bool", 8},   Scalar{"bytes", 12},  Scalar{"double", 1},    Scalar{"fixed64", 6},
    Scalar{"int32", 5},  Scalar{"int64", 3},   Scalar{"sfixed64", 16}, Scalar{"sint32", 17},
    Scalar{"string", 9}, Scalar{"uint32", 13}, Scalar{"uint64", 4},
};

// ".package.Type" of a type as the schema names it.
std::string full_type(const File& file, std::string_view type) {
  if (type.starts_with('.')) return std::string(type);
  return "." + std::string(file.package) + "." + std::string(type);
}

std::string_view last_part(std::string_view name) {
  return name.substr(name.rfind('.') + 1);
}

bool is_direct_child(std::string_view name, std::string_view outer) {
  if (outer.empty()) return !name.contains('.');
  if (!name.starts_with(outer) || name.size() <= outer.size() || name[outer.size()] != '.')
    return false;
  return !name.substr(outer.size() + 1).contains('.');
}

bool is_enum(const File& file, std::string_view type) {
  const auto found = std::ranges::find(file.types, type, &Type::name);
  return found != file.types.end() && !found->values.empty();
}

// The oneofs of a message in protobuf's order: those that are stated, then one of its own for each
// `maybe`.
std::vector<std::string> oneofs_of(const Type& message) {
  std::vector<std::string> names;
  for (const Field& field : message.fields) {
    const bool is_new =
        !field.oneof.empty() && std::ranges::find(names, field.oneof) == names.end();
    if (is_new) names.emplace_back(field.oneof);
  }
  for (const Field& field : message.fields) {
    if (field.count == Count::maybe) names.push_back("_" + std::string(field.name));
  }
  return names;
}

void write_field(proto::Writer& out, const File& file, const Field& field,
                 const std::vector<std::string>& oneofs) {
  constexpr std::int32_t optional_label = 1;
  constexpr std::int32_t repeated_label = 3;
  out.text(1, field.name);
  out.int32(3, field.number);
  out.int32(4, field.count == Count::many ? repeated_label : optional_label);
  const auto scalar = std::ranges::find(scalars, field.type, &Scalar::name);
  if (scalar != scalars.end()) {
    out.int32(5, scalar->type);
  } else {
    out.int32(5, is_enum(file, field.type) ? enum_type : message_type);
    out.text(6, full_type(file, field.type));
  }
  const bool maybe = field.count == Count::maybe;
  const std::string oneof = maybe ? "_" + std::string(field.name) : std::string(field.oneof);
  if (!oneof.empty())
    out.int32(9, static_cast<std::int32_t>(std::ranges::find(oneofs, oneof) - oneofs.begin()));
  if (maybe) out.boolean(17, true);
}

void write_enum(proto::Writer& out, const Type& type) {
  out.text(1, last_part(type.name));
  for (const auto& value : type.values) {
    out.message(2, [&](proto::Writer& inner) {
      inner.text(1, value.name);
      inner.int32(2, value.number);
    });
  }
}

struct TypeFields {
  std::uint32_t messages;
  std::uint32_t enums;
};

void write_types(proto::Writer& out, const File& file, std::string_view outer, TypeFields at);

void write_message(proto::Writer& out, const File& file, const Type& type) {
  out.text(1, last_part(type.name));
  const auto oneofs = oneofs_of(type);
  for (const Field& field : type.fields)
    out.message(2, [&](proto::Writer& inner) { write_field(inner, file, field, oneofs); });
  write_types(out, file, type.name, {.messages = 3, .enums = 4});
  if (type.map_entry) out.message(7, [](proto::Writer& options) { options.boolean(7, true); });
  for (const std::string& oneof : oneofs)
    out.message(8, [&](proto::Writer& inner) { inner.text(1, oneof); });
}

// The types that lie directly within `outer`.
void write_types(proto::Writer& out, const File& file, std::string_view outer, TypeFields at) {
  for (const Type& type : file.types) {
    if (!is_direct_child(type.name, outer)) continue;
    if (type.values.empty()) {
      out.message(at.messages, [&](proto::Writer& inner) { write_message(inner, file, type); });
    } else {
      out.message(at.enums, [&](proto::Writer& inner) { write_enum(inner, type); });
    }
  }
}

void write_service(proto::Writer& out, const File& file) {
  out.text(1, file.service);
  for (const auto& method : file.methods) {
    out.message(2, [&](proto::Writer& inner) {
      inner.text(1, method.name);
      inner.text(2, full_type(file, method.request));
      inner.text(3, full_type(file, method.answer));
      if (method.flow == Flow::both) inner.boolean(5, true);
      if (method.flow != Flow::unary) inner.boolean(6, true);
    });
  }
}

std::string encode(const File& file) {
  std::string bytes;
  proto::Writer out(bytes);
  out.text(1, file.name);
  out.text(2, file.package);
  for (const std::string_view import : file.imports) out.text(3, import);
  write_types(out, file, "", {.messages = 4, .enums = 5});
  if (!file.service.empty())
    out.message(6, [&](proto::Writer& inner) { write_service(inner, file); });
  out.text(12, "proto3");
  return bytes;
}

}  // namespace

std::vector<std::string> described(std::vector<std::string> all) {
  std::erase_if(all, [](const std::string& name) {
    return std::ranges::none_of(schema::files(), [&name](const File& file) {
      return !file.service.empty() && full_type(file, file.service).substr(1) == name;
    });
  });
  return all;
}

Descriptors::Descriptors(std::span<const schema::File> files) {
  for (const schema::File& file : files) {
    files_.emplace(file.name, &file);
    encoded_.emplace(file.name, encode(file));
    index(file);
  }
}

void Descriptors::index(const schema::File& file) {
  const std::string package = std::string(file.package) + ".";
  for (const Type& type : file.types) {
    const std::string name = package + std::string(type.name);
    symbols_.emplace(name, &file);
    if (type.values.empty()) messages_.insert(name);
    for (const Field& field : type.fields)
      symbols_.emplace(name + "." + std::string(field.name), &file);
    for (const std::string& oneof : oneofs_of(type)) symbols_.emplace(name + "." + oneof, &file);
    // Values are named beside their enumeration, not within it.
    const std::string beside = name.substr(0, name.rfind('.') + 1);
    for (const auto& value : type.values) symbols_.emplace(beside + std::string(value.name), &file);
  }
  if (file.service.empty()) return;
  const std::string service = package + std::string(file.service);
  symbols_.emplace(service, &file);
  for (const auto& method : file.methods)
    symbols_.emplace(service + "." + std::string(method.name), &file);
}

std::vector<std::string> Descriptors::file(std::string_view name) const {
  if (!files_.contains(name)) return {};
  std::vector<std::string_view> wanted = {name};
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto found = files_.find(wanted[i]);
    CHECK(found != files_.end());
    for (const std::string_view import : found->second->imports) {
      if (std::ranges::find(wanted, import) == wanted.end()) wanted.push_back(import);
    }
  }
  std::vector<std::string> out;
  for (const std::string_view one : wanted) out.push_back(encoded_.find(one)->second);
  return out;
}

std::vector<std::string> Descriptors::file_with_symbol(std::string_view full_name) const {
  const auto found = symbols_.find(full_name);
  return found == symbols_.end() ? std::vector<std::string>{} : file(found->second->name);
}

}  // namespace server
