#include "net/tls.h"

#include <gtest/gtest.h>

#include <utility>

#include "net/client.h"
#include "net/tcp.h"
#include "net/testing/certificates.h"
#include "net/testing/run.h"
#include "net/testing/tls_server.h"

namespace net {
namespace {

using testing::Authority;
using testing::TlsServer;

Task<http::Response> echo(http::Request request) {
  co_return http::Response{.body = request.method + " " + request.path + " " + request.body};
}

std::shared_ptr<const tls::Context> server_side(const tls::Identity& identity,
                                                std::string client_authorities = {}) {
  return tls::Context::for_server(
             {.identity = identity, .client_authorities = std::move(client_authorities)})
      .value();
}

const http::Request hello{.method = "GET", .path = "/hello"};

// What a client with `options`, which expects `name`, hears from a server with `identity`.
struct Trust {
  const char* case_name;
  testing::CertificateOptions certificate;
  bool other_authority = false;
  bool verify = true;
  std::string expects = "localhost";
  std::optional<Code> want{};  // the failure's
};

const Trust trusts[] = {
    {.case_name = "signed by the authority, for the name", .certificate = {}},
    {.case_name = "for the address", .certificate = {}, .expects = "127.0.0.1"},
    {.case_name = "any name below",
     .certificate = {.alternatives = "DNS:*.example.com"},
     .expects = "api.example.com"},
    {.case_name = "signed by somebody else",
     .certificate = {},
     .other_authority = true,
     .want = Code::denied},
    {.case_name = "signed by somebody else, and nobody looks",
     .certificate = {},
     .other_authority = true,
     .verify = false},
    {.case_name = "for another name",
     .certificate = {.alternatives = "DNS:example.com"},
     .want = Code::denied},
    {.case_name = "for another address",
     .certificate = {.alternatives = "IP:10.0.0.1"},
     .expects = "127.0.0.1",
     .want = Code::denied},
    {.case_name = "expired",
     .certificate = {.valid_from_s = -7200, .valid_until_s = -3600},
     .want = Code::denied},
    {.case_name = "not valid yet", .certificate = {.valid_from_s = 3600}, .want = Code::denied},
};

Task<void> check_trust(base::Loop& loop) {
  const Authority authority;
  const Authority other;
  for (const Trust& c : trusts) {
    SCOPED_TRACE(c.case_name);
    TlsServer server(loop, server_side(authority.issue(c.certificate)), &echo);
    const auto context = tls::Context::for_client(
        {.authorities = (c.other_authority ? other : authority).pem(), .verify = c.verify});
    Origin origin(server.address(), context.value());
    origin.name = c.expects;
    const auto answer = co_await http::send(origin, hello);
    EXPECT_EQ(answer.has_value(), !c.want) << (answer ? "" : answer.error().what);
    if (answer) EXPECT_EQ(answer->body, "GET /hello ");
    if (!answer && c.want) EXPECT_EQ(answer.error().code, *c.want) << answer.error().what;
    co_await server.close();
  }
}

TEST(Tls, AServerIsTrustedWhenItsCertificateSaysWhoItIs) {
  testing::run(check_trust);
}

Task<void> check_clients(base::Loop& loop) {
  const Authority authority;
  const Authority other;
  TlsServer server(loop, server_side(authority.issue(), authority.pem()), &echo);
  struct Case {
    const char* name;
    std::optional<tls::Identity> identity;
    bool welcome;
  };
  const Case cases[] = {{"known", authority.issue({.name = "admin"}), true},
                        {"signed by somebody else", other.issue({.name = "admin"}), false},
                        {"none", std::nullopt, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto context =
        tls::Context::for_client({.authorities = authority.pem(), .identity = c.identity});
    const auto answer = co_await http::send({server.address(), context.value()}, hello);
    EXPECT_EQ(answer.has_value(), c.welcome);
  }
  EXPECT_EQ(server.connections(), 1);
  co_await server.close();
}

TEST(Tls, AServerMayAskWhoItsClientIs) {
  testing::run(check_clients);
}

TEST(Tls, TextsThatAreNoPemAreNamed) {
  const Authority authority;
  const tls::Identity good = authority.issue();
  const tls::Identity other = authority.issue();
  struct Case {
    const char* name;
    tls::ClientOptions options;
    std::string_view want;  // how the message begins; empty: no error
  };
  const std::string cut = authority.pem().substr(0, 100);
  const Case cases[] = {
      {"all good", {.authorities = authority.pem() + authority.pem(), .identity = good}, ""},
      {"no authority", {.authorities = "nonsense"}, "certificate authority: "},
      {"half an authority", {.authorities = cut}, "certificate authority: "},
      {"one and a half", {.authorities = authority.pem() + cut}, "certificate authority: "},
      {"no certificate", {.identity = tls::Identity{"nonsense", good.key}}, "certificate: "},
      {"no key", {.identity = tls::Identity{good.certificates, "nonsense"}}, "private key: "},
      {"another's key", {.identity = tls::Identity{good.certificates, other.key}}, "private key: "},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto made = tls::Context::for_client(c.options);
    EXPECT_EQ(made.has_value(), c.want.empty()) << (made ? "" : made.error().what);
    if (made) continue;
    EXPECT_EQ(made.error().code, Code::invalid);
    EXPECT_TRUE(made.error().what.starts_with(c.want)) << made.error().what;
  }
}

Task<void> check_plain_peers(base::Loop& loop) {
  const Authority authority;
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  TlsServer plain(loop, nullptr, &echo);
  const auto answer = co_await http::send({plain.address(), context}, hello);
  EXPECT_FALSE(answer);
  if (!answer) EXPECT_EQ(answer.error().code, Code::bad_data) << answer.error().what;
  co_await plain.close();

  TlsServer secured(loop, server_side(authority.issue()), &echo);
  EXPECT_FALSE(co_await http::send({secured.address()}, hello));
  co_await secured.close();
}

TEST(Tls, APeerThatSpeaksNoTlsIsAnError) {
  testing::run(check_plain_peers);
}

// Two ends of one connection.
struct Ends {
  std::unique_ptr<Stream> client;
  std::unique_ptr<Stream> server;
};

Task<void> accept_one(tcp::Acceptor* acceptor, std::shared_ptr<const tls::Context> context,
                      std::unique_ptr<Stream>* into) {
  auto socket = co_await tcp::accept(*acceptor);
  auto stream = co_await tls::accept(tcp::make_stream(std::move(*socket)), std::move(context));
  *into = std::move(*stream);
}

Task<Ends> connect_ends(base::Loop& loop, base::TaskGroup& tasks) {
  const Authority authority;
  auto acceptors = tcp::listen(loop.executor(), "127.0.0.1", 0).value();
  const Address to{"127.0.0.1", acceptors[0].local_endpoint().port()};
  Ends ends;
  tasks.spawn(accept_one(&acceptors[0], server_side(authority.issue()), &ends.server));
  auto lower = co_await tcp::connect(to);
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  auto stream = co_await tls::connect(std::move(*lower), context, {.name = "localhost"});
  ends.client = std::move(*stream);
  co_await tasks.join();
  co_return ends;
}

// Bytes that differ, so that lost and doubled ones show.
std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 2654435761u >> 13);
  return bytes;
}

Task<void> send_all(Stream* stream, std::string bytes) {
  // As connections do: what can go at once, then the rest.
  const auto now = stream->write_now(bytes);
  EXPECT_TRUE(now);
  if (*now < bytes.size()) {
    EXPECT_TRUE(co_await stream->write(std::string_view(bytes).substr(*now)));
  }
  stream->shutdown();
}

Task<void> check_both_ways(base::Loop& loop) {
  base::TaskGroup tasks(loop.executor(), Log{});
  const Ends ends = co_await connect_ends(loop, tasks);
  const std::string there = pattern(5'000'003);
  const std::string back = pattern(3'000'001);
  tasks.spawn(send_all(ends.client.get(), there));
  tasks.spawn(send_all(ends.server.get(), back));
  const std::string at_server = co_await testing::read_until(
      *ends.server, [&](const std::string& all) { return all.size() >= there.size(); });
  EXPECT_TRUE(at_server == there);
  const std::string at_client = co_await testing::read_all(*ends.client);
  EXPECT_TRUE(at_client == back);
  char byte[1];
  const auto end = co_await ends.server->read_some(byte);
  EXPECT_TRUE(end && *end == 0);  // the goodbye
  co_await tasks.join();
}

TEST(Tls, BytesArriveWholeBothWaysAtOnce) {
  testing::run(check_both_ways);
}

// Reads until the end, by way of a buffer that somebody else uses too.
Task<void> read_through(Stream* stream, std::span<char> shared, std::string* into) {
  for (;;) {
    const auto n = co_await stream->read_some(shared);
    EXPECT_TRUE(n);
    if (!n || *n == 0) co_return;
    into->append(shared.data(), *n);
  }
}

// A connection holds no buffer of its own while it waits.
Task<void> check_shared_buffer(base::Loop& loop) {
  for (const std::size_t size : {1, 7, 5'000, 128 << 10}) {
    SCOPED_TRACE(size);
    base::TaskGroup tasks(loop.executor(), Log{});
    const Ends first = co_await connect_ends(loop, tasks);
    const Ends second = co_await connect_ends(loop, tasks);
    const std::string bytes = pattern(size < 100 ? 20'000 : 1'000'003);
    const std::string others(bytes.rbegin(), bytes.rend());
    std::vector<char> shared(size);
    std::string at_first;
    std::string at_second;
    tasks.spawn(read_through(first.server.get(), shared, &at_first));
    tasks.spawn(read_through(second.server.get(), shared, &at_second));
    tasks.spawn(send_all(first.client.get(), bytes));
    tasks.spawn(send_all(second.client.get(), others));
    co_await tasks.join();
    EXPECT_TRUE(at_first == bytes);
    EXPECT_TRUE(at_second == others);
  }
}

TEST(Tls, ConnectionsReadThroughOneBufferOfAnySize) {
  testing::run(check_shared_buffer);
}

Task<void> check_cut(base::Loop& loop) {
  base::TaskGroup tasks(loop.executor(), Log{});
  Ends ends = co_await connect_ends(loop, tasks);
  EXPECT_TRUE(co_await ends.server->write("half an ans"));
  ends.server.reset();
  char bytes[100];
  const auto first = co_await ends.client->read_some(bytes);
  EXPECT_EQ(std::string_view(bytes, first.value_or(0)), "half an ans");
  const auto end = co_await ends.client->read_some(bytes);
  EXPECT_FALSE(end);
  if (!end) EXPECT_EQ(end.error().code, Code::unavailable);
}

TEST(Tls, AnEndWithoutAGoodbyeIsAnError) {
  testing::run(check_cut);
}

Task<void> read_once(Stream* stream, Result<std::size_t>* got) {
  char bytes[10];
  *got = co_await stream->read_some(bytes);
}

Task<void> check_interrupt(base::Loop& loop) {
  base::TaskGroup tasks(loop.executor(), Log{});
  const Ends ends = co_await connect_ends(loop, tasks);
  Result<std::size_t> got = 0;
  tasks.spawn(read_once(ends.client.get(), &got));
  ends.client->interrupt();
  co_await tasks.join();
  EXPECT_FALSE(got);
  if (!got) EXPECT_EQ(got.error().code, Code::cancelled);
  EXPECT_TRUE(co_await ends.server->write("later"));
  char bytes[10];
  const auto n = co_await ends.client->read_some(bytes);
  EXPECT_EQ(std::string_view(bytes, n.value_or(0)), "later");

  // The peer does not read, so that a large write has to wait.
  const auto large = pattern(32u << 20);
  auto written = co_await base::with_deadline(ends.client->write(large), Duration(1'000'000));
  EXPECT_FALSE(written);
  auto after = co_await ends.client->write("more");
  EXPECT_FALSE(after);
  if (!after) EXPECT_EQ(after.error().code, Code::unavailable);
}

TEST(Tls, AnInterruptedReadCanBeRepeatedAndAnInterruptedWriteEndsWriting) {
  testing::run(check_interrupt);
}

}  // namespace
}  // namespace net
