#pragma once

// A REST port without sockets: board, store and clock in one loop, asked through the handler.
// Confined to one thread.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/testing/fake_clock.h"
#include "control/board.h"
#include "json/json.h"
#include "server/rest.h"
#include "tsdb/gateway.h"

namespace server::testing {

// Keeps what a handler streams. Takes `writes_max` pieces, then the peer has left.
class CollectingWriter final : public net::http::BodyWriter {
 public:
  explicit CollectingWriter(std::size_t writes_max = SIZE_MAX) : writes_max_(writes_max) {}

  Task<Result<void>> write(std::string chunk) override {
    if (writes_ >= writes_max_) co_return fail(Code::cancelled, "the peer has left");
    ++writes_;
    text += chunk;
    co_return Result<void>{};
  }

  std::string text;

 private:
  const std::size_t writes_max_;
  std::size_t writes_ = 0;
};

class RestFixture {
 public:
  explicit RestFixture(std::string bind = "127.0.0.1", EventOptions events = {.pace = Duration{0}},
                       control::BoardOptions options = {})
      : store({.retention = std::chrono::minutes(10)}, 1, {}, registry),
        gateway(loop, store, clock),
        board(options, nullptr) {
    make(std::move(bind), events, nullptr);
  }
  ~RestFixture() {
    tasks.stop();
    run_until([this] { return tasks.size() == 0; });
  }

  // The answer, with its stream written out into the body.
  net::http::Response ask(net::http::Request request) {
    auto response = ask_without_body(std::move(request));
    if (!response.stream) return response;
    CollectingWriter writer;
    bool done = false;
    tasks.spawn(finish(response.stream(writer), done));
    run_until([&done] { return done; });
    response.body = writer.text;
    return response;
  }

  // The same, its stream not started.
  net::http::Response ask_without_body(net::http::Request request) {
    std::optional<net::http::Response> response;
    tasks.spawn(store_answer(handler(std::move(request)), response));
    run_until([&response] { return response.has_value(); });
    return std::move(*response);
  }

  net::http::Response get(std::string path, std::string query = {}) {
    return ask({.method = "GET",
                .path = std::move(path),
                .query = std::move(query),
                .headers = {{"host", "localhost:9090"}}});
  }

  net::http::Response post(std::string path, std::string body = {}) {
    return ask({.method = "POST",
                .path = std::move(path),
                .headers = {{"host", "localhost:9090"}},
                .body = std::move(body)});
  }

  // From now on it takes that token to change something.
  void require(net::BearerToken& token) { make("127.0.0.1", {}, &token); }

  // Runs the loop until `done`; a test that never gets there fails by its time limit.
  template <class Done>
  void run_until(Done done) {
    while (!done()) loop.poll();
  }

  // Appends a gauge's sample, `ago` seconds old, with one label.
  void send(std::string_view metric, double value, double ago = 1,
            std::string_view queue = "mail") {
    const tsdb::LabelView label{"queue", queue};
    const Duration age{static_cast<std::int64_t>(ago * 1e9)};
    const auto appended =
        store.append({.metric = metric, .attributes = {&label, 1}},
                     {.time = clock.now() - age, .value = tsdb::Value::of(value)}, clock.now());
    CHECK(appended == tsdb::Appended::stored);
  }

  base::Loop loop;
  base::testing::FakeClock clock;
  base::metrics::Registry registry;
  tsdb::Shards store;
  tsdb::Gateway gateway;
  control::Board board;
  std::vector<std::string> missing;
  MetadataWarnings warnings;
  ReadMetrics reads{registry, clock};
  net::http::Handler handler;
  base::TaskGroup tasks{loop.executor(), {}};

 private:
  void make(std::string bind, EventOptions events, net::BearerToken* token) {
    handler = make_rest({.executor = loop.executor(),
                         .board = board,
                         .store = gateway,
                         .clock = clock,
                         .missing = [this] { return missing; },
                         .info = {.retention = std::chrono::minutes(10),
                                  .scaler_port = 4318,
                                  .otlp_port = 4317,
                                  .metrics_port = 8080,
                                  .rest_port = 9090},
                         .bind = std::move(bind),
                         .token = token,
                         .events = events,
                         .metrics = registry,
                         .warnings = &warnings,
                         .reads = &reads});
  }

  static Task<void> store_answer(Task<net::http::Response> answer,
                                 std::optional<net::http::Response>& slot) {
    slot.emplace(co_await std::move(answer));
  }
  static Task<void> finish(Task<void> stream, bool& done) {
    co_await std::move(stream);
    done = true;
  }
};

// An object whose one trigger reads 42 at a target of 10.
inline control::ObjectView sample_object(std::string name = "mail", Timestamp newest = {}) {
  control::TriggerView trigger;
  trigger.spec = {.name = "queue-depth",
                  .type = "kedify-otel",
                  .query = "sum(queue_depth)",
                  .target = 10,
                  .activation = 1};
  trigger.reading = {
      .state = scale::Reading::State::value, .value = 42, .newest = newest, .series = 3};
  trigger.active = true;
  trigger.proposal = 5;
  control::ObjectView object;
  object.key = {"shop", std::move(name)};
  object.target_kind = "Deployment";
  object.target_name = object.key.name;
  object.engine = "direct";
  object.max = 4;
  object.replicas = 3;
  object.ready_replicas = 3;
  object.desired = 4;
  object.active = true;
  object.triggers = {trigger};
  return object;
}

// Its decision: 42 at 10 each are 5 replicas, 4 are allowed.
inline scale::Decision sample_decision(Timestamp at, scale::Replicas from = 3) {
  scale::Proposal proposal;
  proposal.reading = {
      .state = scale::Reading::State::value, .value = 42, .newest = at, .series = 3};
  proposal.active = true;
  proposal.replicas = 5;
  scale::Decision decision;
  decision.at = at;
  decision.from = from;
  decision.to = 4;
  decision.active = true;
  decision.proposals = {proposal};
  decision.winner = 0;
  decision.clamps = {
      {.kind = scale::ClampKind::max, .before = 5, .after = 4, .detail = "max replicas is 4"}};
  decision.reason = "queue-depth is 42, which asks for 5 replicas; 4 are allowed";
  return decision;
}

}  // namespace server::testing
