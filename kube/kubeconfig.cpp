#include "kube/kubeconfig.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "kube/reader.h"
#include "yaml/yaml.h"

namespace kube {
namespace {

// The entry of `list` ("clusters") that is named `name`, without its wrapping ("cluster").
struct Entry {
  std::string path;
  Reader fields;
};

Result<Entry> find_entry(Reader& top, std::string_view list, std::string_view wrapping,
                         const std::string& name) {
  std::size_t i = 0;
  for (Reader& item : top.items(list)) {
    const std::string path = fmt::format("{}[{}].{}", list, i++, wrapping);
    if (item.text("name") == name) return Entry{path, item.object(wrapping)};
  }
  TRY_VOID(top.finish(0));
  return fail(Code::invalid, fmt::format("{}: there is none named \"{}\"", list, name));
}

std::string trimmed(std::string text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text;
}

Result<std::string> read_at(const ReadFile& read, const std::string& path) {
  auto text = read(path);
  if (!text) return fail(path, std::move(text).error());
  return text;
}

std::string resolved(const std::string& path, const std::string& folder) {
  return (std::filesystem::path(folder) / path).lexically_normal().string();
}

// A text that stands in the file itself as base64 ("client-key-data"), or in another one
// ("client-key"); the first one counts where both do.
Result<std::string> inline_or_file(Entry& entry, std::string_view key, const ReadFile& read,
                                   const KubeconfigOptions& options) {
  const std::string data_key = fmt::format("{}-data", key);
  const std::string data = entry.fields.text(data_key);
  const std::string file = entry.fields.text(key);
  TRY_VOID(entry.fields.finish(0));
  if (!data.empty()) {
    auto text = base::decode_base64(data);
    if (!text) return fail(fmt::format("{}.{}", entry.path, data_key), std::move(text).error());
    return text;
  }
  if (file.empty()) return std::string{};
  auto text = read_at(read, resolved(file, options.folder));
  if (!text) return fail(fmt::format("{}.{}", entry.path, key), std::move(text).error());
  return text;
}

Result<Access> read_cluster(Entry& cluster, const ReadFile& read,
                            const KubeconfigOptions& options) {
  const std::string server = cluster.fields.text("server");
  const std::string name = cluster.fields.text("tls-server-name");
  const bool careless = cluster.fields.flag("insecure-skip-tls-verify");
  const std::string proxy = cluster.fields.text("proxy-url");
  TRY_VOID(cluster.fields.finish(0));
  if (!proxy.empty()) {
    return fail(Code::unimplemented,
                cluster.path + ".proxy-url: proxies are not supported; reach the server directly");
  }
  auto parsed = parse_server(server);
  if (!parsed) return fail(cluster.path + ".server", std::move(parsed).error());
  Access access = *std::move(parsed);
  if (!name.empty()) access.server_name = name;
  access.verify = !careless;
  TRY(access.authorities, inline_or_file(cluster, "certificate-authority", read, options));
  if (careless && !access.authorities.empty()) {
    return fail(Code::invalid, cluster.path +
                                   ".insecure-skip-tls-verify: must not be set together with a "
                                   "certificate authority");
  }
  return access;
}

// Ways to prove who one is that need programs or protocols we do not have.
Result<void> refuse_unsupported(Entry& user) {
  for (const std::string_view key : {"exec", "auth-provider", "username", "password"}) {
    if (!user.fields.has(key)) continue;
    return fail(Code::unimplemented,
                fmt::format("{}.{}: is not supported; use a token, a token file or a client "
                            "certificate, such as those of a service account",
                            user.path, key));
  }
  return {};
}

Result<void> read_user(Entry& user, const ReadFile& read, const KubeconfigOptions& options,
                       Access& access) {
  TRY_VOID(refuse_unsupported(user));
  const std::string file = user.fields.text("tokenFile");
  access.token = user.fields.text("token");
  TRY_VOID(user.fields.finish(0));
  if (!file.empty()) {
    access.token_file = resolved(file, options.folder);
    auto token = read_at(read, access.token_file);
    if (!token) return fail(user.path + ".tokenFile", std::move(token).error());
    access.token = trimmed(*std::move(token));
  }
  net::tls::Identity identity;
  TRY(identity.certificates, inline_or_file(user, "client-certificate", read, options));
  TRY(identity.key, inline_or_file(user, "client-key", read, options));
  if (identity.certificates.empty() != identity.key.empty()) {
    return fail(Code::invalid,
                user.path + ": client-certificate and client-key must be set together");
  }
  if (!identity.key.empty()) access.identity = std::move(identity);
  return {};
}

// A token that anybody can read on the way is no secret any more.
Result<Access> checked(Access access) {
  const bool secret = !access.token.empty() || access.identity;
  if (!access.tls && secret) {
    return fail(Code::invalid, "credentials are sent over https only; the server's URL is http");
  }
  const bool breaks_header = access.token.find_first_of("\r\n\t ") != std::string::npos;
  if (breaks_header) return fail(Code::invalid, "the token holds white space");
  return access;
}

}  // namespace

Result<Access> parse_server(std::string_view server) {
  Access access;
  access.tls = server.starts_with("https://");
  if (!access.tls && !server.starts_with("http://")) {
    return fail(Code::invalid, "want https://HOST:PORT");
  }
  const std::size_t host = server.find("//") + 2;
  const std::size_t path = std::min(server.find('/', host), server.size());
  const std::string_view authority = server.substr(host, path - host);
  if (authority.find('@') != std::string_view::npos) {
    return fail(Code::invalid, "must not hold a user name");
  }
  TRY(access.address, net::parse_address(authority, access.tls ? 443 : 80));
  std::string_view prefix = server.substr(path);
  while (prefix.ends_with('/')) prefix.remove_suffix(1);
  if (prefix.find_first_of("?# \t\r\n") != std::string_view::npos) {
    return fail(Code::invalid, "must not hold a query or white space");
  }
  access.path_prefix = prefix;
  access.server_name = access.address.host;
  return access;
}

Result<Access> read_kubeconfig(std::string_view text, const ReadFile& read,
                               const KubeconfigOptions& options) {
  const yaml::Parsed parsed = yaml::parse(text);
  if (!parsed.problems.empty()) {
    const yaml::Problem& first = parsed.problems.front();
    return fail(Code::invalid, fmt::format("line {}: {}", first.line, first.message));
  }
  if (parsed.documents.size() != 1) return fail(Code::invalid, "want one YAML document");
  Reader top(parsed.documents.front().value);
  const std::string current = top.text("current-context");
  TRY_VOID(top.finish(0));
  const std::string& name = options.context.empty() ? current : options.context;
  if (name.empty()) return fail(Code::invalid, "current-context: is not set");

  TRY(Entry context, find_entry(top, "contexts", "context", name));
  const std::string cluster_name = context.fields.text("cluster");
  const std::string user_name = context.fields.text("user");
  const std::string ns = context.fields.text("namespace");
  TRY_VOID(context.fields.finish(0));
  TRY(Entry cluster, find_entry(top, "clusters", "cluster", cluster_name));
  TRY(Access access, read_cluster(cluster, read, options));
  access.ns = ns;
  if (!user_name.empty()) {
    TRY(Entry user, find_entry(top, "users", "user", user_name));
    TRY_VOID(read_user(user, read, options, access));
  }
  return checked(std::move(access));
}

Result<Access> read_in_cluster(const InCluster& found, const ReadFile& read) {
  if (found.host.empty() || found.port.empty()) {
    return fail(Code::invalid,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: this is no pod, "
                "or its service account is not mounted");
  }
  std::uint16_t port = 0;
  const char* end = found.port.data() + found.port.size();
  const auto [stop, error] = std::from_chars(found.port.data(), end, port);
  if (error != std::errc{} || stop != end || port == 0) {
    return fail(Code::invalid, "KUBERNETES_SERVICE_PORT: want a port number");
  }
  Access access{.address = {found.host, port}, .server_name = found.host};
  access.token_file = found.folder + "/token";
  TRY(std::string token, read_at(read, access.token_file));
  access.token = trimmed(std::move(token));
  TRY(access.authorities, read_at(read, found.folder + "/ca.crt"));
  // Not every pod has it.
  access.ns = trimmed(read(found.folder + "/namespace").value_or(""));
  return checked(std::move(access));
}

}  // namespace kube
