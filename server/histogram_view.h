#pragma once

// Histograms as JSON, in the shape of Prometheus' HTTP API. Pure functions.

#include "json/json.h"
#include "tsdb/histograms.h"

namespace server {

// {"count":"6","sum":"1.5","buckets":[[rule,"lower","upper","count"],…]}: numbers as texts, buckets
// that count something in ascending order; rule 0 is open left, 1 open right, 2 open, 3 closed.
// "sum" is null where none was sent. Source: Prometheus HTTP API, "Native histograms".
json::Value to_json(const tsdb::Histogram& histogram);

// One series with its newest point.
json::Value to_json(const tsdb::HistogramRow& row);

json::Value to_json(const tsdb::HistogramIncrease& increase);

}  // namespace server
