#include "cli/rest_client.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "net/testing/certificates.h"
#include "net/testing/folder.h"
#include "net/testing/tls_server.h"

namespace cli {
namespace {

Task<net::http::Response> answer(net::http::Request request) {
  const bool known = request.headers.find("authorization") == "Bearer s3cret";
  if (request.path == "/guarded" && !known) {
    co_return net::http::Response{
        .status = 401, .headers = {}, .body = R"({"error": "a bearer token is needed"})"};
  }
  if (request.path == "/gone")
    co_return net::http::Response{.status = 404, .headers = {}, .body = "no JSON"};
  co_return net::http::Response{.body = R"({"path": ")" + request.path + "\"}"};
}

// A server on a thread of its own, which questions block for.
class Server {
 public:
  explicit Server(std::shared_ptr<const net::tls::Context> context)
      : server_(loop_, std::move(context), &answer), thread_([this] { loop_.run(); }) {}

  ~Server() {
    base::TaskGroup last(loop_.executor(), Log{});
    loop_.post([this, &last] { last.spawn(stop()); });
    thread_.join();
    while (last.size() > 0) loop_.poll();
  }

  std::string address() const { return to_string(server_.address()); }

 private:
  Task<void> stop() {
    co_await server_.close();
    loop_.stop();
  }

  base::Loop loop_;
  net::testing::TlsServer server_;
  std::thread thread_;
};

class RestClientTest : public ::testing::Test {
 protected:
  RestClientTest() {
    const net::tls::Identity identity = authority_.issue();
    folder_.write("ca.crt", authority_.pem());
    folder_.write("other-ca.crt", other_.pem());
    folder_.write("tls.crt", identity.certificates);
    folder_.write("tls.key", identity.key);
    folder_.write("token", "s3cret");
    folder_.write("other-token", "other");
  }

  std::shared_ptr<const net::tls::Context> guarded() const {
    return net::tls::Context::for_server(
               {.identity = authority_.issue(), .client_authorities = authority_.pem()})
        .value();
  }

  OptionText file(const std::string& name) const { return {folder_ / name, "--flag"}; }

  net::testing::Authority authority_;
  net::testing::Authority other_;
  net::testing::Folder folder_;
};

TEST_F(RestClientTest, AsksOverTlsAndSaysWhatStandsInTheWay) {
  const Server server(guarded());
  const std::string https = "https://" + server.address();
  const DestinationOptions good{.address = https,
                                .ca_file = file("ca.crt"),
                                .cert_file = file("tls.crt"),
                                .key_file = file("tls.key"),
                                .token_file = file("token")};
  EXPECT_EQ(get(good, "/guarded"), R"({"path": "/guarded"})");
  DestinationOptions careless = good;
  careless.ca_file = {};
  careless.insecure_skip_verify = true;
  EXPECT_EQ(get(careless, "/guarded"), R"({"path": "/guarded"})");

  struct Case {
    const char* name;
    std::function<void(DestinationOptions&)> spoil;
    const char* path;
    std::string want;  // how the error begins
  };
  const std::string ask = "cannot ask " + https + ": ";
  const Case cases[] = {
      {"another authority", [&](auto& o) { o.ca_file = file("other-ca.crt"); }, "/",
       ask + "tls handshake: the server's certificate is refused: "},
      {"another name", [](auto& o) { o.server_name = {"tidewheel.svc", "--server-name"}; }, "/",
       ask + "tls handshake: the server's certificate is refused: it is not for tidewheel.svc"},
      {"no certificate", [](auto& o) { o.cert_file = o.key_file = {}; }, "/",
       ask + "tls read: the server wants a client certificate that it trusts: "},
      {"a file that is gone", [&](auto& o) { o.key_file = file("gone"); }, "/",
       "--flag " + folder_ / "gone" + ": does not exist"},
      {"no token", [](auto& o) { o.token_file = {}; }, "/guarded",
       "a bearer token is needed; pass --token-file"},
      {"another token", [&](auto& o) { o.token_file = file("other-token"); }, "/guarded",
       "a bearer token is needed; the token of --flag "},
      {"an answer that says nothing", [](auto&) {}, "/gone", https + " answered 404"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    DestinationOptions options = good;
    c.spoil(options);
    const auto got = get(options, c.path);
    ASSERT_FALSE(got);
    EXPECT_TRUE(got.error().what.starts_with(c.want)) << got.error().what;
  }
}

TEST_F(RestClientTest, SaysWhichSideSpeaksTls) {
  const Server secured(guarded());
  EXPECT_EQ(get({.address = secured.address()}, "/"),
            fail(Code::bad_data,
                 "cannot ask " + secured.address() + ": the server speaks TLS; use https://"));
  const Server plain(nullptr);
  EXPECT_EQ(get({.address = plain.address()}, "/a"), R"({"path": "/a"})");
  const std::string https = "https://" + plain.address();
  EXPECT_EQ(get({.address = https}, "/"),
            fail(Code::bad_data, "cannot ask " + https +
                                     ": tls handshake: the server does not "
                                     "speak TLS; use http://"));
}

}  // namespace
}  // namespace cli
