// StreamIsActive and StreamMetricSpec through the scaler, without a connection.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/external_scaler.h"
#include "server/testing/fake_reply.h"
#include "server/testing/rest_fixture.h"

namespace server {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::FakeReply;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string yes = encode_active(true);
const std::string no = encode_active(false);

scalers::Metadata queue(scalers::Metadata more = {}) {
  more.insert({{"metricQuery", "depth{queue=mail}"}, {"targetValue", "2.5"}, {"window", "20s"}});
  return more;
}

class Streams {
 public:
  explicit Streams(ExternalScalerOptions options = {})
      : scaler_({feed.store, feed.clock}, options) {
    scaler_.add_to(services_);
  }

  // A stream of `method` for a trigger; ends with what it returns.
  std::unique_ptr<net::grpc::Conversation> open(FakeReply& reply, const scalers::Metadata& metadata,
                                                const std::string& method = "StreamIsActive") {
    auto stream = begin(reply, method);
    stream->take(encode(ScaledObjectRef{.name = "mail", .ns = "shop", .metadata = metadata}));
    stream->take_end();
    return stream;
  }
  std::unique_ptr<net::grpc::Conversation> begin(FakeReply& reply, const std::string& method) {
    const auto* found = services_.find("/externalscaler.ExternalScaler/" + method);
    return std::get<net::grpc::Conversing>(*found)({}, reply);
  }

  void send(double value) {
    feed.clock.advance(1ms);  // of two values at one time the last counts
    feed.send("depth", value, 0);
    feed.store.publish(feed.clock.now());
  }
  // As the program does: the store ticks, what is due is repeated.
  void pass(Duration d) {
    for (Duration left = d; left > 0s; left -= 1s) {
      feed.clock.advance(1s);
      feed.store.tick(feed.clock.now());
      scaler_.repeat_due();
    }
  }

  testing::RestFixture feed;

