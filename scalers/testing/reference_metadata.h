#pragma once

// Trigger metadata as users write it by mistake, and what is said: a row for each that
// otel-add-on's description knows, its admission policy's rules included. For tests of every place
// that takes metadata.

#include <string>
#include <vector>

#include "scalers/parameters.h"
#include "tsdb/testing/reference_queries.h"

namespace scalers::testing {

struct ReferenceMetadata {
  std::string name;  // the key and what is odd about it
  Metadata metadata;
  std::string why;  // the error; empty: it is read
};

// Of one key beside a good query and target.
inline ReferenceMetadata with(std::string name, std::string key, std::string text,
                              std::string why) {
  Metadata metadata{{"metricQuery", "foo"}, {"targetValue", "5"}};
  metadata[std::move(key)] = std::move(text);
  return {std::move(name), std::move(metadata), std::move(why)};
}

// Everything but queries. Missing keys first.
inline std::vector<ReferenceMetadata> reference_metadata() {
  const std::string unknown_operation = ", want last_one, min, max, avg, count or rate";
  return {
      {"metricQuery: missing", {{"targetValue", "5"}}, "missing metricQuery"},
      {"targetValue: missing", {{"metricQuery", "foo"}}, "missing targetValue"},
      {"query: PromQL beside the metricQuery",
       {{"metricQuery", "foo"}, {"query", "up"}, {"targetValue", "5"}},
       "query: PromQL is not offered, only metricQuery"},
      with("targetValue: 5", "targetValue", "5", ""),
      with("targetValue: .5", "targetValue", ".5", ""),
      with("targetValue: 1e3", "targetValue", "1e3", ""),
      with("targetValue: NaN", "targetValue", "NaN", "targetValue: \"NaN\" is not finite"),
      with("targetValue: Inf", "targetValue", "Inf", "targetValue: \"Inf\" is not finite"),
      with("targetValue: negative", "targetValue", "-5", "targetValue: \"-5\" is not above 0"),
      with("targetValue: zero", "targetValue", "0", "targetValue: \"0\" is not above 0"),
      with("targetValue: a blank", "targetValue", " 5", "targetValue: \" 5\" is not a number"),
      with("targetValue: a quantity", "targetValue", "100m",
           "targetValue: \"100m\" is not a number"),
      with("targetValue: empty", "targetValue", "", "targetValue: \"\" is not a number"),
      with("operationOverTime: one of the six", "operationOverTime", "rate", ""),
      with("operationOverTime: empty", "operationOverTime", "", ""),
      with("operationOverTime: a typing mistake", "operationOverTime", "rte",
           "operationOverTime: unknown operation \"rte\"" + unknown_operation),
      with("operationOverTime: an aggregation", "operationOverTime", "sum",
           "operationOverTime: unknown operation \"sum\"" + unknown_operation),
      with("clampMin: a number", "clampMin", "-1.5", ""),
      with("clampMin: a typing mistake", "clampMin", "1O", "clampMin: \"1O\" is not a number"),
      with("clampMin: NaN", "clampMin", "NaN", "clampMin: NaN bounds nothing"),
      with("clampMax: a quantity", "clampMax", "10m", "clampMax: \"10m\" is not a number"),
      with("clampMax: empty", "clampMax", "", "clampMax: \"\" is not a number"),
      {"clampMin: above clampMax",
       {{"metricQuery", "foo"}, {"targetValue", "5"}, {"clampMin", "5"}, {"clampMax", "4.5"}},
       "clampMin 5 is above clampMax 4.5"},
      with("scalerAddress: read by KEDA", "scalerAddress", "keda-otel-scaler.keda.svc:4318", ""),
      with("enableTLS: read by KEDA", "enableTLS", "true", ""),
      with("unsafeSsl: read by KEDA", "unsafeSsl", "true", ""),
      with("caCert: read by KEDA", "caCert", "c", ""),
      with("tlsClientCert: read by KEDA", "tlsClientCert", "c", ""),
      with("tlsClientKey: read by KEDA", "tlsClientKey", "k", ""),
  };
}

// Each query of the grammar and of the policy as a trigger.
inline std::vector<ReferenceMetadata> reference_query_metadata() {
  std::vector<ReferenceMetadata> rows;
  const auto add = [&rows](const tsdb::testing::ReferenceQuery& query) {
    const std::string why = query.why.empty() ? "" : "metricQuery: " + std::string(query.why);
    rows.push_back(with("metricQuery: " + std::string(query.text), "metricQuery",
                        std::string(query.text), why));
  };
  for (const auto& query : tsdb::testing::grammar_queries) add(query);
  for (const auto& query : tsdb::testing::policy_queries) add(query);
  return rows;
}

}  // namespace scalers::testing
