#pragma once

// OpenSSL's handles, and what Context and Session share. Only the tls_*.cpp files use it.

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/tls.h"

namespace net::tls {

// Calls an OpenSSL function that frees.
template <auto release>
struct Release {
  template <class T>
  void operator()(T* handle) const {
    release(handle);
  }
};

using ContextHandle = std::unique_ptr<SSL_CTX, Release<SSL_CTX_free>>;
using SessionHandle = std::unique_ptr<SSL, Release<SSL_free>>;

struct Context::State {
  ContextHandle handle;
  bool verify = true;
  std::string protocols = {};  // as ALPN writes them: each with its length in front
};

// {"h2", "http/1.1"} -> "\2h2\10http/1.1". RFC 7301 section 3.1.
std::string alpn_list(const std::vector<std::string>& protocols);

// The newest of this thread's OpenSSL errors in words, all of them forgotten.
std::string last_problem(std::string_view otherwise);

}  // namespace net::tls
