#pragma once

// OTLP metrics in: one request's bytes become points of the store. One for each ingest thread;
// confined to its loop.

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/result.h"
#include "net/bearer_token.h"
#include "net/grpc.h"
#include "net/http.h"
#include "tsdb/shards.h"

namespace otlp {

enum class Encoding : std::uint8_t { protobuf, json };

// All of it outlives the receiver.
struct ReceiverParts {
  tsdb::Shards& store;
  const Clock& clock;
  std::size_t first_shard = 0;  // see Intake; the thread's number does well
};

class Receiver {
 public:
  Receiver(ReceiverParts parts, Log log, base::metrics::Registry& metrics);
  ~Receiver();

  // From now on requests by gRPC and HTTP must carry `token`, which outlives the receiver; others
  // are counted and get UNAUTHENTICATED or 401.
  void require(net::BearerToken& token);

  // Takes one ExportMetricsServiceRequest; returns the ExportMetricsServiceResponse in the same
  // encoding, with partial_success when points were dropped. Nothing of a request that does not
  // decode is kept. Errors: invalid.
  Result<std::string> receive(std::string_view body, Encoding encoding);

  // Adds MetricsService/Export; trace, log and profile services answer UNIMPLEMENTED, counted,
  // logged once per sender.
  void add_to(net::grpc::Services& services);

  // POST /v1/metrics (and 404 for /v1/traces, /v1/logs, counted); nullopt for every other path.
  std::optional<net::http::Response> handle(const net::http::Request& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace otlp
