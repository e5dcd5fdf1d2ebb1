#include "kube/kubeconfig.h"

#include <gtest/gtest.h>

#include <map>

namespace kube {
namespace {

const std::map<std::string, std::string> files = {
    {"/etc/kube/ca.crt", "CA"},
    {"/etc/kube/pki/client.crt", "CERT"},
    {"/etc/kube/pki/client.key", "KEY"},
    {"/run/token", "secret\n"},
    {"/sa/ca.crt", "CA"},
    {"/sa/token", "pod-token\n"},
    {"/sa/namespace", "team-a"},
    {"/bare/ca.crt", "CA"},
    {"/bare/token", "pod-token"},
};

Result<std::string> read(const std::string& path) {
  const auto found = files.find(path);
  if (found == files.end()) return fail(Code::denied, "cannot be read");
  return found->second;
}

// A kubeconfig with one context whose cluster and user hold what is given.
std::string config(std::string_view cluster, std::string_view user) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: here\n"
         "contexts: [{name: here, context: {cluster: c, user: u, namespace: team}}]\n"
         "clusters: [{name: c, cluster: {" +
         std::string(cluster) + "}}]\nusers: [{name: u, user: {" + std::string(user) + "}}]\n";
}

constexpr std::string_view server = "server: \"https://10.0.0.1:6443\"";

Access base_access() {
  return {.address = {"10.0.0.1", 6443}, .server_name = "10.0.0.1", .ns = "team"};
}

template <class Change>
Access with(Change change) {
  Access access = base_access();
  change(access);
  return access;
}

TEST(Kubeconfig, SaysHowToReachTheServer) {
  struct Case {
    const char* name;
    std::string cluster;
    std::string user;
    Access want;
  };
  const std::string s(server);
  const Case cases[] = {
      {"nothing but a server", s, "", base_access()},
      {"authority inline", s + ", certificate-authority-data: Q0E=", "",
       with([](Access& a) { a.authorities = "CA"; })},
      {"authority in a file beside it", s + ", certificate-authority: ca.crt", "",
       with([](Access& a) { a.authorities = "CA"; })},
      {"inline wins", s + ", certificate-authority: absent, certificate-authority-data: Q0E=", "",
       with([](Access& a) { a.authorities = "CA"; })},
      {"no verification", s + ", insecure-skip-tls-verify: true", "",
       with([](Access& a) { a.verify = false; })},
      {"another name", s + ", tls-server-name: api.example.com", "",
       with([](Access& a) { a.server_name = "api.example.com"; })},
      {"path prefix and default port", "server: \"https://rancher.example.com/k8s/clusters/c-1/\"",
       "", with([](Access& a) {
         a.address = {"rancher.example.com", 443};
         a.server_name = "rancher.example.com";
         a.path_prefix = "/k8s/clusters/c-1";
       })},
      {"IPv6", "server: \"https://[::1]:6443\"", "", with([](Access& a) {
         a.address = {"::1", 6443};
         a.server_name = "::1";
       })},
      {"plain HTTP", "server: \"http://localhost:8080\"", "", with([](Access& a) {
         a.address = {"localhost", 8080};
         a.server_name = "localhost";
         a.tls = false;
       })},
      {"token", s, "token: secret", with([](Access& a) { a.token = "secret"; })},
      {"token file wins", s, "token: other, tokenFile: /run/token", with([](Access& a) {
         a.token = "secret";
         a.token_file = "/run/token";
       })},
      {"client certificate", s, "client-certificate: pki/client.crt, client-key-data: S0VZ",
       with([](Access& a) { a.identity = net::tls::Identity{"CERT", "KEY"}; })},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = read_kubeconfig(config(c.cluster, c.user), &read, {.folder = "/etc/kube"});
    EXPECT_TRUE(got == c.want) << (got ? "another access" : got.error().what);
  }
}

TEST(Kubeconfig, ErrorsNameTheField) {
  struct Case {
    const char* name;
    std::string text;
    Error want;
  };
  const std::string s(server);
  const Case cases[] = {
      {"no YAML", "a: [", {Code::invalid, "line "}},
      {"empty", "", {Code::invalid, "want one YAML document"}},
      {"no context", "clusters: []", {Code::invalid, "current-context: is not set"}},
      {"unknown context", "current-context: x", {Code::invalid, "contexts: there is none named"}},
      {"wrong type", "current-context: [x]", {Code::invalid, "current-context: want a string"}},
      {"no server", config("", ""), {Code::invalid, "clusters[0].cluster.server: want https://"}},
      {"bad port",
       config("server: \"https://a:b\"", ""),
       {Code::invalid, "clusters[0].cluster.ser"}},
      {"no base64",
       config(s + ", certificate-authority-data: \"*\"", ""),
       {Code::invalid, "clusters[0].cluster.certificate-authority-data: not base64"}},
      {"no file",
       config(s + ", certificate-authority: gone", ""),
       {Code::denied, "clusters[0].cluster.certificate-authority: /etc/kube/gone: cannot be read"}},
      {"careless and careful",
       config(s + ", insecure-skip-tls-verify: true, "
                  "certificate-authority: ca.crt",
              ""),
       {Code::invalid, "clusters[0].cluster.insecure-skip-tls-verify: must not"}},
      {"proxy",
       config(s + ", proxy-url: \"http://p\"", ""),
       {Code::unimplemented, "clusters[0].cluster.proxy-url: "}},
      {"plugin",
       config(s, "exec: {command: aws}"),
       {Code::unimplemented, "users[0].user.exec: is not supported; use a token"}},
      {"old plugin",
       config(s, "auth-provider: {name: gcp}"),
       {Code::unimplemented, "users[0].user.auth-provider: "}},
      {"password", config(s, "username: a"), {Code::unimplemented, "users[0].user.username: "}},
      {"half an identity",
       config(s, "client-certificate: pki/client.crt"),
       {Code::invalid, "users[0].user: client-certificate and client-key"}},
      {"secret without TLS",
       config("server: \"http://a\"", "token: secret"),
       {Code::invalid, "credentials are sent over https only"}},
      {"token of two lines", config(s, "token: \"a\\nb\""), {Code::invalid, "the token holds"}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto got = read_kubeconfig(c.text, &read, {.folder = "/etc/kube"});
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().code, c.want.code);
    EXPECT_TRUE(got.error().what.starts_with(c.want.what)) << got.error().what;
  }
}

TEST(Kubeconfig, AnotherContextCanBeChosen) {
  std::string text = config(server, "");
  text.replace(text.find("current-context: here"), 21, "current-context: gone");
  EXPECT_FALSE(read_kubeconfig(text, &read));
  EXPECT_TRUE(read_kubeconfig(text, &read, {.context = "here"}));
}

TEST(InCluster, APodFindsItsServer) {
  const auto got = read_in_cluster({.host = "10.96.0.1", .port = "443", .folder = "/sa"}, &read);
  const Access want{.address = {"10.96.0.1", 443},
                    .server_name = "10.96.0.1",
                    .authorities = "CA",
                    .token = "pod-token",
                    .token_file = "/sa/token",
                    .ns = "team-a"};
  EXPECT_TRUE(got == want) << (got ? "another access" : got.error().what);
  const auto bare = read_in_cluster({.host = "h", .port = "443", .folder = "/bare"}, &read);
  EXPECT_TRUE(bare && bare->ns.empty());
}

TEST(InCluster, WhatIsMissingIsNamed) {
  struct Case {
    InCluster found;
    const char* want;
  };
  const Case cases[] = {
      {{.host = "", .port = "443", .folder = "/sa"}, "KUBERNETES_SERVICE_HOST and "},
      {{.host = "h", .port = "x", .folder = "/sa"}, "KUBERNETES_SERVICE_PORT: "},
      {{.host = "h", .port = "443", .folder = "/gone"}, "/gone/token: cannot be read"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.want);
    const auto got = read_in_cluster(c.found, &read);
    ASSERT_FALSE(got);
    EXPECT_TRUE(got.error().what.starts_with(c.want)) << got.error().what;
  }
}

}  // namespace
}  // namespace kube
