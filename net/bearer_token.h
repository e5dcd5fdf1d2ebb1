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

constexpr std::size_t token_file_bytes_max = 64u << 10;

// The token in a file: its text, without white space around it. Errors: those of base::read_file,
// and invalid where it holds none, or what no header can carry; naming the file.
Result<std::string> read_token(const std::string& file);

// Kept in a file, which is read again while the program runs, so that the token can be replaced.
// Confined to its loop; the clock outlives it. Of the token itself only a digest is held.
class BearerToken {
 public:
  struct Source {
    std::string file;          // as for read_token
    Duration look_interval{};  // a look older than that is repeated before the next answer
  };

  // Errors: those of read_token.
  static Result<BearerToken> open(Source source, const Clock& clock, Log log);

  // Whether a request with these headers (or gRPC metadata) carries the token; takes the same time
  // whatever is in it. A file that has become unusable leaves the last token in use, is logged
  // once, and is looked at again. Errors: unauthenticated.
  Result<void> check(const http::Headers& headers);

 private:
  using Digest = std::array<unsigned char, 32>;

  BearerToken(Source source, const Clock& clock, Log log);
  static Digest digest(std::string_view token);
  void look();

  Source source_;
  const Clock* clock_;
  Log log_;
  Digest wanted_{};
  Instant looked_{};
  std::string problem_;  // the last look's; empty: none
};

}  // namespace net
