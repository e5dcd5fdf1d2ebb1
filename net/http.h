#pragma once

// What answers HTTP requests: a handler takes a Request (net/message.h) and returns a Response.

#include <functional>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/message.h"

namespace net::http {

// Where a handler writes a body piece by piece (server-sent events, large lists). Outlives the
// handler's stream function.
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

}  // namespace net::http
