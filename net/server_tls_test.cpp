// A port that speaks TLS: who is let in, what is counted, and certificates that change meanwhile.

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include "net/client.h"
#include "net/tcp.h"
#include "net/testing/certificates.h"
#include "net/testing/echo_fixture.h"
#include "net/testing/folder.h"
#include "net/testing/http2_frames.h"
#include "net/testing/run.h"
#include "net/testing/tls_probe.h"

namespace net {
namespace {

using namespace std::chrono_literals;
using testing::Authority;
using testing::EchoServer;
using testing::eventually;
using testing::Folder;
using testing::ProbeResult;
using testing::run;
using testing::TlsProbe;

constexpr Duration never = 1h;

// Writes a certificate that the authority signs, with its key; returns where they are.
tls::Files issue(const Folder& folder, const Authority& authority,
                 const testing::CertificateOptions& options = {}) {
  const tls::Identity identity = authority.issue(options);
  folder.write("tls.crt", identity.certificates);
  folder.write("tls.key", identity.key);
  return {.certificate = folder / "tls.crt", .key = folder / "tls.key"};
}

tls::Files issue_mutual(const Folder& folder, const Authority& authority) {
  tls::Files files = issue(folder, authority);
  folder.write("ca.crt", authority.pem());
  files.client_authorities = folder / "ca.crt";
  return files;
}

Task<ProbeResult> probe(const EchoServer& server, testing::ProbeOptions options = {}) {
  TlsProbe client(std::move(options));
  co_return co_await client.ask(server.address());
}

double violations(const EchoServer& server, std::string_view kind) {
  return server.metric("net_violations_total", "kind=\"" + std::string(kind) + "\"");
}

Task<void> versions(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority));
  struct Case {
    int version;
    const char* want;  // empty: refused
  };
  for (const Case& c : {Case{TLS1_VERSION, ""}, Case{TLS1_1_VERSION, ""},
                        Case{TLS1_2_VERSION, "TLSv1.2"}, Case{TLS1_3_VERSION, "TLSv1.3"}}) {
    SCOPED_TRACE(c.version);
    const bool refused = std::string_view(c.want).empty();
    const ProbeResult got = co_await probe(server, {.version_max = c.version});
    EXPECT_EQ(got.problem.empty(), !refused) << got.problem;
    EXPECT_EQ(got.answer.starts_with("HTTP/1.1 404"), !refused);
    if (!refused) EXPECT_EQ(got.version, c.want);
    if (refused) EXPECT_TRUE(got.problem.contains("protocol version")) << got.problem;
  }
  const bool counted =
      co_await eventually([&] { return violations(server, "bad_handshake") == 2; });
  EXPECT_TRUE(counted);
  EXPECT_EQ(server.metric("tls_handshakes_total"), 2);
  co_await server.drain();
}

TEST(ServerTls, SpeaksVersion12AndNewer) {
  run(versions);
}

Task<void> alpn(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  const tls::Files files = issue(folder, authority);
  EchoServer both(loop, files);
  base::metrics::Registry registry;
  Server http_only("http", loop.executor(), {}, {}, Log{}, registry);
  EXPECT_TRUE(http_only.secure(files, never));
  const Address http{"127.0.0.1", http_only.listen("127.0.0.1", 0).value()};
  struct Case {
    const char* name;
    std::vector<std::string> offered;
    const char* chosen;
    const char* chosen_without_grpc;
    bool refused = false;
    bool refused_without_grpc = false;
  };
  const Case cases[] = {
      {"none", {}, "", ""},
      {"a browser", {"h2", "http/1.1"}, "http/1.1", "http/1.1"},
      {"grpc-python", {"grpc-exp", "h2"}, "h2", "", false, true},
      {"gRPC", {"h2"}, "h2", "", false, true},
      {"nothing we speak", {"spdy/3"}, "", "", true, true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const ProbeResult got = co_await probe(both, {.protocols = c.offered});
    EXPECT_EQ(got.problem.empty(), !c.refused) << got.problem;
    EXPECT_EQ(got.protocol, c.chosen);
    TlsProbe client({.protocols = c.offered});
    const ProbeResult plain = co_await client.ask(http);
    EXPECT_EQ(plain.problem.empty(), !c.refused_without_grpc) << plain.problem;
    EXPECT_EQ(plain.protocol, c.chosen_without_grpc);
  }
  co_await both.drain();
  co_await http_only.drain({});
}

TEST(ServerTls, OffersTheProtocolsThatItSpeaks) {
  run(alpn);
}

Task<void> grpc_over_tls(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority));
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  auto lower = co_await tcp::connect(server.address());
  auto stream = co_await tls::connect(std::move(*lower), context, {.name = "localhost"});
  EXPECT_TRUE(stream);
  const std::string message(100'000, 'm');
  const auto written = co_await (*stream)->write(
      testing::opening() + testing::unary(1, "/tidewheel.Echo/Sized", "30000"));
  EXPECT_TRUE(written);
  testing::FrameReader reader;
  while (!reader.on(1).ended) {
    const std::string bytes =
        co_await testing::read_until(**stream, [](const std::string& all) { return !all.empty(); });
    if (bytes.empty()) break;
    reader.feed(bytes);
  }
  EXPECT_EQ(reader.on(1).body.size(), 30'000u + 5);
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http2\""), 1);
  stream->reset();
  co_await server.drain();
}

