#pragma once

// A two-way stream of bytes, whatever carries it. TCP today; TLS becomes a second implementation.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/task.h"

namespace net {

// Confined to its loop. At most one read and one write at a time, which may overlap.
class Stream {
 public:
  virtual ~Stream() = default;

  // Waits for at least one byte; 0 means that the peer has ended its side. `into` holds nothing
  // while this waits, so the connections of one loop may share one buffer: use what it holds before
  // the next co_await. Errors: unavailable (connection lost), cancelled (the task was
  // stopped, or interrupt()).
  virtual Task<Result<std::size_t>> read_some(std::span<char> into) = 0;

  // Hands over what can be sent without waiting; returns how many bytes, possibly 0. Errors:
  // unavailable.
  virtual Result<std::size_t> write_now(std::string_view bytes) = 0;

  // Waits until all of `bytes`, which the caller keeps, are handed over. Errors: unavailable,
  // cancelled.
  virtual Task<Result<void>> write(std::string_view bytes) = 0;

  // Ends a pending read and a pending write with Code::cancelled; later ones work again.
  virtual void interrupt() = 0;

  // Tells the peer that nothing more will be sent.
  virtual void shutdown() = 0;

  // "address:port" of the other end.
  virtual const std::string& peer() const = 0;
};

}  // namespace net
