#pragma once

// HTTP messages as plain values, and the texts they are made of. Free of coroutines, so that
// parsers can include it.

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace net::http {

// Header fields in order of arrival; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) {
    fields_.emplace_back(std::move(name), std::move(value));
  }
  // The first field of that name; nullopt when there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;  // upper case; a HEAD arrives as GET, and its answer's body is not sent
  std::string path;    // percent-decoded, without query
  std::string query;   // as sent, without '?'
  Headers headers;
  std::string body;  // decompressed when Content-Encoding asked for it
  std::string peer;  // "address:port"

  // The decoded value of one query parameter.
  std::optional<std::string> parameter(std::string_view name) const;
};

// "OK", "Not Found"; empty for unknown codes.
std::string_view reason(int status);

// Percent-decoding; '+' stays '+' unless `plus_is_space`. Errors: invalid.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

// Percent-encodes every byte that `keep` does not name and that is no letter, digit, '-', '.', '_'
// or '~'.
std::string percent_encode(std::string_view text, std::string_view keep);

// Whether two texts are the same but for the case of ASCII letters.
bool same_word(std::string_view a, std::string_view b);

}  // namespace net::http