 private:
  ExternalScaler scaler_;
  net::grpc::Services services_;
};

TEST(StreamIsActive, SaysEachEdgeAtOnce) {
  Streams streams;
  FakeReply reply;
  const auto stream = streams.open(reply, queue());
  EXPECT_THAT(reply.sent, IsEmpty());
  streams.send(0);
  EXPECT_THAT(reply.sent, IsEmpty());
  streams.send(3);
  EXPECT_THAT(reply.take_sent(), ElementsAre(yes));
  streams.pass(1s);
  streams.send(4);
  EXPECT_THAT(reply.sent, IsEmpty());
  streams.pass(1s);
  streams.send(0);
  EXPECT_THAT(reply.take_sent(), ElementsAre(no));
  streams.pass(10s);
  streams.send(1);
  EXPECT_THAT(reply.take_sent(), ElementsAre(yes));
  EXPECT_FALSE(reply.outcome);
}

TEST(StreamIsActive, SaysAtItsOpeningWhatIsActive) {
  Streams streams;
  streams.send(3);
  FakeReply active;
  FakeReply inactive;
  const auto a = streams.open(active, queue());
  const auto b = streams.open(inactive, queue({{"activationTargetValue", "3"}}));
  EXPECT_THAT(active.sent, ElementsAre(yes));
  EXPECT_THAT(inactive.sent, IsEmpty());
}

TEST(StreamIsActive, RepeatsWhatIsActiveOnly) {
  Streams streams({.repeat_interval = 5s});
  FakeReply early;
  FakeReply late;
  const auto a = streams.open(early, queue());
  auto b = streams.open(late, queue({{"activationTargetValue", "5"}}));
  streams.send(3);
  streams.pass(3s);
  streams.send(9);
  EXPECT_THAT(early.sent, ElementsAre(yes));
  EXPECT_THAT(late.sent, ElementsAre(yes));
  streams.pass(2s);
  EXPECT_THAT(early.sent, ElementsAre(yes, yes));
  EXPECT_THAT(late.sent, ElementsAre(yes));
  streams.pass(3s);
  EXPECT_THAT(early.sent, ElementsAre(yes, yes));
  EXPECT_THAT(late.sent, ElementsAre(yes, yes));
  b.reset();
  streams.send(0);
  streams.pass(20s);
  EXPECT_THAT(early.sent, ElementsAre(yes, yes, no));
  EXPECT_THAT(late.sent, ElementsAre(yes, yes));
}

TEST(StreamIsActive, StaysOpenAndSilentWithoutData) {
  struct Case {
    const char* name;
    scalers::Metadata metadata;
    double before;
    double after;
    std::vector<std::string> in_silence;
    std::vector<std::string> at_return;
  };
  const Case cases[] = {
      {"active, then active again", {}, 3, 4, {}, {yes}},
      {"active, then inactive", {}, 3, 0, {}, {no}},
      {"inactive, then active", {}, 0, 4, {}, {yes}},
      {"inactive, then inactive", {}, 0, 0, {}, {}},
      {"silence is zero", {{"tidewheel.dev/on-stale", "zero"}}, 3, 4, {no}, {yes}},
      {"silence is active", {{"tidewheel.dev/on-stale", "value: 1"}}, 0, 0, {yes}, {no}},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Streams streams({.repeat_interval = 1h});
    FakeReply reply;
    const auto stream = streams.open(reply, queue(c.metadata));
    streams.send(c.before);
    reply.sent.clear();
    streams.pass(30s);
    EXPECT_EQ(reply.take_sent(), c.in_silence);
    streams.send(c.after);
    EXPECT_EQ(reply.take_sent(), c.at_return);
    EXPECT_FALSE(reply.outcome);
  }
}

TEST(StreamIsActive, RepeatsNothingThatHasBecomeStale) {
  Streams streams({.repeat_interval = 5s});
  FakeReply reply;
  const auto stream = streams.open(reply, queue());
  streams.send(3);
  streams.pass(30s);  // the window is 20 s
  EXPECT_THAT(reply.sent, ElementsAre(yes, yes, yes, yes, yes));
}

TEST(StreamIsActive, EndsForABadRequestNamingThePlace) {
  struct Case {
    const char* name;
    std::function<void(net::grpc::Conversation&)> ask;
    Code code;
    const char* want;
  };
  const auto metadata = [](scalers::Metadata given) {
    return [given](net::grpc::Conversation& stream) {
      stream.take(encode(ScaledObjectRef{.metadata = given}));
    };
  };
  const Case cases[] = {
      {"query", metadata({{"metricQuery", "depth{a"}}), Code::invalid, "metricQuery: "},
      {"word", metadata(queue({{"tidewheel.dev/on-nan", "x"}})), Code::invalid,
       "tidewheel.dev/on-nan"},
      {"no protobuf", [](auto& stream) { stream.take("\xff"); }, Code::invalid, ""},
      {"no request", [](auto& stream) { stream.take_end(); }, Code::bad_data, "no message"},
      {"two requests",
       [](auto& stream) {
         stream.take(encode(ScaledObjectRef{.metadata = queue()}));
         stream.take("");
       },
       Code::bad_data, "more than one"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    Streams streams;
    FakeReply reply;
    const auto stream = streams.begin(reply, "StreamIsActive");
    c.ask(*stream);
    ASSERT_TRUE(reply.outcome && !*reply.outcome);
    EXPECT_EQ(reply.outcome->error().code, c.code);
    EXPECT_THAT(reply.outcome->error().what, HasSubstr(c.want));
  }
}

TEST(StreamIsActive, IsRefusedBeyondTheLimit) {
  Streams streams({.questions = {.watches_max = 1}});
  FakeReply one;
  FakeReply two;
  const auto a = streams.open(one, queue());
  const auto b = streams.open(two, queue());
  EXPECT_FALSE(one.outcome);
  ASSERT_TRUE(two.outcome && !*two.outcome);
  EXPECT_EQ(two.outcome->error().code, Code::exhausted);
}

TEST(StreamMetricSpec, SaysTheSpecsAndStaysOpen) {
  Streams streams;
  FakeReply good;
  const auto a = streams.open(good, queue(), "StreamMetricSpec");
  EXPECT_THAT(good.sent,
              ElementsAre(encode(MetricSpec{.metric_name = "shop-mail", .target = 2.5})));
  streams.send(3);
  streams.pass(60s);
  EXPECT_EQ(good.sent.size(), 1u);
  EXPECT_FALSE(good.outcome);
  FakeReply bad;
  const auto b = streams.open(bad, {{"metricQuery", "depth"}}, "StreamMetricSpec");
  ASSERT_TRUE(bad.outcome && !*bad.outcome);
  EXPECT_EQ(bad.outcome->error(), (Error{Code::invalid, "missing targetValue"}));
}

}  // namespace
}  // namespace server
