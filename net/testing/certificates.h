#pragma once

// A certificate authority for tests, made when it is needed: no key is kept anywhere.

#include <memory>
#include <string>

#include "net/tls.h"

namespace net::testing {

struct CertificateOptions {
  std::string name = "localhost";  // common name
  std::string alternatives =
      "DNS:localhost,IP:127.0.0.1,IP:::1";  // who it is for, as OpenSSL writes it
  long valid_from_s = -3600;                // seconds from now
  long valid_until_s = 3600;
};

// Signs certificates with a P-256 key of its own.
class Authority {
 public:
  Authority();
  ~Authority();

  std::string pem() const;  // its own certificate
  tls::Identity issue(const CertificateOptions& options = {}) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace net::testing