TEST(ServerTls, GrpcIsFoundByItsFirstBytesWithoutAlpnToo) {
  run(grpc_over_tls);
}

Task<void> clients(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  const Authority other;
  EchoServer server(loop, issue_mutual(folder, authority));
  struct Case {
    const char* name;
    std::optional<tls::Identity> identity;
    bool welcome;
  };
  const Case cases[] = {
      {"signed by the authority", authority.issue({.name = "collector"}), true},
      {"signed by somebody else", other.issue({.name = "collector"}), false},
      {"expired", authority.issue({.valid_from_s = -7200, .valid_until_s = -3600}), false},
      {"none", std::nullopt, false},
  };
  for (const Case& c : cases) {
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      SCOPED_TRACE(c.name);
      const ProbeResult got =
          co_await probe(server, {.version_max = version, .identity = c.identity});
      EXPECT_EQ(got.problem.empty(), c.welcome) << got.problem;
      EXPECT_EQ(got.answer.empty(), !c.welcome);
    }
  }
  const bool counted =
      co_await eventually([&] { return violations(server, "bad_handshake") == 6; });
  EXPECT_TRUE(counted);
  EXPECT_EQ(server.metric("net_connections_total", "protocol=\"http1\""), 2);
  co_await server.drain();
}

TEST(ServerTls, ClientsShowACertificateWhereAuthoritiesAreSet) {
  run(clients);
}

Task<void> tickets(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue_mutual(folder, authority));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsProbe client({.version_max = version, .identity = authority.issue({.name = "collector"})});
    const ProbeResult first = co_await client.ask(server.address());
    EXPECT_EQ(first.problem, "");
    EXPECT_FALSE(first.resumed);
    const ProbeResult second = co_await client.ask(server.address());
    EXPECT_EQ(second.problem, "");
    EXPECT_TRUE(second.resumed) << second.version;

    // New authorities: who came in by the old ones has to show itself again.
    const Authority next;
    folder.write("ca.crt", next.pem());
    server.look_at_files();
    const ProbeResult third = co_await client.ask(server.address());
    EXPECT_NE(third.problem, "");
    folder.write("ca.crt", authority.pem());
    server.look_at_files();
  }
  co_await server.drain();
}

TEST(ServerTls, KnownClientsComeBackByTicketUntilTheAuthoritiesChange) {
  run(tickets);
}

