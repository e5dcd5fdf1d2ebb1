// Decoding the bulk request: time per point, beside the same work done by building a tree first.

#include "otlp/decode.h"

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

#include "base/check.h"
#include "otlp/fields.h"
#include "otlp/workload.h"
#include "proto/reader.h"

namespace otlp {
namespace {

using proto::Reader;

// The obvious way: every message an object, every text a string, attributes in a map.
namespace naive {

using Attributes = std::map<std::string, std::string>;
struct Point {
  Attributes attributes;
  tsdb::Point point;
};
struct Metric {
  std::string name;
  std::vector<Point> points;
};
struct Scope {
  std::string name, version;
  std::vector<Metric> metrics;
};
struct Resource {
  Attributes attributes;
  std::vector<Scope> scopes;
};
struct Request {
  std::vector<Resource> resources;
};

std::string value(Reader in) {
  std::string text;
  while (in.next()) {
    if (in.field() == field::any_value::string_value) text = in.text();
    if (in.field() == field::any_value::int_value) text = std::to_string(in.int64());
  }
  return text;
}

void add(Attributes& attributes, Reader in) {
  std::string key, text;
  while (in.next()) {
    if (in.field() == field::key_value::key) key = in.text();
    if (in.field() == field::key_value::value) text = value(in.message());
  }
  attributes[key] = text;
}

Point point(Reader in) {
  Point made;
  while (in.next()) {
    if (in.field() == field::point::start_time_unix_nano) made.point.start.ns = in.sfixed64();
    if (in.field() == field::point::time_unix_nano) made.point.time.ns = in.sfixed64();
    if (in.field() == field::point::as_int) made.point.value = tsdb::Value::of_int(in.sfixed64());
    if (in.field() == field::point::as_double) made.point.value = tsdb::Value::of(in.float64());
    if (in.field() == field::point::attributes) add(made.attributes, in.message());
  }
  return made;
}

Metric metric(Reader in) {
  Metric made;
  while (in.next()) {
    if (in.field() == field::metric::name) made.name = in.text();
    if (in.field() != field::metric::gauge && in.field() != field::metric::sum) continue;
    Reader data = in.message();
    while (data.next()) {
      if (data.field() == field::data::data_points) made.points.push_back(point(data.message()));
    }
  }
  return made;
}

Scope scope(Reader in) {
  Scope made;
  while (in.next()) {
    if (in.field() == field::scope_metrics::metrics) made.metrics.push_back(metric(in.message()));
  }
  return made;
}

Resource resource(Reader in) {
  Resource made;
  while (in.next()) {
    if (in.field() == field::resource_metrics::resource) {
      Reader attributes = in.message();
      while (attributes.next()) add(made.attributes, attributes.message());
    }
    if (in.field() == field::resource_metrics::scope_metrics) {
      made.scopes.push_back(scope(in.message()));
    }
  }
  return made;
}

Request request(Reader in) {
  Request made;
  while (in.next()) made.resources.push_back(resource(in.message()));
  return made;
}

// Walks the tree as a store would have to.
std::size_t visit(const Request& request) {
  std::size_t seen = 0;
  for (const Resource& r : request.resources) {
    for (const Scope& s : r.scopes) {
      for (const Metric& m : s.metrics) {
        for (const Point& p : m.points) seen += p.attributes.size() + p.point.value.is_int;
      }
    }
  }
  return seen;
}

}  // namespace naive

void report(benchmark::State& state, std::size_t points, std::size_t bytes) {
  const auto runs = state.iterations();
  state.SetItemsProcessed(runs * static_cast<std::int64_t>(points));
  state.SetBytesProcessed(runs * static_cast<std::int64_t>(bytes));
  state.counters["per_point"] = benchmark::Counter(
      static_cast<double>(points),
      benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

template <class Make>
void decode_protobuf(benchmark::State& state, Make make) {
  const Workload workload(make(0));
  Batch batch;
  for (auto _ : state) {
    CHECK(decode(workload.bytes(), batch).has_value());
    std::size_t seen = 0;
    batch.for_each([&](const Batch::Metric&, const tsdb::SeriesView& s, const tsdb::Point& p) {
      seen += s.attributes.size() + p.value.is_int;
    });
    benchmark::DoNotOptimize(seen);
  }
  report(state, workload.points(), workload.bytes().size());
}

// The quick way: labels stay unread.
template <class Make>
void digest_protobuf(benchmark::State& state, Make make) {
  const Workload workload(make(0));
  const tsdb::Hasher hasher;
  Batch batch;
  for (auto _ : state) {
    CHECK(digest(workload.bytes(), batch, hasher).has_value());
    benchmark::DoNotOptimize(batch.digests.data());
  }
  report(state, workload.points(), workload.bytes().size());
}

// The bulk request with 200 names, of which two are wanted.
void digest_wanted(benchmark::State& state) {
  Request request = bulk_request(0);
  for (std::size_t r = 0; r < request.resources.size(); ++r) {
    for (Metric& metric : request.resources[r].scopes[0].metrics)
      metric.name += "." + std::to_string(r);
  }
  const Workload workload(request);
  const tsdb::Hasher hasher;
  tsdb::Wanted wanted(
      {.all = false, .always = {"load_bulk_requests_3_4", "load_bulk_requests_7_11"}});
  tsdb::WantedView view(wanted);
  Batch batch;
  for (auto _ : state) {
    view.refresh();
    CHECK(digest(workload.bytes(), batch, hasher, {.wanted = &view}).has_value());
    benchmark::DoNotOptimize(batch.digests.data());
  }
  CHECK(batch.metrics.size() == 2);
  report(state, workload.points(), workload.bytes().size());
}

template <class Make>
void decode_naive(benchmark::State& state, Make make) {
  const Workload workload(make(0));
  for (auto _ : state) {
    const naive::Request request = naive::request(Reader(workload.bytes()));
    benchmark::DoNotOptimize(naive::visit(request));
  }
  report(state, workload.points(), workload.bytes().size());
}

void decode_bulk_json(benchmark::State& state) {
  const std::string body = encode_json(bulk_request(0));
  Batch batch;
  for (auto _ : state) CHECK(decode_json(body, batch).has_value());
  report(state, batch.rows.size(), body.size());
}

void advance_bulk(benchmark::State& state) {
  Workload workload(bulk_request(0));
  for (auto _ : state) workload.advance({1}, {2}, 1);
  report(state, workload.points(), workload.bytes().size());
}

BENCHMARK_CAPTURE(digest_protobuf, bulk, bulk_request);
BENCHMARK(digest_wanted);
BENCHMARK_CAPTURE(decode_protobuf, bulk, bulk_request);
BENCHMARK_CAPTURE(decode_naive, bulk, bulk_request);
BENCHMARK_CAPTURE(digest_protobuf, small, small_request);
BENCHMARK_CAPTURE(decode_protobuf, small, small_request);
BENCHMARK_CAPTURE(decode_naive, small, small_request);
BENCHMARK(decode_bulk_json);
BENCHMARK(advance_bulk);

}  // namespace
}  // namespace otlp
