#pragma once

// The load generator: sends prepared OTLP requests and measures the answers.

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/client.h"
#include "otlp/workload.h"
#include "tsdb/types.h"

namespace otlp {

enum class Protocol : std::uint8_t { grpc, http };

enum class LoadShape : std::uint8_t {
  bulk,    // bulk_request()
  small,   // small_request(), on 200 connections unless told otherwise
  single,  // one point of one metric; of several connections each has a label `sender`
};

struct GeneratorOptions {
  net::Origin target{net::Address{"127.0.0.1", 4317}};
  net::http::Headers headers;  // of every request, whatever the protocol; names in lower case
  Protocol protocol = Protocol::grpc;
  LoadShape shape = LoadShape::single;

  // Of the shape `single`. A gauge has the profile's value; a sum, cumulative and monotonic, grows
  // by the profile's value per second.
  std::string metric = "load";
  tsdb::Kind kind = tsdb::Kind::gauge;
  std::vector<tsdb::Label> resource;    // of the resource
  std::vector<tsdb::Label> attributes;  // of the point
  ValueProfile value;

  Duration interval{0};        // between requests of one connection; 0: each after the last answer
  Duration duration{0};        // 0: no end
  std::uint64_t requests = 0;  // of all connections together; 0: no end
  int connections = 0;         // 0: what the shape says
  int senders = 1;             // of bulk and small: that take turns on each connection
  Duration timeout = std::chrono::seconds(10);  // of one request
};

constexpr int generator_connections_max = 10'000;
constexpr int generator_senders_max = 10'000;  // of all connections; a body of bulk is 330 KB

struct GeneratorReport {
  std::uint64_t requests = 0;  // answered with success
  std::uint64_t points = 0;    // in them
  std::uint64_t rejected = 0;  // points that partial_success gave back
  std::uint64_t bytes = 0;     // of their bodies
  std::uint64_t errors = 0;    // requests refused or not answered, and connections not opened
  std::string last_error;
  Duration elapsed{0};
  Duration latency_p50{0};
  Duration latency_p99{0};
};

// Errors: invalid, naming the field.
Result<void> check(const GeneratorOptions& options);

// Sends until the duration has passed, the requests are sent, or the task is stopped; then tells
// what happened. A lost connection is opened again, with growing waits. `clock` outlives it.
// Confined to the loop it runs on. Errors: invalid options; those of the first connection when it
// cannot be opened; and, while nothing was accepted, an answer that would not change, such as
// unauthenticated.
Task<Result<GeneratorReport>> generate(GeneratorOptions options, const Clock& clock);

}  // namespace otlp
