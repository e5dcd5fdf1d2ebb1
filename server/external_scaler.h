#pragma once

// KEDA's external scaler over our own series: a drop-in for otel-add-on's gRPC service.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "net/grpc.h"
#include "scalers/kedify_otel.h"
#include "server/external_scaler_messages.h"
#include "tsdb/store.h"

namespace server {

struct ExternalScalerOptions {
  bool error_if_not_found = false;  // wins over the next
  // The answer, unclamped, where no series matches; none: unavailable.
  std::optional<double> value_if_not_found;
  std::size_t observed_max = 1'000;  // distinct questions that get metrics of their own
};

// Answers IsActive, GetMetricSpec and GetMetrics of /externalscaler.ExternalScaler; the streaming
// methods are not offered. Errors: invalid (metadata that cannot be read, naming the key),
// unavailable (nothing to answer from: absent, stale or not a number). Confined to the store's
// loop; store, clock and metrics outlive it. Source: KEDA's externalscaler.proto.
class ExternalScaler {
 public:
  // metrics: where otel-add-on's keda_otel_scaler_metric_* go; nullptr: nowhere.
  ExternalScaler(const tsdb::Store& store, const Clock& clock, ExternalScalerOptions options,
                 base::metrics::Registry* metrics = nullptr);

  void add_to(net::grpc::Services& services);

  // The three methods on values; request and answer are the messages' fields.
  Result<bool> is_active(const ScaledObjectRef& object);
  Result<MetricSpec> metric_spec(const ScaledObjectRef& object) const;
  Result<MetricValue> metric_value(const MetricsRequest& request);

 private:
  // Where one question's reads are shown.
  struct Observed {
    base::metrics::Counter* reads = nullptr;
    base::metrics::Gauge* value = nullptr;
    base::metrics::Gauge* clamped = nullptr;
  };
  using ObservedKey = std::tuple<std::string, std::string, std::string, std::string>;

  Result<double> evaluate(const ScaledObjectRef& object,
                          const scalers::kedify_otel::Params& params);
  Observed* observed(const ScaledObjectRef& object, const scalers::kedify_otel::Params& params);

  const tsdb::Store& store_;
  const Clock& clock_;
  const ExternalScalerOptions options_;
  base::metrics::Registry* const metrics_;
  std::map<ObservedKey, Observed> observed_;
};

}  // namespace server
