#pragma once

// A server's certificate, key and client authorities as files, which may be replaced while it runs.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/tls.h"

namespace net::tls {

struct Files {
  std::string certificate;         // PEM; the chain follows in the same file
  std::string key;                 // PEM
  std::string client_authorities;  // PEM; empty: clients need no certificate

  bool operator==(const Files&) const = default;
};

// The context that the files describe, as they were when they were last good. Only content counts:
// a file may be written over, renamed into place, or reached by a symbolic link that is turned
// elsewhere, as Kubernetes does with secrets. Certificate and key are read together, so a pair of
// which only one half has been replaced is an error until the other follows. Confined to its loop;
// reading blocks for as long as a small local file takes.
class FileContext {
 public:
  static constexpr std::size_t file_bytes_max = 1u << 20;

  // protocols: as in ServerOptions. Errors: those of base::read_file and Context::for_server,
  // naming the file or files.
  static Result<FileContext> open(Files files, std::vector<std::string> protocols);

  const std::shared_ptr<const Context>& context() const { return context_; }

  // Reads the files again; whether they have changed, and are in use from now on. Errors: as
  // open(); what was in use stays.
  Result<bool> look();

 private:
  FileContext(Files files, std::vector<std::string> protocols);

  Files files_;
  ServerOptions used_;
  std::shared_ptr<const Context> context_;
};

}  // namespace net::tls
