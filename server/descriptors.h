#pragma once

// The service schema as protobuf's own descriptors, and where to find each name.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/service_schema.h"

namespace server {

// The services of `all` that the schema describes, in order: what is registered only to be refused
// with a better text is not offered.
std::vector<std::string> described(std::vector<std::string> all);

// Immutable; the schema's text outlives it.
class Descriptors {
 public:
  explicit Descriptors(std::span<const schema::File> files);

  // FileDescriptorProtos: the file first, then all that it imports, directly or not, each once.
  // Empty when it is not known.
  std::vector<std::string> file(std::string_view name) const;
  // Of the file that defines a package's message, field, oneof, enumeration or value, service or
  // method.
  std::vector<std::string> file_with_symbol(std::string_view full_name) const;

  bool is_message(std::string_view full_name) const { return messages_.contains(full_name); }

 private:
  void index(const schema::File& file);

  std::map<std::string_view, const schema::File*> files_;
  std::map<std::string, const schema::File*, std::less<>> symbols_;
  std::set<std::string, std::less<>> messages_;
  std::map<std::string_view, std::string> encoded_;  // by file
};

}  // namespace server
