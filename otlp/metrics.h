#pragma once

// What the receiver says about itself.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/metrics.h"
#include "otlp/batch.h"
#include "otlp/receiver.h"
#include "otlp/signals.h"
#include "otlp/tally.h"

namespace otlp {

enum class Outcome : std::uint8_t { ok, partial, invalid };

inline constexpr std::array<std::string_view, 2> encoding_names = {"protobuf", "json"};
inline constexpr std::array<std::string_view, 3> outcome_names = {"ok", "partial", "invalid"};

// The receiver's series, found once and then only counted. Thread-safe; receivers add up.
class Metrics {
 public:
  explicit Metrics(base::metrics::Registry& registry)
      : registry_(registry),
        accepted_(registry.counter("tidewheel_otlp_points_accepted_total",
                                   "Data points taken from OTLP requests.")) {
    for (std::size_t e = 0; e < encoding_names.size(); ++e) {
      for (std::size_t o = 0; o < outcome_names.size(); ++o) {
        requests_[e][o] = &labelled("tidewheel_otlp_requests_total",
                                    "OTLP metric requests, by encoding and by how they ended.",
                                    {{"encoding", std::string(encoding_names[e])},
                                     {"outcome", std::string(outcome_names[o])}});
      }
    }
    for (const DropRow& row : drop_rows) {
      dropped_[static_cast<std::size_t>(row.drop)] =
          &labelled("tidewheel_otlp_points_dropped_total", "Data points not taken, by reason.",
                    {{"reason", std::string(row.label)}});
    }
    for (const FlawRow& row : flaw_rows) {
      flawed_[static_cast<std::size_t>(row.flaw)] =
          &labelled("tidewheel_otlp_buckets_dropped_total",
                    "Histograms taken without their buckets, by reason.",
                    {{"reason", std::string(row.label)}});
    }
    for (const SignalRow& row : signal_rows) {
      unsupported_[static_cast<std::size_t>(row.signal)] = &labelled(
          "tidewheel_otlp_unsupported_requests_total",
          "Requests of OTLP signals that are not metrics.", {{"signal", std::string(row.label)}});
    }
  }

  void request(Encoding encoding, Outcome outcome) {
    requests_[static_cast<std::size_t>(encoding)][static_cast<std::size_t>(outcome)]->add();
  }
  void points(const Tally& tally) {
    accepted_.add(tally.accepted);
    for (std::size_t i = 0; i < dropped_.size(); ++i) dropped_[i]->add(tally.dropped[i]);
    for (std::size_t i = 0; i < flawed_.size(); ++i) {
      if (tally.flawed[i] > 0) flawed_[i]->add(tally.flawed[i]);
    }
    if (tally.exemplars > 0) exemplars_.add(tally.exemplars);
    if (tally.skipped_metrics > 0) skipped_metrics_.add(tally.skipped_metrics);
  }
  void unsupported(Signal signal) { unsupported_[static_cast<std::size_t>(signal)]->add(); }
  void refused_method() { refused_method_.add(); }
  void refused_token() { refused_token_.add(); }
  void refused_content_type() { refused_content_type_.add(); }

 private:
  using Counter = base::metrics::Counter;

  Counter& labelled(std::string_view name, std::string_view help, base::metrics::Labels labels) {
    return registry_.counter(name, help, std::move(labels));
  }
  Counter& refused(std::string_view reason) {
    return labelled("tidewheel_otlp_refused_requests_total",
                    "OTLP requests that were not read, by reason.",
                    {{"reason", std::string(reason)}});
  }

  base::metrics::Registry& registry_;
  Counter& accepted_;
  Counter& exemplars_ =
      registry_.counter("tidewheel_otlp_exemplars_total", "Exemplars seen; they are not kept.");
  Counter& skipped_metrics_ = registry_.counter(
      "tidewheel_otlp_skipped_metrics_total",
      "Metrics of requests that were skipped unread because nobody asks for them; their points are "
      "neither among the accepted nor among the dropped ones.");
  Counter& refused_method_ = refused("method");
  Counter& refused_token_ = refused("token");
  Counter& refused_content_type_ = refused("content_type");
  std::array<std::array<Counter*, outcome_names.size()>, encoding_names.size()> requests_{};
  std::array<Counter*, drop_rows.size()> dropped_{};
  std::array<Counter*, flaw_rows.size()> flawed_{};
  std::array<Counter*, signal_rows.size()> unsupported_{};
};

}  // namespace otlp
