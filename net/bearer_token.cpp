#include "net/bearer_token.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "base/file.h"

namespace net {
namespace {

constexpr std::string_view scheme = "bearer ";

bool is_white(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_white(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_white(text.back())) text.remove_suffix(1);
  return text;
}

// A header can carry no others.
bool is_printable(char c) {
  return c > ' ' && c < '\x7f';
}

}  // namespace

Result<std::string> read_token(const std::string& file) {
  const auto text = base::read_file(file, token_file_bytes_max);
  if (!text) return fail(file, text.error());
  const std::string_view token = trimmed(*text);
  if (token.empty()) return fail(Code::invalid, file + ": holds no token");
  if (!std::ranges::all_of(token, is_printable))
    return fail(Code::invalid, file + ": a token is one word of printable ASCII");
  return std::string(token);
}

BearerToken::BearerToken(Source source, const Clock& clock, Log log)
    : source_(std::move(source)), clock_(&clock), log_(std::move(log)) {}

Result<BearerToken> BearerToken::open(Source source, const Clock& clock, Log log) {
  BearerToken opened(std::move(source), clock, std::move(log));
  TRY(const std::string token, read_token(opened.source_.file));
  opened.wanted_ = digest(token);
  opened.looked_ = clock.steady();
  return opened;
}

BearerToken::Digest BearerToken::digest(std::string_view token) {
  Digest out{};
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), out.data());
  return out;
}

Result<void> BearerToken::check(const http::Headers& headers) {
  look();
  const auto credentials = headers.find("authorization");
  if (!credentials || !http::same_word(credentials->substr(0, scheme.size()), scheme))
    return fail(Code::unauthenticated, "a bearer token is needed");
  const Digest got = digest(trimmed(credentials->substr(scheme.size())));
  // Digests of one length, compared to their end: time tells nothing about either token.
  if (CRYPTO_memcmp(got.data(), wanted_.data(), got.size()) == 0) return {};
  return fail(Code::unauthenticated, "the bearer token is not the right one");
}

void BearerToken::look() {
  const Instant now = clock_->steady();
  if (now - looked_ < source_.look_interval) return;
  looked_ = now;
  const auto found = read_token(source_.file);
  if (found) wanted_ = digest(*found);
  const std::string problem = found ? "" : found.error().what;
  if (!problem.empty() && problem != problem_)
    log_.error("the token's file cannot be used: the last token stays", {{"error", problem}});
  problem_ = problem;
}

}  // namespace net
