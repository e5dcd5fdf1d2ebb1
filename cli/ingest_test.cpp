#include "cli/ingest.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/clock.h"
#include "net/client.h"
#include "otlp/generator.h"

namespace cli {
namespace {

TEST(IngestThreads, AreOneLessThanTheProcessorsUnlessSaid) {
  struct Case {
    std::optional<std::int64_t> said;
    std::size_t cpus;
    std::size_t want;
  };
  const Case cases[] = {{{}, 1, 1}, {{}, 2, 1}, {{}, 8, 7}, {{}, 96, 16}, {1, 8, 1}, {16, 1, 16}};
  for (const Case& c : cases) {
    Options options;
    options.ingest_threads = c.said;
    EXPECT_EQ(ingest_threads(options, c.cpus), c.want) << c.cpus;
  }
  Options options;
  options.ingest_threads = 17;
  EXPECT_EQ(ingest_threads(options, 1),
            fail(Code::invalid, "--ingest-threads (TIDEWHEEL_INGEST_THREADS): 17 is more than 16"));
}

// Sends over more connections than there are threads, to both ports, and ends in good order.
Task<void> flood(Ingest* ingest, const Clock* clock, base::metrics::Registry* metrics,
                 base::Loop* loop) {
  std::uint64_t points = 0;
  for (const std::uint16_t port : {ingest->otlp_port(), ingest->scaler_port()}) {
    const auto report = co_await otlp::generate(
        {.target = net::Origin{net::Address{"127.0.0.1", port}},
         .protocol = port == ingest->otlp_port() ? otlp::Protocol::grpc : otlp::Protocol::http,
         .shape = otlp::LoadShape::small,
         .requests = 400,
         .connections = 10},
        *clock);
    EXPECT_TRUE(report);
    if (!report) break;
    EXPECT_EQ(report->requests, 400u);
    EXPECT_EQ(report->errors, 0u) << report->last_error;
    points += report->points;
  }
  EXPECT_EQ(metrics->counter("tidewheel_otlp_points_accepted_total", "").value(), points);
  const auto series =
      co_await ingest->gateway().ask([](tsdb::Shards& store) { return store.series_count(); });
  EXPECT_GT(series, 0u);
  EXPECT_EQ(metrics->gauge("tidewheel_store_series", "").value(), static_cast<double>(series));
  co_await ingest->drain(std::chrono::seconds(1));
  loop->stop();
}

TEST(Ingest, ManyConnectionsOnFourThreadsLoseNothing) {
  Options options;
  options.ingest_threads = 4;
  options.otlp_port = options.scaler_port = 0;
  base::SystemClock clock;
  base::metrics::Registry metrics;
  base::Loop loop;
  auto ingest = Ingest::start(options, "127.0.0.1", clock, Log{}, metrics);
  ASSERT_TRUE(ingest) << ingest.error().what;
  EXPECT_EQ((*ingest)->threads(), 4u);
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(flood(ingest->get(), &clock, &metrics, &loop));
  loop.run();
  while (tasks.size() > 0) loop.poll();
}

TEST(Ingest, SaysWhyItCannotStart) {
  base::SystemClock clock;
  base::metrics::Registry metrics;
  Options options;
  options.ingest_threads = 2;
  options.otlp_port = options.scaler_port = 0;
  const auto first = Ingest::start(options, "127.0.0.1", clock, Log{}, metrics);
  ASSERT_TRUE(first);
  options.scaler_port = (*first)->scaler_port();
  const auto second = Ingest::start(options, "127.0.0.1", clock, Log{}, metrics);
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().what, ::testing::HasSubstr("is in use"));
}

}  // namespace
}  // namespace cli
