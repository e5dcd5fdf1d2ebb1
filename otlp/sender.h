#pragma once

// One connection of the generator, whatever the protocol.

#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "otlp/generator.h"

namespace otlp {

// Confined to its loop.
class Sender {
 public:
  virtual ~Sender() = default;
  // Sends an export request, which outlives the task; returns the response. Errors: those of the
  // protocol.
  virtual Task<Result<std::string>> send(const std::string& body) = 0;
  // Await it before destruction.
  virtual Task<void> close() = 0;
};

// headers: sent with every request; names in lower case. Errors: unavailable, timeout, cancelled,
// denied (TLS), bad_data (the server speaks something else).
Task<Result<std::unique_ptr<Sender>>> open_sender(net::Origin target, net::http::Headers headers,
                                                  Protocol protocol, Duration timeout);

// How many points the response's partial_success gives back.
Result<std::uint64_t> rejected_points(std::string_view response);

}  // namespace otlp
