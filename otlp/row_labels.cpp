#include "otlp/row_labels.h"

#include "otlp/any_value.h"
#include "otlp/batch_builder.h"
#include "otlp/fields.h"

namespace otlp {

using proto::Reader;

RowLabels::RowLabels(Batch& batch, const DecodeLimits& limits)
    : batch_(batch),
      limits_(limits),
      resources_(batch.resources.size()),
      scopes_(batch.scopes.size()) {}

Result<Batch::Range> RowLabels::read(const Batch::Metric& metric, const Batch::Row& row) {
  const Batch::Scope& scope = batch_.scopes[metric.scope];
  TRY_VOID(read_resource(scope.resource));
  auto& scope_labels = scopes_[metric.scope];
  if (!scope_labels) {
    TRY(scope_labels,
        read(scope.attributes.range, field::scope_metrics::scope, field::scope::attributes));
  }
  const auto begin = static_cast<std::uint32_t>(batch_.labels.size());
  TRY_VOID(read_attributes(batch_.bytes_of(row.attributes.range), metric.attributes_field));
  return Range{begin, static_cast<std::uint32_t>(batch_.labels.size())};
}

Result<Batch::Range> RowLabels::read_resource(std::uint32_t resource) {
  auto& labels = resources_[resource];
  if (!labels) {
    TRY(labels, read(batch_.resources[resource].range, field::resource_metrics::resource,
                     field::resource::attributes));
  }
  return *labels;
}

tsdb::SeriesView RowLabels::view(const Batch::Metric& metric, Range labels) const {
  tsdb::SeriesView series = batch_.series_of(metric);
  series.resource = batch_.labels_of(*resources_[batch_.scopes[metric.scope].resource]);
  series.scope = batch_.labels_of(*scopes_[metric.scope]);
  series.attributes = batch_.labels_of(labels);
  return series;
}

// The attributes of every `holder_field` of the message: protobuf merges them when there are
// several.
Result<Batch::Range> RowLabels::read(Range message, std::uint32_t holder_field,
                                     std::uint32_t attributes_field) {
  const auto begin = static_cast<std::uint32_t>(batch_.labels.size());
  Reader in(batch_.bytes_of(message), message_nesting_max);
  while (in.next()) {
    if (in.field() == holder_field) TRY_VOID(read_attributes(in.bytes(), attributes_field));
  }
  TRY_VOID(in.finish());
  return Range{begin, static_cast<std::uint32_t>(batch_.labels.size())};
}

Result<void> RowLabels::read_attributes(std::string_view message, std::uint32_t attributes_field) {
  Reader in(message, message_nesting_max);
  while (in.next()) {
    if (in.field() != attributes_field) continue;
    TRY(const auto label, read_label(in.message(), batch_.texts));
    if (batch_.labels.size() >= limits_.attributes_max) return BatchBuilder::too_many("attributes");
    batch_.labels.push_back(label);
  }
  return in.finish();
}

}  // namespace otlp
