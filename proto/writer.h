#pragma once

// Writing one protobuf message into a string.

#include <protozero/pbf_writer.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace proto {

// Appends fields to the end of a string that outlives it. Zero values are written too: presence is
// the caller's decision. Confined to its user.
class Writer {
 public:
  explicit Writer(std::string& out) : bytes_(out), out_(out) {}

  void uint64(std::uint32_t field, std::uint64_t v) { out_.add_uint64(field, v); }
  void int64(std::uint32_t field, std::int64_t v) { out_.add_int64(field, v); }
  void int32(std::uint32_t field, std::int32_t v) { out_.add_int32(field, v); }
  void boolean(std::uint32_t field, bool v) { out_.add_bool(field, v); }
  void fixed64(std::uint32_t field, std::uint64_t v) { out_.add_fixed64(field, v); }
  void sfixed64(std::uint32_t field, std::int64_t v) { out_.add_sfixed64(field, v); }
  void float64(std::uint32_t field, double v) { out_.add_double(field, v); }
  void sint32(std::uint32_t field, std::int32_t v) { out_.add_sint32(field, v); }
  // Repeated numbers, packed; none are no field.
  void packed_uint64(std::uint32_t field, const std::vector<std::uint64_t>& v) {
    out_.add_packed_uint64(field, v.begin(), v.end());
  }
  void packed_fixed64(std::uint32_t field, const std::vector<std::uint64_t>& v) {
    out_.add_packed_fixed64(field, v.begin(), v.end());
  }
  void packed_float64(std::uint32_t field, const std::vector<double>& v) {
    out_.add_packed_double(field, v.begin(), v.end());
  }
  void bytes(std::uint32_t field, std::string_view v) { out_.add_bytes(field, v.data(), v.size()); }
  // `v` is UTF-8.
  void text(std::uint32_t field, std::string_view v) { bytes(field, v); }

  // Writes a message within this one: `fill(Writer&)` writes its fields, maybe none.
  template <class Fill>
  void message(std::uint32_t field, Fill&& fill) {
    const std::size_t before = bytes_.size();
    fill_message(field, fill);
    // protozero takes back a message without fields; for us an empty one says something.
    if (bytes_.size() == before) out_.add_message(field, "", 0);
  }

 private:
  Writer(Writer& parent, std::uint32_t field) : bytes_(parent.bytes_), out_(parent.out_, field) {}

  template <class Fill>
  void fill_message(std::uint32_t field, Fill& fill) {
    Writer inner(*this, field);
    fill(inner);
  }

  std::string& bytes_;
  protozero::pbf_writer out_;
};

}  // namespace proto
