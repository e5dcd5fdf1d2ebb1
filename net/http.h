#pragma once

// HTTP messages as our code sees them, whatever version carried them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace net::http {

// Header fields in order of arrival; names compare without case.
class Headers {
 public:
  Headers() = default;
  Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // The first field of that name; nullopt when there is none.
  std::optional<std::string_view> find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

struct Request {
  std::string method;   // upper case
  std::string path;     // percent-decoded, without query
  std::string query;    // as sent, without '?'
  Headers headers;
  std::string body;     // decompressed when Content-Encoding asked for it
  std::string peer;     // "address:port"

  // The decoded value of one query parameter.
  std::optional<std::string> parameter(std::string_view name) const;
};

// Where a handler writes a body piece by piece (server-sent events, large lists). Outlives the handler's stream function.
class BodyWriter {
 public:
  virtual ~BodyWriter() = default;
  // Waits until the peer takes it. Errors: cancelled when the peer left or the server drains.
  virtual Task<Result<void>> write(std::string chunk) = 0;
};

struct Response {
  int status = 200;
  Headers headers;
  std::string body;
  // When set, the body is what this writes (chunked); `body` is ignored.
  std::function<Task<void>(BodyWriter&)> stream;
};

// The request is handed over by value; the response's owner is the connection.
using Handler = std::function<Task<Response>(Request)>;

// "OK", "Not Found"; empty for unknown codes.
std::string_view reason(int status);

// Percent-decoding; '+' stays '+' unless `plus_is_space`. Errors: invalid.
Result<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace net::http
