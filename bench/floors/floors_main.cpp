// What the machine allows: the same bodies as `tidewheel generate --shape bulk`, in one process and
// without a network, walked alone (`walk`) or walked, hashed and stored in a flat table (`store`).
// `patch` only gives them their new times, which the other two do as well, and is not timed: for
// who counts instructions.
//
// usage: bench_floors patch|walk|store SENDERS ROUNDS
//
// Each sender has 2000 series and sends once a round; a first round beyond these fills the table.
// Prints {"points": N, "cpuSeconds": S} of the rounds.

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "bench/floors/table.h"
#include "bench/floors/walk.h"
#include "otlp/fields.h"
#include "otlp/workload.h"

namespace {

namespace field = otlp::field;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Patch {};

// Only looks at everything. `seen` keeps the compiler from leaving it out.
struct Walk {
  std::uint64_t seen = 0;

  void resource(std::string_view) {}
  void attribute(std::string_view) {}
  void scope() {}
  void metric(std::string_view name) { seen += name.size(); }
  void begin_point() {}
  void point_attribute(std::string_view bytes) { seen += bytes.size(); }
  void end_point(std::uint64_t time, std::uint64_t value) { seen += time + value; }
  void end_request() {}
};

// Adds up hashes of all that makes a series, then stores the whole request.
struct Store {
  explicit Store(std::size_t series) : table(series) {}

  void resource(std::string_view) { resource_hash = {}; }
  void attribute(std::string_view bytes) { resource_hash += floors::hash(bytes); }
  void scope() {}
  void metric(std::string_view name) { metric_hash = resource_hash + floors::hash(name).rotated(); }
  void begin_point() { row = {.key = metric_hash}; }
  void point_attribute(std::string_view bytes) { row.key += floors::hash(bytes); }
  void end_point(std::uint64_t time, std::uint64_t value) {
    row.time = time;
    row.value = value;
    rows.push_back(row);
  }
  void end_request() {
    table.store(rows);
    rows.clear();
  }

  floors::Table table;
  floors::Key resource_hash, metric_hash;
  floors::Row row;
  std::vector<floors::Row> rows;
};

template <class Use>
void point(std::string_view message, Use& use) {
  std::uint64_t time = 0, value = 0;
  use.begin_point();
  floors::walk(message, [&](const floors::Field& f) {
    if (f.number == field::point::attributes) use.point_attribute(f.bytes);
    if (f.number == field::point::time_unix_nano) time = floors::value_of<std::uint64_t>(f.bytes);
    if (f.number == field::point::as_int) value = floors::value_of<std::uint64_t>(f.bytes);
  });
  use.end_point(time, value);
}

template <class Use>
void metric(std::string_view message, Use& use) {
  floors::walk(message, [&](const floors::Field& f) {
    if (f.number == field::metric::name) use.metric(f.bytes);
    if (f.number != field::metric::sum) return;
    floors::walk(f.bytes, [&](const floors::Field& of_sum) {
      if (of_sum.number == field::data::data_points) point(of_sum.bytes, use);
    });
  });
}

void request(std::string_view /*body*/, Patch& /*use*/) {}

template <class Use>
void request(std::string_view body, Use& use) {
  floors::walk(body, [&](const floors::Field& resource_metrics) {
    floors::walk(resource_metrics.bytes, [&](const floors::Field& f) {
      if (f.number == field::resource_metrics::resource) {
        use.resource(f.bytes);
        floors::walk(f.bytes, [&](const floors::Field& of) { use.attribute(of.bytes); });
      }
      if (f.number != field::resource_metrics::scope_metrics) return;
      use.scope();
      floors::walk(f.bytes, [&](const floors::Field& of) {
        if (of.number == field::scope_metrics::metrics) metric(of.bytes, use);
      });
    });
  });
  use.end_request();
}

struct Measured {
  std::uint64_t points = 0;
  double cpu_seconds = 0;
};

template <class Use>
Measured measure(std::vector<otlp::Workload>& senders, int rounds, Use& use) {
  Measured measured;
  for (int round = 0; round <= rounds; ++round) {
    for (otlp::Workload& sender : senders) {
      sender.advance({1}, {round + 2}, 1);
      const double before = cpu_seconds();
      request(sender.bytes(), use);
      if (round == 0) continue;
      measured.cpu_seconds += cpu_seconds() - before;
      measured.points += sender.points();
    }
  }
  return measured;
}

// No points when something is missing afterwards.
Measured measure(std::string_view what, std::vector<otlp::Workload>& senders, int rounds) {
  if (what == "patch") {
    Patch patch;
    return measure(senders, rounds, patch);
  }
  if (what == "walk") {
    Walk walk;
    const Measured measured = measure(senders, rounds, walk);
    return walk.seen == 0 ? Measured{} : measured;
  }
  const std::size_t series = senders.size() * senders.front().points();
  Store store(series);
  const Measured measured = measure(senders, rounds, store);
  return store.table.series() == series ? measured : Measured{};
}

int number(std::string_view text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::clamp(value, 1, 10'000);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    fmt::print(stderr, "usage: bench_floors patch|walk|store SENDERS ROUNDS\n");
    return 2;
  }
  std::vector<otlp::Workload> senders;
  for (int i = 0; i < number(arguments[2]); ++i) senders.emplace_back(otlp::bulk_request(i));
  const int rounds = number(arguments[3]);
  const Measured measured = measure(arguments[1], senders, rounds);
  if (measured.points == 0) return 1;
  fmt::print("{{\"points\": {}, \"cpuSeconds\": {}}}\n", measured.points, measured.cpu_seconds);
}
