#pragma once

// Protection of a REST port without passwords against other people's web pages. Pure functions.
//
// A page of another site may make the browser send us a request (it cannot read the answer): a
// request that changes something and carries an Origin header of another site is refused. A page
// may also give its own name our address (DNS rebinding) and then read answers: when we listen on
// loopback only, where nobody but this machine's user should reach us, the Host header must name
// this machine. On other addresses any Host is fine: services are reached by many names.

#include <string_view>

#include "base/result.h"
#include "net/message.h"

namespace server {

// Errors: denied.
Result<void> check_origin(const net::http::Request& request, std::string_view bind);

// Whether a request of that method may change something.
bool changes_something(std::string_view method);

// "127.0.0.1", "::1", "localhost" and what is like them.
bool is_loopback(std::string_view host);

}  // namespace server