Task<void> plain_peers(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority));
  const std::string sent[] = {"GET /echo HTTP/1.1\r\nhost: h\r\n\r\n",
                              "CONNECT h:1 HTTP/1.1\r\n\r\n",
                              testing::opening() + testing::unary(1, "/tidewheel.Echo/Echo", "x"),
                              std::string(100'000, 'z')};
  for (const std::string& bytes : sent) {
    const std::string answer = co_await server.answer_to(bytes);
    EXPECT_EQ(answer, std::string("\x15\x03\x01\0\x02\x02\x46", 7)) << bytes.substr(0, 20);
  }
  const bool counted = co_await eventually([&] { return violations(server, "no_tls") == 4; });
  EXPECT_TRUE(counted);
  EXPECT_EQ(violations(server, "bad_handshake"), 0);

  // A handshake that breaks off is another thing.
  const std::string cut = co_await server.answer_to(std::string("\x16\x03\x01\x02\0\x01", 6));
  EXPECT_EQ(cut, "");
  const bool cut_counted =
      co_await eventually([&] { return violations(server, "bad_handshake") == 1; });
  EXPECT_TRUE(cut_counted);
  co_await server.drain();
}

TEST(ServerTls, WhoSpeaksNoTlsGetsAnAlertAndIsCounted) {
  run(plain_peers);
}

Task<void> tls_on_plain(base::Loop& loop) {
  EchoServer server(loop);
  const ProbeResult got = co_await probe(server);
  EXPECT_NE(got.problem, "");
  EXPECT_EQ(violations(server, "bad_http"), 1);
  co_await server.drain();
}

TEST(ServerTls, APlainPortStaysPlain) {
  run(tls_on_plain);
}

Task<void> slow_handshakes(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority), {.request_timeout = 20ms, .handshakes_max = 2});
  const std::string beginnings[] = {"", std::string("\x16\x03\x01\x02\0\x01", 6)};
  for (const std::string& beginning : beginnings) {
    auto stream = co_await server.connect();
    static_cast<void>(co_await stream->write(beginning));
    EXPECT_EQ(co_await testing::read_all(*stream), "");
  }
  const bool counted =
      co_await eventually([&] { return violations(server, "request_timeout") == 2; });
  EXPECT_TRUE(counted);
  co_await server.drain();
}

TEST(ServerTls, AHandshakeHasADeadline) {
  run(slow_handshakes);
}

Task<void> many_handshakes(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority), {.handshakes_max = 2});
  auto first = co_await server.connect();
  const auto second = co_await server.connect();
  const bool open = co_await eventually([&] { return server.metric("net_connections_open") == 2; });
  EXPECT_TRUE(open);
  const ProbeResult refused = co_await probe(server);
  EXPECT_NE(refused.problem, "");
  EXPECT_EQ(violations(server, "too_many_connections"), 1);
  first.reset();
  const bool room = co_await eventually([&] { return server.metric("net_connections_open") == 1; });
  EXPECT_TRUE(room);
  const ProbeResult welcome = co_await probe(server);
  EXPECT_EQ(welcome.problem, "");
  co_await server.drain();  // with a handshake under way
}

TEST(ServerTls, BoundsItsHandshakes) {
  run(many_handshakes);
}

Task<void> silent_after_handshake(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority), {.idle_timeout = 20ms});
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  auto lower = co_await tcp::connect(server.address());
  const auto stream = co_await tls::connect(std::move(*lower), context, {.name = "localhost"});
  EXPECT_TRUE(stream);
  EXPECT_EQ(co_await testing::read_all(**stream), "");
  const bool closed =
      co_await eventually([&] { return server.metric("net_connections_open") == 0; });
  EXPECT_TRUE(closed);
  co_await server.drain();
}

TEST(ServerTls, EndsConnectionsThatAreSilentAfterTheHandshake) {
  run(silent_after_handshake);
}

// --- files

Task<void> rotation(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  EchoServer server(loop, issue(folder, authority, {.name = "first"}));
  const double first_expiry = server.metric("tls_certificate_expiry_timestamp_seconds");
  EXPECT_GT(first_expiry, 0);
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  const auto kept = co_await http::Connection::open({server.address(), context});
  EXPECT_TRUE(kept);

  // Renamed into place, the key later: until then the old pair serves.
  const tls::Identity second = authority.issue({.name = "second", .valid_until_s = 7200});
  folder.write("new.crt", second.certificates);
  folder.write("new.key", second.key);
  folder.rename("new.crt", "tls.crt");
  server.look_at_files();
  server.look_at_files();
  EXPECT_EQ((co_await probe(server)).subject, "first");
  EXPECT_EQ(server.metric("tls_reload_failures_total"), 2);
  folder.rename("new.key", "tls.key");
  server.look_at_files();
  EXPECT_EQ((co_await probe(server)).subject, "second");
  EXPECT_GT(server.metric("tls_certificate_expiry_timestamp_seconds"), first_expiry + 3000);
  EXPECT_EQ(server.metric("tls_reload_failures_total"), 2);

  // Who was there before is still there.
  const auto answer = co_await (*kept)->send({.method = "GET", .path = "/nope"}, {});
  EXPECT_TRUE(answer && answer->status == 404);
  co_await server.drain();
}

