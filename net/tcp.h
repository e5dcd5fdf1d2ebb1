#pragma once

// TCP: connecting, listening, and the Stream over it.

#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "net/address.h"
#include "net/stream.h"

namespace net::tcp {

using Acceptor = boost::asio::ip::tcp::acceptor;
using Socket = boost::asio::ip::tcp::socket;

// Opens the sockets that serve `address` on one port ("localhost" is two addresses); port 0 takes a
// free one. Errors: unavailable ("port 4317 on 127.0.0.1 is in use"), invalid (bad address),
// denied.
Result<std::vector<Acceptor>> listen(const Executor& executor, const std::string& address,
                                     std::uint16_t port);

// Waits for one connection. Errors: cancelled, exhausted (no descriptor left), unavailable.
Task<Result<Socket>> accept(Acceptor& acceptor);

// Resolves and connects. Errors: unavailable, cancelled. Give it a deadline.
Task<Result<std::unique_ptr<Stream>>> connect(Address to);

std::unique_ptr<Stream> make_stream(Socket socket);

// Takes a socket for which nobody waits from its loop, and makes a stream of it on another one:
// `then` is called there; with nullptr when that failed. A loop that has stopped closes it.
void move_to(const Executor& loop, Socket socket,
             std::move_only_function<void(std::unique_ptr<Stream>)> then);

}  // namespace net::tcp
