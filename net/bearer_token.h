#pragma once

// A secret that requests must carry: "Authorization: Bearer TOKEN". Source: RFC 6750 section 2.1.

#include <array>
#include <cstddef>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "net/message.h"

namespace net {

// Kept in a file, which is read again while the program runs, so that the token can be replaced.
// Confined to its loop; the clock outlives it. Of the token itself only a digest is held.
class BearerToken {
 public:
  static constexpr std::size_t file_bytes_max = 64u << 10;

  struct Source {
    std::string file;          // its text, without white space around it, is the token
    Duration look_interval{};  // a look older than that is repeated before the next answer
  };

  // Errors: those of base::read_file, and invalid where the file holds no token; naming the file.
  static Result<BearerToken> open(Source source, const Clock& clock, Log log);

  // Whether a request with these headers (or gRPC metadata) carries the token; takes the same time
  // whatever is in it. A file that has become unusable leaves the last token in use, is logged
  // once, and is looked at again. Errors: unauthenticated.
  Result<void> check(const http::Headers& headers);

 private:
  using Digest = std::array<unsigned char, 32>;

  BearerToken(Source source, const Clock& clock, Log log);
  static Digest digest(std::string_view token);
  Result<Digest> read() const;
  void look();

  Source source_;
  const Clock* clock_;
  Log log_;
  Digest wanted_{};
  Instant looked_{};
  std::string problem_;  // the last look's; empty: none
};

}  // namespace net