TEST(ServerTls, NewConnectionsGetARenamedCertificate) {
  run(rotation);
}

// Kubernetes mounts a secret as links into "..data", a link to a folder that it replaces at once.
Task<void> secret(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  for (const char* name : {"..1", "..2"}) {
    const tls::Identity identity = authority.issue({.name = name});
    folder.write(std::string(name) + "/tls.crt", identity.certificates);
    folder.write(std::string(name) + "/tls.key", identity.key);
  }
  folder.link("..1", "..data");
  folder.link("..data/tls.crt", "tls.crt");
  folder.link("..data/tls.key", "tls.key");
  EchoServer server(loop, {.certificate = folder / "tls.crt", .key = folder / "tls.key"}, {}, 1ms);
  EXPECT_EQ((co_await probe(server)).subject, "..1");
  folder.link("..2", "..data_tmp");
  folder.rename("..data_tmp", "..data");
  std::string subject;
  for (int i = 0; i < 5000 && subject != "..2"; ++i) subject = (co_await probe(server)).subject;
  EXPECT_EQ(subject, "..2");
  EXPECT_EQ(server.metric("tls_reload_failures_total"), 0);
  co_await server.drain();
}

TEST(ServerTls, FollowsASecretThatIsSwapped) {
  run(secret);
}

Task<void> broken_files(base::Loop& loop) {
  const Folder folder;
  const Authority authority;
  const tls::Files files = issue_mutual(folder, authority);
  const tls::Identity good = authority.issue({.name = "good"});
  const std::string nonsense = "nonsense";
  EchoServer server(loop, files);
  int failures = 0;
  for (const char* name : {"tls.crt", "tls.key", "ca.crt"}) {
    const std::string before = folder.read(name);
    for (const std::string& text : {nonsense, std::string(), before.substr(0, before.size() / 2)}) {
      folder.write(name, text);
      server.look_at_files();
      EXPECT_EQ(server.metric("tls_reload_failures_total"), ++failures) << name << text.size();
    }
    folder.remove(name);
    server.look_at_files();
    EXPECT_EQ(server.metric("tls_reload_failures_total"), ++failures) << name << " gone";
    const ProbeResult got = co_await probe(server, {.identity = good});
    EXPECT_EQ(got.problem, "");
    const ProbeResult stranger = co_await probe(server);
    EXPECT_NE(stranger.problem, "");
    folder.write(name, before);
    server.look_at_files();
    EXPECT_EQ(server.metric("tls_reload_failures_total"), failures) << name;
  }
  co_await server.drain();
}

TEST(ServerTls, BrokenFilesLeaveTheLastGoodOnesInUse) {
  run(broken_files);
}

TEST(TlsFiles, TheFirstOnesMustBeGood) {
  const Folder folder;
  const Authority authority;
  const tls::Files files = issue_mutual(folder, authority);
  folder.write("other.key", authority.issue().key);
  folder.write("empty", "");
  struct Case {
    const char* name;
    tls::Files files;
    Code code;
    std::string what;  // how it begins
  };
  const std::string all =
      files.certificate + " with " + folder / "other.key" + " and " + files.client_authorities;
  const Case cases[] = {
      {"no certificate", {folder / "gone", files.key, ""}, Code::not_found, folder / "gone" + ": "},
      {"no key", {files.certificate, folder / "gone", ""}, Code::not_found, folder / "gone" + ": "},
      {"no authority",
       {files.certificate, files.key, folder / "gone"},
       Code::not_found,
       folder / "gone" + ": "},
      {"an empty authority",
       {files.certificate, files.key, folder / "empty"},
       Code::invalid,
       folder / "empty" + ": is empty"},
      {"another's key",
       {files.certificate, folder / "other.key", files.client_authorities},
       Code::invalid,
       all + ": private key: "},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto opened = tls::FileContext::open(c.files, {});
    EXPECT_FALSE(opened);
    if (opened) continue;
    EXPECT_EQ(opened.error().code, c.code);
    EXPECT_TRUE(opened.error().what.starts_with(c.what)) << opened.error().what;
  }
}

}  // namespace
}  // namespace net
