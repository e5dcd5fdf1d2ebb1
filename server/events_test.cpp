#include "server/events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/testing/rest_fixture.h"

namespace server {
namespace {

using control::BoardEvent;
using testing::CollectingWriter;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RestFixture;
using testing::sample_decision;
using testing::sample_object;
using ::testing::StartsWith;

const kube::Key mail{"shop", "mail"};

// A client that listens until its writer has had enough, or the fixture ends.
class Listener {
 public:
  explicit Listener(RestFixture& rest, std::size_t writes_max = SIZE_MAX)
      : rest_(rest), writer_(writes_max) {
    response_.emplace(rest.ask_without_body({.method = "GET", .path = "/api/v1/events"}));
    if (response_->stream) handle_ = rest.tasks.spawn(listen(response_->stream(writer_), ended_));
  }

  int status() const { return response_->status; }

  // Waits until the stream holds `part`; returns all of it so far.
  const std::string& wait_for(std::string_view part) {
    rest_.run_until([&] { return writer_.text.find(part) != std::string::npos; });
    return writer_.text;
  }

  void wait_for_end() {
    rest_.run_until([&] { return ended_; });
    response_.reset();
  }

  void leave() {
    handle_.stop();
    wait_for_end();
  }

 private:
  static Task<void> listen(Task<void> stream, bool& ended) {
    co_await std::move(stream);
    ended = true;
  }

  RestFixture& rest_;
  CollectingWriter writer_;
  std::optional<net::http::Response> response_;
  base::TaskHandle handle_;
  bool ended_ = false;
};

TEST(Events, BeginWithAGreeting) {
  RestFixture rest;
  Listener listener(rest);
  EXPECT_THAT(listener.wait_for("\n\n"),
              StartsWith("retry: 2000\nevent: hello\ndata: {\"version\":"));
  listener.leave();
}

TEST(Events, TellObjectsDecisionsAndRemovals) {
  RestFixture rest;
  Listener listener(rest);
  rest.board.put(sample_object());
  rest.board.record(mail, sample_decision(rest.clock.now()));
  listener.wait_for("event: object\ndata: {\"namespace\":\"shop\",\"name\":\"mail\"");
  EXPECT_THAT(listener.wait_for("event: decision\ndata: {\"id\":1,"),
              HasSubstr("max replicas is 4"));
  rest.board.remove(mail);
  listener.wait_for("event: removed\ndata: {\"namespace\":\"shop\",\"name\":\"mail\"}\n\n");
  listener.leave();
}

TEST(Events, HeartbeatsWhenNothingHappens) {
  RestFixture rest("127.0.0.1", {.heartbeat = std::chrono::milliseconds(1), .pace = Duration{0}});
  Listener listener(rest);
  listener.wait_for(": heartbeat\n\n: heartbeat\n\n");
  listener.leave();
}

TEST(Events, EndWhenThePeerLeaves) {
  RestFixture rest;
  Listener listener(rest, 1);
  listener.wait_for("hello");
  rest.board.put(sample_object());
  listener.wait_for_end();
}

TEST(Events, AreRefusedBeyondTheLimitOfClients) {
  RestFixture rest("127.0.0.1", {.pace = Duration{0}, .clients_max = 1});
  Listener first(rest);
  EXPECT_EQ(Listener(rest).status(), 503);
  first.leave();
  Listener second(rest);
  EXPECT_EQ(second.status(), 200);
  second.leave();
}

BoardEvent changed(const std::string& name) {
  return {.type = BoardEvent::Type::changed, .key = {"shop", name}};
}
BoardEvent removed(const std::string& name) {
  return {.type = BoardEvent::Type::removed, .key = {"shop", name}};
}

TEST(PendingEvents, FoldAStormOfOneObject) {
  control::Board board({}, nullptr);
  board.put(sample_object());
  PendingEvents pending(10);
  for (int i = 0; i < 1000; ++i) {
    pending.add(changed("mail"));
    board.record(mail, sample_decision({i + 1}));
    pending.add(
        {.type = BoardEvent::Type::decided, .key = mail, .record = board.records().newest(mail)});
  }
  const std::string text = pending.take(board, {});
  EXPECT_EQ(text.find("event: object"), text.rfind("event: object"));
  EXPECT_EQ(text.find("event: decision"), text.rfind("event: decision"));
  EXPECT_THAT(text, HasSubstr("\"count\":1000"));
  EXPECT_EQ(pending.take(board, {}), "");
}

TEST(PendingEvents, AskToReadAnewWhenThereIsTooMuch) {
  control::Board board({}, nullptr);
  PendingEvents pending(3);
  for (const char* name : {"a", "b", "c", "d"}) pending.add(removed(name));
  pending.add(removed("e"));
  EXPECT_EQ(pending.take(board, {}), "event: resync\ndata: {}\n\n");
  pending.add(removed("f"));
  EXPECT_THAT(pending.take(board, {}), HasSubstr("\"name\":\"f\""));
}

TEST(PendingEvents, DoNotTellOfAnObjectThatIsGone) {
  control::Board board({}, nullptr);
  PendingEvents pending(10);
  pending.add(changed("mail"));
  pending.add(removed("mail"));
  EXPECT_THAT(pending.take(board, {}), Not(HasSubstr("event: object")));
}

TEST(PendingEvents, TellAnObjectThatCameBack) {
  control::Board board({}, nullptr);
  board.put(sample_object());
  PendingEvents pending(10);
  pending.add(removed("mail"));
  pending.add(changed("mail"));
  const std::string text = pending.take(board, {});
  EXPECT_LT(text.find("event: removed"), text.find("event: object"));
}

}  // namespace
}  // namespace server
