#include "net/tls_files.h"

#include <fmt/format.h>

#include <utility>

#include "base/file.h"

namespace net::tls {
namespace {

Result<std::string> read(const std::string& path) {
  auto text = base::read_file(path, FileContext::file_bytes_max);
  if (!text) return fail(path, text.error());
  return text;
}

Result<ServerOptions> read(const Files& files) {
  ServerOptions options;
  TRY(options.identity.certificates, read(files.certificate));
  TRY(options.identity.key, read(files.key));
  if (files.client_authorities.empty()) return options;
  TRY(options.client_authorities, read(files.client_authorities));
  // Otherwise nobody would be asked for a certificate.
  if (options.client_authorities.empty())
    return fail(Code::invalid, files.client_authorities + ": is empty");
  return options;
}

std::string names(const Files& files) {
  std::string text = fmt::format("{} with {}", files.certificate, files.key);
  if (!files.client_authorities.empty()) text += " and " + files.client_authorities;
  return text;
}

}  // namespace

FileContext::FileContext(Files files, std::vector<std::string> protocols)
    : files_(std::move(files)), used_{.protocols = std::move(protocols)} {}

Result<FileContext> FileContext::open(Files files, std::vector<std::string> protocols) {
  FileContext opened(std::move(files), std::move(protocols));
  TRY_VOID(opened.look());
  return opened;
}

Result<bool> FileContext::look() {
  TRY(ServerOptions found, read(files_));
  found.protocols = used_.protocols;
  if (context_ && found == used_) return false;
  auto made = Context::for_server(found);
  if (!made) return fail(names(files_), made.error());
  context_ = *std::move(made);
  used_ = std::move(found);
  return true;
}

}  // namespace net::tls
