#include "server/origin.h"

#include <algorithm>
#include <string>

namespace server {
namespace {

using net::http::same_word;

// "localhost:9090" -> "localhost", "[::1]:9090" -> "::1".
std::string_view host_of(std::string_view authority) {
  if (authority.starts_with('['))
    return authority.substr(1, std::min(authority.find(']'), authority.size()) - 1);
  return authority.substr(0, authority.find(':'));
}

bool is_ipv4(std::string_view host) {
  return host.find_first_not_of("0123456789.") == std::string_view::npos;
}

// A name cannot look like this, so nobody's DNS can point it at us.
bool is_address(std::string_view authority) {
  return authority.starts_with('[') || is_ipv4(host_of(authority));
}

bool ends_with_word(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && same_word(text.substr(text.size() - end.size()), end);
}

bool names_this_machine(std::string_view authority, std::string_view bind) {
  const std::string_view host = host_of(authority);
  return is_address(authority) || is_loopback(host) || same_word(host, bind);
}

// The authority of "https://host:port"; all of it when there is no scheme, as in "null".
std::string_view authority_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == origin.npos ? origin : origin.substr(scheme + 3);
}

}  // namespace

bool changes_something(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

bool is_loopback(std::string_view host) {
  return (host.starts_with("127.") && is_ipv4(host)) || host == "::1" ||
         same_word(host, "localhost") || ends_with_word(host, ".localhost");
}

Result<void> check_origin(const net::http::Request& request, std::string_view bind) {
  const auto host = request.headers.find("host");
  const auto origin = request.headers.find("origin");
  if (host && is_loopback(bind) && !names_this_machine(*host, bind)) {
    return fail(Code::denied, "host " + std::string(*host) + " is not this machine");
  }
  if (changes_something(request.method) && origin &&
      !(host && same_word(authority_of(*origin), *host))) {
    return fail(Code::denied, "requests from other sites may not change anything");
  }
  return {};
}

}  // namespace server
