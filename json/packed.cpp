#include "json/packed.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "base/time.h"

namespace json {
namespace {

static_assert(std::endian::native == std::endian::little);

enum Tag : std::uint8_t {
  null_tag = 0x00,
  false_tag = 0x01,
  true_tag = 0x02,
  integer_tag = 0x03,
  double_tag = 0x04,
  string_tag = 0x05,
  array_tag = 0x06,
  object_tag = 0x07,
  time_tag = 0x08,
  large_tag = 0x09,
  whole_tag = 0x0a,
  small_tag = 0x40,
  word_tag = 0x80,
};

constexpr int levels_max = 64;
constexpr std::size_t time_text_bytes = 30;  // "2027-01-15T08:00:00.000000000Z"
constexpr double whole_max = 1e15;           // whole doubles below it are exact integers

constexpr std::uint64_t zigzag(std::int64_t v) {
  return (static_cast<std::uint64_t>(v) << 1) ^ static_cast<std::uint64_t>(v >> 63);
}

constexpr std::int64_t unzigzag(std::uint64_t v) {
  return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
}

// The time whose text is exactly `text`.
std::optional<base::Timestamp> time_of(std::string_view text) {
  if (text.size() != time_text_bytes || text[10] != 'T' || text[19] != '.' || text.back() != 'Z')
    return std::nullopt;
  const auto time = base::parse_time(text);
  if (!time) return std::nullopt;
  // Every month has 28 days and every minute 60 seconds: only beyond them two texts are one time.
  const bool unique = text.substr(8, 2) <= "28" && text.substr(17, 2) < "60";
  if (!unique && base::format_time_ns(*time) != text) return std::nullopt;
  return *time;
}

class Packer {
 public:
  Packer(Dictionary dictionary, std::string& out) : dictionary_(dictionary), out_(out) {}

  void value(const Value& v) {
    switch (v.kind()) {
      case boost::json::kind::null:
        return byte(null_tag);
      case boost::json::kind::bool_:
        return byte(v.get_bool() ? true_tag : false_tag);
      case boost::json::kind::int64:
        return integer(v.get_int64());
      case boost::json::kind::uint64:
        return unsigned_integer(v.get_uint64());
      case boost::json::kind::double_:
        return number(v.get_double());
      case boost::json::kind::string:
        return text(v.get_string());
      case boost::json::kind::array:
        return array(v.get_array());
      case boost::json::kind::object:
        return object(v.get_object());
    }
  }

 private:
  void byte(std::size_t b) { out_.push_back(static_cast<char>(b)); }

  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) byte((v & 0x7f) | 0x80);
    byte(v);
  }

  template <class T>
  void raw(T v) {
    char bytes[sizeof(T)];
    std::memcpy(bytes, &v, sizeof(T));
    out_.append(bytes, sizeof(T));
  }

  void integer(std::int64_t v) {
    if (v >= 0 && v < word_tag - small_tag) return byte(small_tag + static_cast<std::size_t>(v));
    byte(integer_tag);
    varint(zigzag(v));
  }

  void unsigned_integer(std::uint64_t v) {
    if (v <= std::numeric_limits<std::int64_t>::max()) return integer(static_cast<std::int64_t>(v));
    byte(large_tag);
    varint(v);
  }

  void number(double v) {
    if (!std::isfinite(v)) return byte(null_tag);
    const bool negative_zero = v == 0 && std::signbit(v);
    if (std::abs(v) < whole_max && v == std::trunc(v) && !negative_zero) {
      byte(whole_tag);
      return varint(zigzag(static_cast<std::int64_t>(v)));
    }
    byte(double_tag);
    raw(v);
  }

  void string(std::string_view v) {
    const auto found = std::ranges::lower_bound(dictionary_, v);
    const auto word = static_cast<std::size_t>(found - dictionary_.begin());
    if (found != dictionary_.end() && *found == v && word < dictionary_max)
      return byte(word_tag + word);
    byte(string_tag);
    varint(v.size());
    out_.append(v);
  }

  void text(std::string_view v) {
    const auto time = time_of(v);
    if (!time) return string(v);
    byte(time_tag);
    raw(time->ns);
  }

  void array(const Array& items) {
    byte(array_tag);
    varint(items.size());
    for (const Value& item : items) value(item);
  }

  void object(const Object& members) {
    byte(object_tag);
    varint(members.size());
    for (const auto& member : members) {
      string(member.key());
      value(member.value());
    }
  }

