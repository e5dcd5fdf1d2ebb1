#include <gtest/gtest.h>

#include <utility>

#include "base/testing/fake_clock.h"
#include "net/client.h"
#include "net/testing/certificates.h"
#include "net/testing/run.h"
#include "net/testing/tls_server.h"

namespace net::http {
namespace {

using testing::TlsServer;

Task<Response> echo(Request request) {
  co_return Response{.body = request.method + " " + request.path + " " + request.body};
}

const Request hello{.method = "GET", .path = "/hello"};
const Request post{.method = "POST", .path = "/hello", .body = "x"};

Task<void> check_kept(base::Loop& loop) {
  TlsServer server(loop, nullptr, &echo);
  base::testing::FakeClock clock;
  Pool pool(server.address(), clock, {.idle_max = std::chrono::seconds(30)});
  for (int i = 0; i < 3; ++i) EXPECT_EQ((co_await pool.send(post))->body, "POST /hello x");
  EXPECT_EQ(server.connections(), 1);
  clock.advance(std::chrono::seconds(29));
  EXPECT_TRUE(co_await pool.send(post));
  EXPECT_EQ(server.connections(), 1);
  clock.advance(std::chrono::seconds(30));
  EXPECT_TRUE(co_await pool.send(post));
  EXPECT_EQ(server.connections(), 2);
  co_await server.close();
}

TEST(HttpPool, KeepsAConnectionUntilItWasSilentForTooLong) {
  testing::run(check_kept);
}

Task<void> check_stale(base::Loop& loop) {
  TlsServer server(loop, nullptr, &echo);
  const base::testing::FakeClock clock;
  Pool pool(server.address(), clock);
  for (const Request& request : {hello, post}) {
    EXPECT_TRUE(co_await pool.send(request));
    server.cut();
    const auto answer = co_await pool.send(request);
    // Whether a POST was read before the connection went, nobody knows.
    EXPECT_EQ(answer.has_value(), request.method == "GET");
    EXPECT_TRUE(co_await pool.send(request));
  }
  co_await server.close();
  const auto gone = co_await pool.send(hello);
  EXPECT_FALSE(gone);
}

TEST(HttpPool, ReplacesAConnectionThatEndedForRequestsThatMayBeRepeated) {
  testing::run(check_stale);
}

// A handler that shows how many requests it has at once, and lets them go together.
struct Gate {
  explicit Gate(base::Loop& loop) : executor(loop.executor()) {}

  Task<Response> handle(Request) {
    most = std::max(most, ++inside);
    while (!open) {
      auto slept = co_await base::sleep_for(std::chrono::milliseconds(1));
      if (!slept) break;
    }
    --inside;
    co_return Response{.body = "done"};
  }

  Executor executor;
  bool open = false;
  int inside = 0;
  int most = 0;
};

Task<void> send_counted(Pool* pool, ClientLimits limits, std::vector<Code>* failures, int* done) {
  auto answer = co_await pool->send(hello, limits);
  if (answer) ++*done;
  if (!answer) failures->push_back(answer.error().code);
}

Task<void> check_bound(base::Loop& loop) {
  Gate gate(loop);
  TlsServer server(loop, nullptr, [&gate](Request r) { return gate.handle(std::move(r)); });
  const base::testing::FakeClock clock;
  Pool pool(server.address(), clock, {.connections_max = 2});
  base::TaskGroup tasks(loop.executor(), Log{});
  std::vector<Code> failures;
  int done = 0;
  for (int i = 0; i < 8; ++i) tasks.spawn(send_counted(&pool, {}, &failures, &done));
  // One whose deadline passes while it waits for its turn.
  tasks.spawn(send_counted(&pool, {.timeout = std::chrono::milliseconds(1)}, &failures, &done));
  EXPECT_TRUE(co_await testing::eventually([&] { return gate.inside == 2 && !failures.empty(); }));
  gate.open = true;
  co_await tasks.join();
  EXPECT_EQ(gate.most, 2);
  EXPECT_EQ(done, 8);
  EXPECT_EQ(failures, std::vector<Code>{Code::timeout});
  EXPECT_EQ(server.connections(), 2);
  co_await server.close();
}

TEST(HttpPool, SendsABoundedNumberOfRequestsAtOnce) {
  testing::run(check_bound);
}

// Sends pieces of a body when it is told to.
struct Pieces {
  explicit Pieces(base::Loop& loop) : next(loop.executor()) {}

  Task<Response> handle(Request) {
    Response response;
    response.headers.add("content-type", "application/json");
    response.stream = [this](BodyWriter& out) { return write(out); };
    co_return response;
  }
  Task<void> write(BodyWriter& out) {
    for (;;) {
      auto told = co_await next.wait();
      if (!told || piece.empty()) co_return;
      auto written = co_await out.write(std::exchange(piece, {}));
      if (!written) co_return;
    }
  }
  void send(std::string bytes) {
    piece = std::move(bytes);
    next.notify();
  }

  base::Signal next;
  std::string piece;
};

Task<void> check_streamed(base::Loop& loop) {
  const testing::Authority authority;
  Pieces pieces(loop);
  TlsServer server(loop, tls::Context::for_server({.identity = authority.issue()}).value(),
                   [&pieces](Request r) { return pieces.handle(std::move(r)); });
  const auto context = tls::Context::for_client({.authorities = authority.pem()}).value();
  auto connection = co_await Connection::open({server.address(), context});
  EXPECT_TRUE(connection);
  const auto head = co_await (*connection)->begin(hello, {.body_bytes_max = 2'000'000});
  EXPECT_TRUE(head && head->status == 200);
  EXPECT_EQ(head->headers.find("content-type"), "application/json");
  // Together more than the limit, which is for what waits to be read.
  for (const std::size_t size : {1u, 2u, 3u, 4u, 5u, 1'500'000u, 1u, 1'500'000u}) {
    pieces.send(std::string(size, 'p'));
    std::string got;
    while (got.size() < size) {
      auto piece = co_await (*connection)->read_body();
      EXPECT_TRUE(piece && !piece->empty());
      if (!piece || piece->empty()) break;
      got += *piece;
    }
    EXPECT_EQ(got.size(), size);
  }
  pieces.send("");
  const auto end = co_await (*connection)->read_body();
  EXPECT_TRUE(end && end->empty());
  EXPECT_TRUE((*connection)->usable());
  co_await server.close();
}

TEST(HttpConnection, GivesABodyPieceByPieceAsItArrives) {
  testing::run(check_streamed);
}

Task<void> check_limits(base::Loop& loop) {
  Pieces pieces(loop);
  TlsServer server(loop, nullptr, [&pieces](Request r) { return pieces.handle(std::move(r)); });
  auto connection = co_await Connection::open(server.address());
  pieces.send(std::string(5'000, 'p'));
  const auto large = co_await (*connection)->send(hello, {.body_bytes_max = 4'000});
  EXPECT_FALSE(large);
  if (!large) EXPECT_EQ(large.error().code, Code::exhausted) << large.error().what;
  EXPECT_FALSE((*connection)->usable());

  connection = co_await Connection::open(server.address());
  const auto silent =
      co_await (*connection)->send(hello, {.timeout = std::chrono::milliseconds(5)});
  EXPECT_FALSE(silent);
  if (!silent) EXPECT_EQ(silent.error().code, Code::timeout);
  co_await server.close();
}

TEST(HttpConnection, EndsAnAnswerThatIsTooLargeOrTooLate) {
  testing::run(check_limits);
}

}  // namespace
}  // namespace net::http
