// otel-add-on's listings over stores of many slices: what is listed, and what goes on meanwhile.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "server/testing/rest_fixture.h"

namespace server {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::RestFixture;
using ::testing::StartsWith;

json::Value parsed(const std::string& text) {
  auto document = json::parse(text);
  EXPECT_TRUE(document) << document.error().what;
  return document ? *document : json::Value();
}

void send_many(RestFixture& rest, std::string_view metric, int series) {
  for (int i = 0; i < series; ++i) rest.send(metric, i, 1, std::to_string(i));
}

// A client that takes a piece when it is told to. `before` runs before each is taken.
class SlowWriter final : public net::http::BodyWriter {
 public:
  explicit SlowWriter(Executor executor) : gate_(std::move(executor)) {}

  Task<Result<void>> write(std::string piece) override {
    ++offered;
    if (!open_) CO_TRY_VOID(co_await gate_.wait());
    ++taken;
    longest = std::max(longest, piece.size());
    text += piece;
    if (on_piece) on_piece();
    co_return Result<void>{};
  }
  void open() {
    open_ = true;
    gate_.notify();
  }

  std::function<void()> on_piece;
  std::string text;
  std::size_t offered = 0;
  std::size_t taken = 0;
  std::size_t longest = 0;

 private:
  bool open_ = false;
  base::Signal gate_;
};

// One answer on its way to such a client.
class Listing {
 public:
  Listing(RestFixture& rest, std::string path)
      : rest_(rest),
        writer(rest.loop.executor()),
        response_(rest.ask_without_body({.method = "GET", .path = std::move(path)})),
        task_(rest.tasks.spawn(follow(response_.stream(writer), done))) {}

  void finish() {
    writer.open();
    rest_.run_until([this] { return done; });
  }
  void stop() { task_.stop(); }

  RestFixture& rest_;
  SlowWriter writer;
  bool done = false;

 private:
  static Task<void> follow(Task<void> stream, bool& done) {
    co_await std::move(stream);
    done = true;
  }

