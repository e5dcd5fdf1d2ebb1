// The shapes of what the API answers, as JSON schemas. The tests hold every handler's answer
// against them.

#include "base/check.h"
#include "server/openapi.h"

namespace server {
namespace {

constexpr std::string_view text = R"json({
"Answer": {"type": "object", "properties": {
  "query": {"type": "string"},
  "operationOverTime": {"type": "string"},
  "window": {"type": ["string", "null"], "description": "null: the retention"},
  "state": {"type": "string", "enum": ["value", "absent", "stale", "not_a_number"]},
  "value": {"type": ["number", "null"]},
  "newest": {"type": ["string", "null"], "description": "time of the newest sample"},
  "ageSeconds": {"type": ["number", "null"]},
  "series": {"type": "integer", "description": "how many took part"},
  "matched": {"type": "integer", "description": "how many matched, fresh or not"}}},
"Clamp": {"type": "object", "properties": {
  "kind": {"type": "string"}, "before": {"type": "integer"}, "after": {"type": "integer"},
  "detail": {"type": "string"}}},
"Decision": {"type": "object", "properties": {
  "at": {"type": "string"}, "from": {"type": "integer"}, "to": {"type": "integer"},
    "active": {"type": "boolean"},
  "proposals": {"type": "array", "items": {"$ref": "#/components/schemas/Proposal"}},
  "winner": {"type": ["integer", "null"], "description": "index into proposals"},
  "clamps": {"type": "array", "items": {"$ref": "#/components/schemas/Clamp"}},
  "reason": {"type": "string"}, "againAt": {"type": ["string", "null"]}}},
"DecisionList": {"type": "object", "properties": {
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/DecisionRecord"}}}},
"DecisionRecord": {"type": "object", "properties": {
  "id": {"type": "integer"}, "namespace": {"type": "string"}, "name": {"type": "string"},
  "count": {"type": "integer", "description": "how often it was reached in a row"},
  "last": {"type": "string", "description": "when it was reached last"},
  "decision": {"$ref": "#/components/schemas/Decision"},
  "repeat": {"description": "as it was reached last; null: it was reached once",
    "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Decision"}]}}},
"Document": {"type": "object", "description": "OpenAPI 3.1"},
"Error": {"type": "object", "properties": {"error": {"type": "string"}}},
"Explanation": {"type": "object", "properties": {
  "now": {"type": "string"},
  "object": {"$ref": "#/components/schemas/Object"},
  "at": {"type": ["string", "null"], "description": "the moment asked for; null: now"},
  "decisions": {"type": "array", "items": {"$ref": "#/components/schemas/DecisionRecord"},
    "description": "the one in force first, then those before it; empty: none, or not kept"},
  "next": {"description": "what ended the one in force, at its decision.at; null: still in force",
    "oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/DecisionRecord"}]},
  "keptSince": {"type": ["string", "null"],
    "description": "records before it are no longer kept; null unless that is why there is none"}}},
"Info": {"type": "object", "properties": {
  "version": {"type": "string"}, "goVersion": {"type": "string"}, "arch": {"type": "string"},
    "os": {"type": "string"},
  "gitSha": {"type": "string"}, "retentionSeconds": {"type": "string"},
    "scalerPort": {"type": "string"},
  "otlpPort": {"type": "string"}, "internalMetricsPort": {"type": "string"},
    "restApiPort": {"type": "string"}}},
"MemstoreAnswer": {"type": "object", "properties": {
  "ok": {"type": "boolean"}, "operation": {"type": "string"}, "error": {"type": "string"},
  "value": {"type": ["number", "null"]}}},
"MemstoreData": {"type": "object", "additionalProperties": {
  "type": "array", "items": {"$ref": "#/components/schemas/MemstoreSeries"}}},
