#include "kube/kubeconfig.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"

// Whatever the text says, an access that is handed out can be used: it has somebody to ask and a
// name to check, and it never sends a secret in the clear or breaks out of a header.

namespace {

Result<std::string> read_text(const std::string& path) {
  if (path.size() % 3 == 0) return fail(Code::denied, "cannot be read");
  return "file\n";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto access = kube::read_kubeconfig(text, &read_text, {.folder = "/folder"});
  if (!access) {
    CHECK(!access.error().what.empty());
    return 0;
  }
  CHECK(!access->address.host.empty());
  CHECK(access->address.port != 0);
  CHECK(!access->server_name.empty());
  CHECK(access->path_prefix.empty() || access->path_prefix.starts_with('/'));
  CHECK(access->path_prefix.find_first_of("\r\n ?") == std::string::npos);
  CHECK(access->token.find_first_of("\r\n") == std::string::npos);
  CHECK(access->tls || (access->token.empty() && !access->identity));
  return 0;
}
