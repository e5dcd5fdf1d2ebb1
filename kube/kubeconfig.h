#pragma once

// How to reach and convince an API server: from a kubeconfig file, or from what a pod finds. Free
// of coroutines; files are read by the caller's function. Source: the kubeconfig format v1 of
// client-go 0.36; credentials of pods as Kubernetes mounts them.

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/address.h"
#include "net/tls.h"

namespace kube {

// Everything a connection needs.
struct Access {
  net::Address address;
  bool tls = true;
  std::string path_prefix;  // before every path: "" or "/k8s/clusters/c-1"
  std::string server_name;  // what the server's certificate must be for
  std::string authorities;  // PEM; empty: the system's
  bool verify = true;
  std::optional<net::tls::Identity> identity;  // a client certificate
  std::string token;                           // bearer token
  std::string token_file;  // where the token is read from again, because it changes
  std::string ns;          // the namespace to use where none is named; empty: "default"
  bool operator==(const Access&) const = default;
};

// The text of a file. Errors: any; the path is added to them.
using ReadFile = std::function<Result<std::string>(const std::string& path)>;

struct KubeconfigOptions {
  std::string context;  // empty: the file's current-context
  std::string folder;   // of the kubeconfig, where its relative paths start
};

// What `text`, YAML or JSON, says about one context. Errors: invalid, with the field's path;
// unimplemented for credential plugins (exec, auth-provider) and passwords.
Result<Access> read_kubeconfig(std::string_view text, const ReadFile& read,
                               const KubeconfigOptions& options = {});

// Where a pod finds its API server and its service account.
struct InCluster {
  std::string host;                                                      // KUBERNETES_SERVICE_HOST
  std::string port;                                                      // KUBERNETES_SERVICE_PORT
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";  // ca.crt, token, namespace
};

// Errors: invalid, naming what is missing.
Result<Access> read_in_cluster(const InCluster& found, const ReadFile& read);

// "https://host:6443/prefix" into address, tls and path_prefix; without a port it is 443, or 80 for
// http. Errors: invalid.
Result<Access> parse_server(std::string_view server);

}  // namespace kube
