#pragma once

// KEDA's external scaler over our own series: a drop-in for otel-add-on's gRPC service.

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/task.h"
#include "net/alarm.h"
#include "net/grpc.h"
#include "scalers/kedify_otel.h"
#include "server/activity_stream.h"
#include "server/external_scaler_messages.h"
#include "server/questions.h"
#include "server/read_metrics.h"
#include "server/trigger_value.h"
#include "server/warnings.h"
#include "server/watches.h"
#include "tsdb/shards.h"

namespace server {

struct ExternalScalerOptions {
  bool error_if_not_found = false;  // wins over the next
  // The answer, unclamped, where no series matches; none: unavailable.
  std::optional<double> value_if_not_found;
  Duration repeat_interval = std::chrono::seconds(15);  // of StreamIsActive; at least 10 ms
  QuestionLimits questions = {};                        // where it has none to share
};

// All of it outlives the scaler.
struct ExternalScalerParts {
  tsdb::Shards& store;
  const Clock& clock;
  Executor executor = {};        // its loop; none: nothing is repeated
  ReadMetrics* reads = nullptr;  // where otel-add-on's keda_otel_scaler_metric_* go
  Log log = {};
  MetadataWarnings* warnings = nullptr;  // where unknown metadata keys are shown
  // What is asked and remembered by all scalers of one store; nullptr: it is the only one.
  Questions* questions = nullptr;
};

// Answers all methods of /externalscaler.ExternalScaler: IsActive, GetMetricSpec, GetMetrics,
// StreamIsActive (see ActivityStreams) and StreamMetricSpec, which says the specs once, for they
// change with the metadata alone, and stays open. Whatever is asked, its metric is wanted from then
// on (see tsdb/wanted.h): also for its specs, with which KEDA begins. Errors: invalid (metadata
// that cannot be read, naming the key), unavailable (nothing to answer from, see value_of). One for
// each ingest thread: confined to its loop, where it also answers; outlives its streams. Source:
// KEDA's externalscaler.proto.
class ExternalScaler {
 public:
  explicit ExternalScaler(ExternalScalerParts parts, ExternalScalerOptions options = {});

  void add_to(net::grpc::Services& services);

  // The unary methods on values; request and answer are the messages' fields.
  Result<bool> is_active(const ScaledObjectRef& object);
  Result<MetricSpec> metric_spec(const ScaledObjectRef& object);
  Result<MetricValue> metric_value(const MetricsRequest& request);

  // Repeats the active states that are due; the executor's alarm calls it.
  void repeat_due() { streams_.repeat_due(); }

 private:
  Result<ScalerTrigger> trigger_of(const ScaledObjectRef& object);
  Result<double> evaluate(const ScaledObjectRef& object, const ScalerTrigger& trigger);
  void warn_of_unknown_keys(const ScaledObjectRef& object);

  const ExternalScalerParts parts_;
  const ExternalScalerOptions options_;
  const NotFound not_found_;
  std::optional<Questions> own_questions_;
  Questions& questions_;
  Watches watches_;
  ActivityStreams streams_;
  std::optional<net::Alarm> alarm_;
};

}  // namespace server
