// Both clients against a port that speaks TLS, or does not: what goes through, and what they say.

#include <gtest/gtest.h>

#include "net/client.h"
#include "net/testing/certificates.h"
#include "net/testing/echo_fixture.h"
#include "net/testing/folder.h"
#include "net/testing/run.h"
#include "net/testing/tls_server.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using testing::Authority;
using testing::EchoServer;
using testing::Folder;
using testing::run;

// What a client hears that sends "hello" to be echoed.
Task<Result<std::string>> ask_by_http(Origin to) {
  CO_TRY(auto answer, co_await http::send(std::move(to), {"POST", "/echo", "", {}, "hello", ""}));
  co_return std::move(answer.body);
}

Task<Result<std::string>> ask_by_grpc(Origin to) {
  CO_TRY(const auto channel, co_await grpc::Channel::open(std::move(to)));
  auto answer = co_await channel->unary("/tidewheel.Echo/Echo", "hello", 10s);
  co_await channel->close();
  co_return answer;
}

struct Ask {
  const char* name;
  Task<Result<std::string>> (*ask)(Origin to);
};
constexpr Ask asks[] = {{"HTTP", ask_by_http}, {"gRPC", ask_by_grpc}};

struct Parties {
  Authority ours;
  Authority others;
};

enum class Side { plain, tls, mutual };

struct Case {
  const char* name;
  Side server = Side::tls;
  std::optional<tls::ClientOptions> (*client)(const Parties& parties);  // nullopt: plain
  const char* expects = "localhost";
  Code code{};
  std::string_view want{};  // part of the error; empty: none
};

std::optional<tls::ClientOptions> trusting(const Parties& p) {
  return tls::ClientOptions{.authorities = p.ours.pem()};
}
std::optional<tls::ClientOptions> plain(const Parties&) {
  return std::nullopt;
}

const Case cases[] = {
    {.name = "trusted", .client = trusting},
    {.name = "plain on both sides", .server = Side::plain, .client = plain},
    {.name = "another authority",
     .client = [](const Parties& p) -> std::optional<tls::ClientOptions> {
       return tls::ClientOptions{.authorities = p.others.pem()};
     },
     .code = Code::denied,
     .want = "tls handshake: the server's certificate is refused: "},
    {.name = "another authority, and nobody looks",
     .client = [](const Parties& p) -> std::optional<tls::ClientOptions> {
       return tls::ClientOptions{.authorities = p.others.pem(), .verify = false};
     }},
    {.name = "another name",
     .client = trusting,
     .expects = "tidewheel.example",
     .code = Code::denied,
     .want = "the server's certificate is refused: it is not for tidewheel.example"},
    {.name = "another address",
     .client = trusting,
     .expects = "10.0.0.1",
     .code = Code::denied,
     .want = "the server's certificate is refused: it is not for 10.0.0.1"},
    {.name = "with a certificate",
     .server = Side::mutual,
     .client = [](const Parties& p) -> std::optional<tls::ClientOptions> {
       return tls::ClientOptions{.authorities = p.ours.pem(), .identity = p.ours.issue()};
     }},
    {.name = "without a certificate",
     .server = Side::mutual,
     .client = trusting,
     .code = Code::denied,
     .want = "the server wants a client certificate that it trusts: "},
    {.name = "with a stranger's certificate",
     .server = Side::mutual,
     .client = [](const Parties& p) -> std::optional<tls::ClientOptions> {
       return tls::ClientOptions{.authorities = p.ours.pem(), .identity = p.others.issue()};
     },
     .code = Code::denied,
     .want = "the server wants a client certificate that it trusts: "},
    {.name = "plain to TLS",
     .client = plain,
     .code = Code::bad_data,
     .want = "the server speaks TLS; use https://"},
    {.name = "TLS to plain",
     .server = Side::plain,
     .client = trusting,
     .code = Code::bad_data,
     .want = "tls handshake: the server does not speak TLS; use http://"},
};

tls::Files write_files(const Folder& folder, const Authority& authority, Side side) {
  const tls::Identity identity = authority.issue();
  folder.write("tls.crt", identity.certificates);
  folder.write("tls.key", identity.key);
  folder.write("ca.crt", authority.pem());
  return {.certificate = folder / "tls.crt",
          .key = folder / "tls.key",
          .client_authorities = side == Side::mutual ? folder / "ca.crt" : ""};
}

std::unique_ptr<EchoServer> serve(base::Loop& loop, const Folder& folder, const Parties& parties,
                                  Side side) {
  if (side == Side::plain) return std::make_unique<EchoServer>(loop);
  return std::make_unique<EchoServer>(loop, write_files(folder, parties.ours, side));
}

Task<void> check_cases(base::Loop& loop) {
  const Folder folder;
  const Parties parties;
  for (const Case& c : cases) {
    const auto server = serve(loop, folder, parties, c.server);
    for (const Ask& with : asks) {
      SCOPED_TRACE(std::string(c.name) + ", by " + with.name);
      Origin to(server->address());
      if (const auto options = c.client(parties))
        to.tls = tls::Context::for_client(*options).value();
      to.name = c.expects;
      const auto answer = co_await with.ask(to);
      EXPECT_EQ(answer.has_value(), c.want.empty()) << (answer ? "" : answer.error().what);
      if (answer) EXPECT_EQ(*answer, "hello");
      if (answer) continue;
      EXPECT_EQ(answer.error().code, c.code);
      EXPECT_TRUE(answer.error().what.contains(c.want)) << answer.error().what;
    }
    co_await server->drain();
  }
}

TEST(ClientTls, SaysWhatStandsInTheWay) {
  run(check_cases);
}

Task<http::Response> nothing(http::Request) {
  co_return http::Response{};
}

// Each client offers what it speaks, and nothing else.
Task<void> check_offers(base::Loop& loop) {
  const Authority authority;
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  struct Offer {
    const char* server;
    bool http, grpc;  // whose handshake succeeds
  };
  for (const Offer& c : {Offer{"http/1.1", true, false}, Offer{"h2", false, true}}) {
    SCOPED_TRACE(c.server);
    const auto own = tls::Context::for_server(
        {.identity = authority.issue(), .client_authorities = {}, .protocols = {c.server}});
    for (const Ask& with : asks) {
      testing::TlsServer server(loop, own.value(), &nothing);
      static_cast<void>(co_await with.ask({server.address(), context}));
      EXPECT_EQ(server.connections(), (with.ask == ask_by_http ? c.http : c.grpc) ? 1 : 0);
      co_await server.close();
    }
  }
}

TEST(ClientTls, OffersTheProtocolItSpeaks) {
  run(check_offers);
}

Task<void> check_metadata(base::Loop& loop) {
  EchoServer server(loop);
  const auto channel = co_await grpc::Channel::open(
      server.address(), {{"authorization", "Bearer s3cret"}, {"x-tenant", "a"}});
  for (const auto& [name, want] : {std::pair("authorization", "Bearer s3cret"),
                                   std::pair("x-tenant", "a"), std::pair("x-other", "")}) {
    const auto got = co_await (*channel)->unary("/tidewheel.Echo/Said", name, 10s);
    EXPECT_EQ(got, want);
  }
  co_await (*channel)->close();
  co_await server.drain();
}

TEST(GrpcChannel, SendsItsMetadataWithEveryCall) {
  run(check_metadata);
}

}  // namespace
}  // namespace net