  const Dictionary dictionary_;
  std::string& out_;
};

// The first problem stays; after it every read gives nothing.
class Unpacker {
 public:
  Unpacker(std::string_view bytes, Dictionary dictionary)
      : bytes_(bytes), dictionary_(dictionary) {}

  Value value(int level) {
    const std::uint8_t tag = byte();
    if (tag >= word_tag) return text(word(tag));
    if (tag >= small_tag) return std::int64_t{tag} - small_tag;
    switch (tag) {
      case null_tag:
        return nullptr;
      case false_tag:
        return false;
      case true_tag:
        return true;
      case integer_tag:
        return unzigzag(varint());
      case double_tag:
        return finite(raw<double>());
      case string_tag:
        return text(string());
      case array_tag:
        return array(level + 1);
      case object_tag:
        return object(level + 1);
      case time_tag:
        return text(base::format_time_ns({raw<std::int64_t>()}));
      case large_tag:
        return varint();
      case whole_tag:
        return static_cast<double>(unzigzag(varint()));
      default:
        stop("unknown tag");
        return nullptr;
    }
  }

  Result<Value> finish(Value value) {
    if (problem_.empty() && at_ != bytes_.size()) stop("bytes after the value");
    if (problem_.empty()) return value;
    return fail(Code::bad_data, fmt::format("{} at byte {}", problem_, problem_at_));
  }

 private:
  void stop(std::string_view problem) {
    if (problem_.empty()) {
      problem_ = problem;
      problem_at_ = at_;
    }
    at_ = bytes_.size();
  }

  static Value text(std::string_view v) { return Value(boost::json::string(v)); }

  std::uint8_t byte() {
    if (at_ < bytes_.size()) return static_cast<std::uint8_t>(bytes_[at_++]);
    stop("cut short");
    return 0;
  }

  std::uint64_t varint() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const std::uint64_t b = byte();
      v |= (b & 0x7f) << shift;
      if (b < 0x80) return v;
    }
    stop("a varint too long");
    return 0;
  }

  std::string_view take(std::uint64_t count) {
    if (count > bytes_.size() - at_) {
      stop("cut short");
      return "";  // not null: it may be copied
    }
    const std::string_view taken = bytes_.substr(at_, count);
    at_ += count;
    return taken;
  }

  template <class T>
  T raw() {
    T v{};
    const std::string_view taken = take(sizeof(T));
    if (!taken.empty()) std::memcpy(&v, taken.data(), sizeof(T));
    return v;
  }

  Value finite(double v) {
    if (std::isfinite(v)) return v;
    stop("a number that is none");
    return nullptr;
  }

  std::string_view word(std::uint8_t tag) {
    const std::size_t index = tag - word_tag;
    if (index < dictionary_.size()) return dictionary_[index];
    stop("a word that the dictionary lacks");
    return "";
  }

  std::string_view string() { return take(varint()); }

  std::string_view key() {
    const std::uint8_t tag = byte();
    if (tag >= word_tag) return word(tag);
    if (tag == string_tag) return string();
    stop("a key that is no string");
    return "";
  }

  // Every item takes a byte at least, so a count beyond what is left cannot be honest.
  std::uint64_t count(int level) {
    const std::uint64_t n = varint();
    if (level > levels_max) stop("nested too deep");
    if (n > bytes_.size() - at_) stop("cut short");
    return problem_.empty() ? n : 0;
  }

  Value array(int level) {
    Array items;
    for (std::uint64_t n = count(level); n > 0 && problem_.empty(); --n)
      items.push_back(value(level));
    return items;
  }

  Value object(int level) {
    Object members;
    for (std::uint64_t n = count(level); n > 0 && problem_.empty(); --n) {
      const std::string_view name = key();
      members.insert_or_assign(name, value(level));
    }
    return members;
  }

  const std::string_view bytes_;
  const Dictionary dictionary_;
  std::size_t at_ = 0;
  std::string_view problem_;
  std::size_t problem_at_ = 0;
};

}  // namespace

void pack(const Value& value, Dictionary dictionary, std::string& out) {
  Packer(dictionary, out).value(value);
}

Result<Value> unpack(std::string_view bytes, Dictionary dictionary) {
  Unpacker in(bytes, dictionary);
  return in.finish(in.value(0));
}

}  // namespace json