"MemstoreNames": {"type": ["array", "null"], "items": {"type": "string"}},
"MemstoreQuery": {"type": "object", "properties": {
  "operationOverTime": {"type": "string", "enum": ["last_one", "min", "max", "avg", "count",
    "rate"]},
  "query": {"type": "string"}}},
"MemstoreSample": {"type": "object", "properties": {
  "value": {"type": ["number", "null"]}, "time": {"type": "integer",
    "description": "seconds since the epoch"}}},
"MemstoreSeries": {"type": "object", "properties": {
  "labels": {"type": "object", "additionalProperties": {"type": "string"}},
  "data": {"type": "array", "items": {"$ref": "#/components/schemas/MemstoreSample"}},
  "aggregatesOverTime": {"type": "object", "additionalProperties": {"type": ["number", "null"]}},
  "lastUpdate": {"type": "integer"}}},
"MetricLoad": {"type": "object", "properties": {
  "name": {"type": "string"}, "series": {"type": "integer"}, "samples": {"type": "number"}}},
"Object": {"type": "object", "properties": {
  "namespace": {"type": "string"}, "name": {"type": "string"},
  "target": {"$ref": "#/components/schemas/Target"}, "engine": {"type": "string"},
  "minReplicas": {"type": "integer"}, "maxReplicas": {"type": "integer"},
  "replicas": {"type": ["integer", "null"], "description": "null: the target does not exist"},
  "readyReplicas": {"type": "integer"}, "desiredReplicas": {"type": "integer"},
  "active": {"type": "boolean"}, "paused": {"type": "boolean"},
  "problems": {"type": "array", "items": {"type": "string"}},
  "triggers": {"type": "array", "items": {"$ref": "#/components/schemas/Trigger"}},
  "lastDecision": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/DecisionRecord"}]}}},
"ObjectList": {"type": "object", "properties": {
  "now": {"type": "string"},
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/Object"}}}},
"ObjectLoad": {"type": "object", "properties": {
  "namespace": {"type": "string"}, "name": {"type": "string"}, "problems": {"type": "integer"},
  "load": {"type": "number", "description": "desired replicas by the most there may be"},
  "replicas": {"type": ["integer", "null"]}, "desiredReplicas": {"type": "integer"},
  "maxReplicas": {"type": "integer"}}},
"Point": {"type": "object", "properties": {
  "at": {"type": "string"}, "state": {"type": "string"}, "value": {"type": ["number", "null"]},
  "target": {"type": ["number", "null"]}, "replicas": {"type": "integer"}}},
"PointList": {"type": "object", "properties": {
  "trigger": {"type": "integer"},
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/Point"}}}},
"Proposal": {"type": "object", "properties": {
  "trigger": {"type": "integer"}, "name": {"type": ["string", "null"]},
    "target": {"type": ["number", "null"]}, "activation": {"type": ["number", "null"]},
  "state": {"type": "string", "enum": ["value", "absent", "stale", "error", "not_a_number"]},
  "value": {"type": ["number", "null"]}, "newest": {"type": ["string", "null"]},
    "series": {"type": "integer"},
  "error": {"type": "string"}, "active": {"type": "boolean"},
  "held": {"type": "boolean", "description": "the last proposal stands"},
  "replicas": {"type": ["integer", "null"],
    "description": "null: it has never proposed anything"}}},
"RankedCount": {"type": "object", "properties": {"name": {"type": "string"},
    "value": {"type": "integer"}}},
"RankedCounts": {"type": "array", "items": {"$ref": "#/components/schemas/RankedCount"}},
"StoreLoad": {"type": "object", "properties": {"metrics": {"type": "integer"},
    "series": {"type": "integer"}}},
"StoreStatus": {"type": "object", "properties": {
  "status": {"type": "string"},
  "data": {"type": "object", "properties": {
    "headStats": {"type": "object", "properties": {
      "numSeries": {"type": "integer"}, "numSamples": {"type": "integer"},
      "numLabelPairs": {"type": "integer"}, "chunkCount": {"type": "integer"},
      "minTime": {"type": "integer", "description": "milliseconds since 1970; 0: no samples"},
      "maxTime": {"type": "integer"}}},
    "seriesCountByMetricName": {"$ref": "#/components/schemas/RankedCounts"},
    "labelValueCountByLabelName": {"$ref": "#/components/schemas/RankedCounts"},
    "memoryInBytesByLabelName": {"$ref": "#/components/schemas/RankedCounts"},
    "seriesCountByLabelValuePair": {"$ref": "#/components/schemas/RankedCounts"},
    "seriesCountByResource": {"$ref": "#/components/schemas/RankedCounts"},
    "truncated": {"type": "boolean",
      "description": "too many labels: the label lists know only the first million pairs"},
    "bytes": {"type": "object", "properties": {"identity": {"type": "integer"},
      "index": {"type": "integer"}, "samples": {"type": "integer"}}},
    "limits": {"type": "object", "properties": {"series": {"type": "integer"},
      "seriesPerResource": {"type": "integer"}, "bytes": {"type": "integer"}}}}}}},
"Target": {"type": "object", "properties": {"kind": {"type": "string"},
    "name": {"type": "string"}}},
"Top": {"type": "object", "properties": {
  "objects": {"type": "array", "items": {"$ref": "#/components/schemas/ObjectLoad"}},
  "metrics": {"type": "array", "items": {"$ref": "#/components/schemas/MetricLoad"}},
  "store": {"$ref": "#/components/schemas/StoreLoad"}}},
"Trigger": {"type": "object", "properties": {
  "index": {"type": "integer"}, "name": {"type": "string"}, "type": {"type": "string"},
    "query": {"type": "string"},
  "target": {"type": ["number", "null"], "description": "what one replica carries"},
  "activation": {"type": ["number", "null"]},
  "state": {"type": "string", "enum": ["value", "absent", "stale", "error", "not_a_number"]},
  "value": {"type": ["number", "null"]}, "newest": {"type": ["string", "null"]},
  "ageSeconds": {"type": ["number", "null"]}, "series": {"type": "integer"},
    "error": {"type": "string"},
  "active": {"type": "boolean"}, "held": {"type": "boolean",
    "description": "the last proposal stands"},
  "proposal": {"type": ["integer", "null"]}}},
"Warning": {"type": "object", "properties": {
  "namespace": {"type": "string"}, "name": {"type": "string"},
  "unknownKeys": {"type": "array", "items": {"type": "string"}},
  "firstSeen": {"type": "string"}}},
"WrongClock": {"type": "object", "description":
    "a sender whose points were refused for their time in the last ten minutes", "properties": {
  "resource": {"type": "object", "additionalProperties": {"type": "string"}},
  "offsetSeconds": {"type": "number",
    "description": "the time of its last refused point minus ours"},
  "points": {"type": "integer", "description": "refused since firstSeen"},
  "firstSeen": {"type": "string"}, "lastSeen": {"type": "string"},
  "message": {"type": "string"}}},
"WarningList": {"type": "object", "properties": {
  "items": {"type": "array", "items": {"$ref": "#/components/schemas/Warning"}},
  "clocks": {"type": "array", "items": {"$ref": "#/components/schemas/WrongClock"}}}}
})json";

// Our answers leave no member out: what is not there is null.
void require_every_property(json::Value& schema) {
  const json::Value* properties = json::find(schema, "properties");
  if (properties == nullptr) return;
  json::Array names;
  for (const auto& property : properties->get_object()) names.emplace_back(property.key());
  schema.get_object()["required"] = std::move(names);
}

json::Value parse() {
  auto parsed = json::parse(text);
  CHECK(parsed.has_value());
  for (auto& schema : parsed->get_object()) require_every_property(schema.value());
  return std::move(*parsed);
}

}  // namespace

const json::Value& schemas() {
  static const json::Value parsed = parse();
  return parsed;
}

}  // namespace server
