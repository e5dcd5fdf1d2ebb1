#include "kube/https_transport.h"

#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

#include "base/testing/fake_clock.h"
#include "net/testing/certificates.h"
#include "net/testing/run.h"
#include "net/testing/tls_server.h"

namespace kube {
namespace {

using namespace std::chrono_literals;
using net::http::BodyWriter;
using net::http::Response;

// An API server that answers each request with the next prepared answer.
class Script {
 public:
  explicit Script(base::Loop& loop)
      : executor_(loop.executor()),
        server_(loop, net::tls::Context::for_server({.identity = authority_.issue()}).value(),
                [this](net::http::Request request) { return answer(std::move(request)); }) {}

  // A body that is sent piece by piece, and then ends or (`open`) waits.
  struct Pieces {
    std::vector<std::string> pieces;
    bool open = false;
  };
  void say(int status, std::string body) { answers_.push_back({.status = status, .body = body}); }
  void stream(Pieces pieces) {
    Response response;
    response.stream = [this, pieces](BodyWriter& out) { return write(out, pieces); };
    answers_.push_back(std::move(response));
  }

  std::unique_ptr<HttpsTransport> connect(const Clock& clock, TransportOptions options = {}) {
    Access access{.address = server_.address(),
                  .path_prefix = "/prefix",
                  .server_name = "localhost",
                  .authorities = authority_.pem(),
                  .token = "first",
                  .token_file = "token"};
    options.reopen_first = 1ms;
    const auto read = [this](const std::string&) { return token; };
    return HttpsTransport::make(std::move(access), read, clock, Log{}, options).value();
  }
  Task<void> close() { return server_.close(); }
  void cut() { server_.cut(); }

  Result<std::string> token = "second\n";
  std::vector<net::http::Request> seen;

 private:
  Task<Response> answer(net::http::Request request) {
    seen.push_back(std::move(request));
    if (answers_.empty()) co_return Response{.status = 503, .body = "not now"};
    Response next = std::move(answers_.front());
    answers_.pop_front();
    co_return next;
  }
  // By value: the function that holds them may be gone before the end.
  Task<void> write(BodyWriter& out, Pieces pieces) {
    for (std::string& piece : pieces.pieces) {
      auto written = co_await out.write(std::move(piece));
      if (!written) co_return;
    }
    base::Signal never(executor_);
    if (pieces.open) static_cast<void>(co_await never.wait());
  }

  Executor executor_;
  net::testing::Authority authority_;
  std::deque<Response> answers_;
  net::testing::TlsServer server_;
};

Request get_pod() {
  return {.verb = Verb::get, .resource = pods, .key = {"ns", "a"}};
}
Request watch_pods(std::string version) {
  return {.verb = Verb::watch, .resource = pods, .resource_version = std::move(version)};
}

Task<void> calls(base::Loop& loop) {
  const base::testing::FakeClock clock;
  Script script(loop);
  const auto transport = script.connect(clock);
  script.say(200, R"({"kind":"Pod"})");
  script.say(404, R"({"kind":"Status","reason":"NotFound","message":"pods \"a\" not found"})");
  script.say(200, "<html>");
  const auto pod = co_await transport->call(get_pod());
  EXPECT_TRUE(pod && json::text_at(*pod, "kind") == "Pod");
  EXPECT_EQ(script.seen.at(0).path, "/prefix/api/v1/namespaces/ns/pods/a");
  EXPECT_EQ(script.seen.at(0).headers.find("authorization"), "Bearer first");
  const auto missing = co_await transport->call(get_pod());
  EXPECT_TRUE(!missing && missing.error() == (Error{Code::not_found, "pods \"a\" not found"}));
  const auto html = co_await transport->call(get_pod());
  EXPECT_TRUE(!html && html.error().code == Code::bad_data);
  const auto down = co_await transport->call(get_pod());
  EXPECT_TRUE(!down && down.error().code == Code::unavailable);
  co_await script.close();
  const auto gone = co_await transport->call(get_pod());
  EXPECT_TRUE(!gone && gone.error().code == Code::unavailable);
}

TEST(HttpsTransport, AnswersOrSaysWhyNot) {
  net::testing::run(calls);
}

Task<void> tokens(base::Loop& loop) {
  base::testing::FakeClock clock;
  Script script(loop);
  const auto transport = script.connect(clock);
  const auto sent = [&] { return script.seen.back().headers.find("authorization").value_or(""); };
  static_cast<void>(co_await transport->call(get_pod()));
  EXPECT_EQ(sent(), "Bearer first");
  clock.advance(1min);
  static_cast<void>(co_await transport->call(get_pod()));
  EXPECT_EQ(sent(), "Bearer second");
  script.token = fail(Code::denied, "cannot be read");
  clock.advance(1min);
  static_cast<void>(co_await transport->call(get_pod()));
  EXPECT_EQ(sent(), "Bearer second");
  script.token = "third";
  clock.advance(59s);
  static_cast<void>(co_await transport->call(get_pod()));
  EXPECT_EQ(sent(), "Bearer second");
  clock.advance(1s);
  static_cast<void>(co_await transport->call(get_pod()));
  EXPECT_EQ(sent(), "Bearer third");
  co_await script.close();
}

TEST(HttpsTransport, ReadsItsTokenAgainEveryMinute) {
  net::testing::run(tokens);
}

std::string line(std::string_view type, std::string_view name, int version) {
  return json::print(json::Object{
             {"type", type},
             {"object", json::Object{{"metadata", json::Object{{"name", name},
                                                               {"resourceVersion",
                                                                std::to_string(version)}}}}}}) +
         "\n";
}

Task<std::string> next_name(Watch& watch) {
  auto event = co_await watch.next();
  if (!event) co_return std::string(base::code_row(event.error().code).name);
  co_return json::text_at(*json::find(event->object, "metadata"), "name").value_or("");
}

std::string version_asked(const net::http::Request& request) {
  return request.parameter("resourceVersion").value_or("");
}

Task<void> resumes(base::Loop& loop) {
  const base::testing::FakeClock clock;
  Script script(loop);
  const auto transport = script.connect(clock);
  const std::string first = line("ADDED", "a", 11);
  script.stream({{first.substr(0, 7), first.substr(7) + line("MODIFIED", "b", 12).substr(0, 3),
                  line("MODIFIED", "b", 12).substr(3) + line("BOOKMARK", "", 20)}});
  script.stream({{line("ADDED", "c", 21)}});
  script.say(503, "restarting");
  script.say(503, "restarting");
  script.stream({{line("DELETED", "d", 22)}});
  script.say(410, R"({"kind":"Status","reason":"Expired","message":"too old"})");
  auto watch = co_await transport->watch(watch_pods("10"));
  EXPECT_TRUE(watch);
  for (const char* name : {"a", "b", "c", "d", "unavailable"}) {
    EXPECT_EQ(co_await next_name(**watch), name);
  }
  std::vector<std::string> asked;
  for (const auto& request : script.seen) asked.push_back(version_asked(request));
  EXPECT_EQ(asked, (std::vector<std::string>{"10", "20", "21", "21", "21", "22"}));
  EXPECT_EQ(script.seen[0].parameter("allowWatchBookmarks"), "true");
  co_await script.close();
}

TEST(HttpsTransport, AWatchGoesOnWhereItWasCut) {
  net::testing::run(resumes);
}

Task<void> expires(base::Loop& loop) {
  const base::testing::FakeClock clock;
  Script script(loop);
  const auto transport = script.connect(clock, {.reopen_attempts = 3});
  script.say(410, R"({"kind":"Status","reason":"Expired","message":"too old"})");
  const auto refused = co_await transport->watch(watch_pods("1"));
  EXPECT_TRUE(!refused && refused.error() == (Error{Code::unavailable, "too old"}));

  script.stream({{R"({"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}})"
                  "\n"}});
  auto told = co_await transport->watch(watch_pods("1"));
  EXPECT_EQ(co_await next_name(**told), "unavailable");

  // A server that stays away: the first try, and three more.
  script.stream({{line("ADDED", "a", 50)}});
  auto lost = co_await transport->watch(watch_pods("1"));
  EXPECT_EQ(co_await next_name(**lost), "a");
  const std::size_t before = script.seen.size();
  EXPECT_EQ(co_await next_name(**lost), "unavailable");
  EXPECT_EQ(script.seen.size(), before + 3);
  co_await script.close();
}

