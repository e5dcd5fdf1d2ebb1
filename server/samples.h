#pragma once

// A series as otel-add-on lists it in /memstore/data. Pure.

#include "json/json.h"
#include "tsdb/store.h"

namespace server {

// {labels, data: [{value, time}], aggregatesOverTime: {operation: number}, lastUpdate}; times are
// whole seconds. The operations are those of otel-scaler over the samples as they stand, oldest
// first; a series with fewer than two samples has the rate 0.
json::Value to_json(const tsdb::SeriesRow& row);

}  // namespace server
