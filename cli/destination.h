#pragma once

// Where a command's questions or metrics go: a server, why it is trusted, and what it is shown. The
// options are the same for every command that asks or sends.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/client.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// A text, and the flag or variable that stated it, for errors.
struct OptionText {
  std::string text;
  std::string by;

  bool empty() const { return text.empty(); }
  bool operator==(const OptionText&) const = default;
};

// An empty text counts as not stated.
struct DestinationOptions {
  std::string address;     // "host:port"; "https://host:port" for TLS
  OptionText ca_file;      // PEM: who may have signed the server's certificate; none: the system's
  OptionText server_name;  // what the certificate must be for; none: the address's host
  OptionText cert_file;    // PEM: certificate and chain for a server that asks for one
  OptionText key_file;     // PEM: its private key
  OptionText token_file;
  bool insecure_skip_verify = false;

  bool operator==(const DestinationOptions&) const = default;
};

struct Destination {
  net::Origin origin;
  net::http::Headers headers;  // for every request; names in lower case
};

// Whether the address asks for TLS.
bool is_secure(const DestinationOptions& options);

// Reads the files. Errors: invalid where options contradict each other or the address; those of
// reading files and of net::tls::Context; each naming the option.
Result<Destination> open_destination(const DestinationOptions& options, std::uint16_t default_port);

// The error of an answer, with what to do about it where an option helps.
Error advised(Error error, const DestinationOptions& options);

// Declares them all; the address is `flag`.
void declare_destination(CLI::App& app, std::string_view flag, DestinationOptions& options,
                         std::string_view help);

}  // namespace cli