TEST(HttpsTransport, AWatchThatCannotGoOnSaysSo) {
  net::testing::run(expires);
}

Task<void> begins(base::Loop& loop) {
  const base::testing::FakeClock clock;
  Script script(loop);
  const auto transport = script.connect(clock);
  script.say(200, R"({"metadata":{"resourceVersion":"30"},"items":[
      {"metadata":{"name":"a","resourceVersion":"9"}},
      {"metadata":{"name":"b","resourceVersion":"5"}}]})");
  script.stream({{line("ADDED", "c", 31)}});
  script.say(410, R"({"kind":"Status","reason":"Expired","message":"too old"})");
  auto watch = co_await transport->watch(watch_pods(""));
  EXPECT_TRUE(watch);
  auto first = co_await (*watch)->next();
  EXPECT_TRUE(first && json::text_at(first->object, "kind") == "Pod");
  for (const char* name : {"b", "c", "unavailable"}) EXPECT_EQ(co_await next_name(**watch), name);
  EXPECT_EQ(version_asked(script.seen.at(1)), "30");
  EXPECT_EQ(version_asked(script.seen.at(2)), "31");
  co_await script.close();
}

TEST(HttpsTransport, AWatchFromTheBeginningListsFirst) {
  net::testing::run(begins);
}

Task<void> take_next(Watch* watch, std::string* into) {
  *into = co_await next_name(*watch);
}

Task<void> stops(base::Loop& loop) {
  const base::testing::FakeClock clock;
  Script script(loop);
  const auto transport = script.connect(clock, {.watch_line_bytes_max = 1'000});
  script.stream({{line("ADDED", "a", 11)}, true});
  auto watch = co_await transport->watch(watch_pods("10"));
  EXPECT_EQ(co_await next_name(**watch), "a");
  base::TaskGroup tasks(loop.executor(), Log{});
  std::string got;
  tasks.spawn(take_next(watch->get(), &got));
  tasks.stop();
  co_await tasks.join();
  EXPECT_EQ(got, "cancelled");

  script.stream({{std::string(2'000, 'x')}, true});
  auto flood = co_await transport->watch(watch_pods("10"));
  EXPECT_EQ(co_await next_name(**flood), "exhausted");
  watch->reset();
  flood->reset();
  co_await script.close();
}

TEST(HttpsTransport, AWatchEndsWhenStoppedAndWhenALineNeverEnds) {
  net::testing::run(stops);
}

}  // namespace
}  // namespace kube
