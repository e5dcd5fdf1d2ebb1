#pragma once

// Addresses as people write them.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace net {

struct Address {
  std::string host;  // a name or an address; IPv6 without brackets
  std::uint16_t port = 0;

  bool operator==(const Address&) const = default;
};

// "host:port", "[::1]:port", "http://host:port"; `default_port` when none is named. Errors:
// invalid.
Result<Address> parse_address(std::string_view text, std::uint16_t default_port);

// "host:port", with brackets around IPv6.
std::string to_string(const Address& address);

}  // namespace net