  net::http::Response response_;
  base::TaskHandle task_;
};

TEST(MemstoreData, ShowsSeriesWithTheirOperations) {
  RestFixture rest;
  rest.send("a", 1, 30);
  rest.send("a", 4, 20);
  rest.send("a", 3, 10);
  rest.send("b", std::numeric_limits<double>::quiet_NaN(), 10);
  const auto response = rest.get("/memstore/data");
  EXPECT_THAT(response.body,
              AllOf(StartsWith("{\n    \"a\": [\n        {\n            \"labels\": {"),
                    HasSubstr("        }\n    ],\n    \"b\": [\n        {\n"),
                    EndsWith("        }\n    ]\n}")));
  const auto data = parsed(response.body);
  const json::Value& series = json::find(data, "a")->get_array()[0];
  EXPECT_EQ(json::text_at(*json::find(series, "labels"), "queue"), "mail");
  EXPECT_EQ(json::find(series, "data")->get_array().size(), 3u);
  const json::Value& operations = *json::find(series, "aggregatesOverTime");
  EXPECT_EQ(json::number_at(operations, "last_one"), 3);
  EXPECT_EQ(json::number_at(operations, "min"), 1);
  EXPECT_EQ(json::number_at(operations, "max"), 4);
  EXPECT_NEAR(*json::number_at(operations, "avg"), 8.0 / 3, 1e-9);
  EXPECT_EQ(json::number_at(operations, "count"), 3);
  EXPECT_NEAR(*json::number_at(operations, "rate"), (3.0 + 3.0) / 20, 1e-9);  // 4 -> 3 is a reset
  EXPECT_TRUE(json::find(json::find(data, "b")->get_array()[0], "aggregatesOverTime", "last_one")
                  ->is_null());
}

TEST(MemstoreData, ManySlicesAreOneDocument) {
  RestFixture rest;
  const std::pair<const char*, int> metrics[] = {{"a.x", 3'000}, {"b", 1}, {"c", 2'000}};
  for (const auto& [name, series] : metrics) send_many(rest, name, series);
  Listing listing(rest, "/memstore/data");
  listing.finish();
  EXPECT_GT(listing.writer.taken, 5u);
  EXPECT_LT(listing.writer.longest, 1u << 20);
  const auto data = parsed(listing.writer.text);
  ASSERT_EQ(data.get_object().size(), 3u);
  EXPECT_EQ(json::find(data, "a_x")->get_array().size(), 3'000u);
  EXPECT_EQ(json::find(data, "b")->get_array().size(), 1u);
  EXPECT_EQ(json::find(data, "c")->get_array().size(), 2'000u);
  EXPECT_EQ(listing.writer.text, json::print_pretty(data, 4));
}

TEST(MemstoreData, TheStoreAnswersOthersBetweenSlices) {
  RestFixture rest;
  send_many(rest, "many", 5'000);
  Listing listing(rest, "/memstore/data");
  std::vector<std::size_t> pieces_before;  // each answer
  const auto ask = [](RestFixture& with, const SlowWriter& writer,
                      std::vector<std::size_t>& before) -> Task<void> {
    const tsdb::Question question{.query = *tsdb::parse_metric_query("count(many)")};
    for (int i = 0; i < 4; ++i) {
      const auto answer = co_await with.gateway.evaluate(question);
      EXPECT_EQ(answer.value, 5'000);
      before.push_back(writer.taken);
    }
  };
  listing.writer.on_piece = [&] {
    if (listing.writer.taken == 1) rest.tasks.spawn(ask(rest, listing.writer, pieces_before));
  };
  listing.finish();
  ASSERT_EQ(pieces_before.size(), 4u);
  EXPECT_TRUE(std::ranges::is_sorted(pieces_before));
  EXPECT_LT(pieces_before[0], pieces_before[3]);
  EXPECT_LT(pieces_before[3], listing.writer.taken);
}

TEST(MemstoreData, NothingIsFetchedForAClientThatDoesNotRead) {
  RestFixture rest;
  send_many(rest, "many", 5'000);
  Listing listing(rest, "/memstore/data");
  for (int i = 0; i < 1'000; ++i) rest.loop.poll();
  EXPECT_EQ(listing.writer.offered, 1u);
  rest.store.reset();  // what comes now shows what had been fetched before
  listing.finish();
  EXPECT_EQ(listing.writer.taken, 2u);
  const auto data = parsed(listing.writer.text);
  EXPECT_LT(json::find(data, "many")->get_array().size(), 2'000u);
}

TEST(MemstoreData, AClientThatNeverReadsEndsTheWalk) {
  RestFixture rest;
  send_many(rest, "many", 5'000);
  Listing listing(rest, "/memstore/data");
  listing.stop();  // as the connection does at its time limit
  rest.run_until([&] { return listing.done; });
  EXPECT_EQ(listing.writer.offered, 1u);
  EXPECT_EQ(listing.writer.text, "");
}

TEST(MemstoreData, GoesOnWhereMetricsVanishMeanwhile) {
  RestFixture rest;
  send_many(rest, "b", 2'000);
  send_many(rest, "c", 2'000);
  rest.clock.advance(std::chrono::seconds(500));
  send_many(rest, "d", 10);
  Listing listing(rest, "/memstore/data");
  listing.writer.on_piece = [&] {
    if (listing.writer.taken != 2) return;
    rest.clock.advance(std::chrono::seconds(200));
    rest.store.tick(rest.clock.now());
  };
  listing.finish();
  const auto data = parsed(listing.writer.text);
  EXPECT_GT(json::find(data, "b")->get_array().size(), 0u);
  EXPECT_LT(json::find(data, "b")->get_array().size(), 2'000u);
  EXPECT_EQ(json::find(data, "c"), nullptr);
  EXPECT_EQ(json::find(data, "d")->get_array().size(), 10u);
}

TEST(MemstoreNames, ManySlicesAreOneDocument) {
  RestFixture rest;
  for (int i = 0; i < 2'500; ++i) rest.send("m." + std::to_string(10'000 + i), 1);
  Listing listing(rest, "/memstore/names");
  listing.finish();
  EXPECT_EQ(listing.writer.taken, 3u);
  EXPECT_LT(listing.writer.longest, 32u << 10);
  const auto names = parsed(listing.writer.text);
  ASSERT_EQ(names.get_array().size(), 2'500u);
  EXPECT_EQ(names.get_array()[0], "m_10000");
  EXPECT_EQ(names.get_array()[2'499], "m_12499");
  EXPECT_EQ(listing.writer.text, json::print_pretty(names, 4));
}

TEST(MemstoreNames, AndDataAreShownEmpty) {
  RestFixture rest;
  rest.send("quote\"d", 1);
  EXPECT_EQ(rest.get("/memstore/names").body, "[\n    \"quote\\\"d\"\n]");
  EXPECT_THAT(rest.get("/memstore/data").body, HasSubstr("    \"quote\\\"d\": ["));
  rest.store.reset();
  EXPECT_EQ(rest.get("/memstore/names").body, "null");
  EXPECT_EQ(rest.get("/memstore/data").body, "{}");
}

TEST(MemstoreQuery, CountsAsARead) {
  RestFixture rest;
  rest.send("queue.depth", 41);
  const char* queries[] = {"max(queue.depth{queue=mail})", "never_sent", "queue_depth{"};
  for (const char* query : queries) {
    rest.post("/memstore/query",
              std::string(R"({"operationOverTime":"avg","query":")") + query + "\"}");
  }
  const std::string text = rest.registry.render();
  EXPECT_THAT(text, HasSubstr("keda_otel_scaler_metric_points_read{name=\"queue_depth\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("keda_otel_scaler_metric_value{aggregation=\"max\",labels=\"map["
                              "queue:mail]\",name=\"queue_depth\",timeOp=\"avg\"} 41\n"));
  EXPECT_THAT(text, Not(HasSubstr("never_sent")));
}

}  // namespace
}  // namespace server
