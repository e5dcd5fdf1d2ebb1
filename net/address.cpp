#include "net/address.h"

#include <fmt/format.h>

#include <charconv>

namespace net {
namespace {

constexpr std::string_view scheme = "http://";

std::unexpected<Error> bad(std::string_view text, std::string_view why) {
  return fail(Code::invalid, fmt::format("\"{}\" is not an address: {}", text, why));
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
    return fail(Code::invalid, fmt::format("\"{}\" is not a port", text));
  }
  return port;
}

}  // namespace

Result<Address> parse_address(std::string_view text, std::uint16_t default_port) {
  std::string_view rest = text;
  if (rest.starts_with(scheme)) rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  if (rest.contains("://")) return bad(text, "unknown scheme");
  if (rest.find_first_of("/?#@ ") != rest.npos) return bad(text, "want host:port");

  std::string_view host = rest;
  std::string_view port;
  if (rest.starts_with('[')) {
    const std::size_t close = rest.find(']');
    if (close == rest.npos) return bad(text, "the bracket is not closed");
    host = rest.substr(1, close - 1);
    port = rest.substr(close + 1);
    if (!port.empty() && port.front() != ':') return bad(text, "want [address]:port");
  } else if (const std::size_t colon = rest.find(':'); colon != rest.npos) {
    if (rest.find(':', colon + 1) != rest.npos) return bad(text, "IPv6 addresses need brackets");
    host = rest.substr(0, colon);
    port = rest.substr(colon);
  }
  if (host.empty()) return bad(text, "no host");
  if (port.empty()) return Address{std::string(host), default_port};
  const auto number = parse_port(port.substr(1));
  if (!number) return bad(text, number.error().what);
  return Address{std::string(host), *number};
}

std::string to_string(const Address& address) {
  return fmt::format(fmt::runtime(address.host.contains(':') ? "[{}]:{}" : "{}:{}"), address.host,
                     address.port);
}

}  // namespace net
