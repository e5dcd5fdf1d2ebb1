#pragma once

// Reading one protobuf message field by field, from bytes that anybody may have sent.

#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/result.h"
#include "proto/utf8.h"

namespace proto {

// How deep messages may lie in one another, as in the reference implementations.
constexpr int nesting_max = 100;

// Walks the fields of one message in the order of the wire. It never throws and never reads past
// the message: the first problem ends the walk, later reads give zero or "", and finish() tells.
// What it returns are views of the message's bytes. Confined to its user.
//
//   while (in.next()) {
//     switch (in.field()) {
//       case 1: name = in.text(); break;
//       default: break;  // fields that are not read are skipped
//     }
//   }
//   return in.finish();
class Reader {
 public:
  // `nesting`: how many levels of message() may follow.
  explicit Reader(std::string_view message, int nesting = nesting_max)
      : at_(message.data()), end_(message.data() + message.size()), nesting_(nesting) {}

  // Moves to the next field. False at the end, or when the bytes are not a message.
  bool next() {
    if (unread_) skip();
    if (problem_ != Problem::none || at_ == end_) return false;
    return read_tag();
  }

  // What has not been walked yet; at the start, the whole message.
  std::string_view rest() const { return {at_, static_cast<std::size_t>(end_ - at_)}; }

  // Number of the current field.
  std::uint32_t field() const { return field_; }

  // The current field's value; at most one of these per field. A wire type that does not fit is a
  // problem. Integers wider than the asked type keep their low bits, as protobuf prescribes.
  std::uint64_t uint64() { return expect(Wire::varint) ? varint() : 0; }
  std::int64_t int64() { return static_cast<std::int64_t>(uint64()); }
  std::int32_t int32() { return static_cast<std::int32_t>(uint64()); }
  std::uint32_t uint32() { return static_cast<std::uint32_t>(uint64()); }
  bool boolean() { return uint64() != 0; }
  std::int32_t sint32() {
    const std::uint32_t bits = uint32();
    return static_cast<std::int32_t>(bits >> 1 ^ (0 - (bits & 1)));
  }
  std::uint64_t fixed64() { return expect(Wire::fixed64) ? fixed<std::uint64_t>() : 0; }
  std::int64_t sfixed64() { return expect(Wire::fixed64) ? fixed<std::int64_t>() : 0; }
  double float64() { return expect(Wire::fixed64) ? fixed<double>() : 0; }
  std::string_view bytes() { return expect(Wire::length) ? delimited() : std::string_view(); }
  // Bytes that must be UTF-8.
  std::string_view text() {
    const std::string_view value = bytes();
    if (is_utf8(value)) return value;
    stop(Problem::not_utf8);
    return {};
  }
  // A message within this one. Deeper than `nesting` is a problem of this reader.
  Reader message() {
    const std::string_view value = bytes();
    if (nesting_ > 0) return Reader(value, nesting_ - 1);
    stop(Problem::too_deep);
    return Reader({}, 0);
  }

  // The numbers of a repeated field: all of a packed one, the one of another. take(number) for
  // each.
  template <class Take>
  void each_uint64(Take take) {
    if (wire_ != Wire::length) return take(uint64());
    Reader run(bytes());
    while (run.at_ != run.end_) {
      const std::uint64_t number = run.varint();
      if (run.problem_ != Problem::none) return stop(run.problem_);
      take(number);
    }
  }
  template <class T, class Take>  // T: std::uint64_t for fixed64, double
  void each_fixed64(Take take) {
    if (wire_ != Wire::length) {
      if (expect(Wire::fixed64)) take(fixed<T>());
      return;
    }
    Reader run(bytes());
    while (run.at_ != run.end_) {
      const T number = run.fixed<T>();
      if (run.problem_ != Problem::none) return stop(run.problem_);
      take(number);
    }
  }

  // Whether anything was wrong. Errors: invalid, naming the field: "field 3: cut short".
  Result<void> finish() const {
    if (problem_ == Problem::none) return {};
    return std::unexpected(error());
  }

 private:
  enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, length = 2, fixed32 = 5 };
  enum class Problem : std::uint8_t {
    none,
    cut_short,
    varint_too_long,
    bad_tag,
    bad_wire_type,
    wrong_wire_type,
    not_utf8,
    too_deep,
  };

  bool read_tag() {
    constexpr std::uint64_t field_max = (1u << 29) - 1;
    const std::uint64_t tag = varint();
    const std::uint64_t number = tag >> 3;
    if (number == 0 || number > field_max) {
      stop(Problem::bad_tag);  // which keeps the problem of a tag that could not be read
      return false;
    }
    field_ = static_cast<std::uint32_t>(number);
    wire_ = static_cast<Wire>(tag & 7);
    unread_ = true;
    return true;
  }

  void skip();
  Error error() const;

  void stop(Problem problem) {
    if (problem_ == Problem::none) problem_ = problem;
    unread_ = false;
    at_ = end_;
  }

  bool expect(Wire wire) {
    unread_ = false;
    if (wire_ == wire && problem_ == Problem::none) return true;
    stop(Problem::wrong_wire_type);
    return false;
  }

  std::uint64_t varint() {
    if (at_ != end_ && static_cast<signed char>(*at_) >= 0) {
      return static_cast<std::uint64_t>(*at_++);
    }
    return long_varint();
  }
  std::uint64_t long_varint();

  template <class T>
  T fixed() {
    T value{};
    if (end_ - at_ < static_cast<std::ptrdiff_t>(sizeof(T))) {
      stop(Problem::cut_short);
      return value;
    }
    std::memcpy(&value, at_,
                sizeof(T));  // the wire is little-endian, as every machine we build for
    at_ += sizeof(T);
    return value;
  }

  std::string_view delimited() {
    const std::uint64_t length = varint();
    if (length > static_cast<std::uint64_t>(end_ - at_)) {
      stop(Problem::cut_short);
      return {};
    }
    const std::string_view view(at_, length);
    at_ += length;
    return view;
  }

  const char* at_;
  const char* end_;
  int nesting_;
  std::uint32_t field_ = 0;
  Wire wire_ = Wire::varint;
  Problem problem_ = Problem::none;
  bool unread_ = false;  // the current field's value has not been taken
};

}  // namespace proto
