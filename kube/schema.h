#pragma once

// What objects of our kinds must look like: tables of fields with types and bounds, and KEDA's own
// rules. Pure. Source: Kubernetes API 1.36 (the fields of Deployment, Pod and Event), KEDA 2.21
// (ScaledObject).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "kube/client.h"

namespace kube {

// One thing that is wrong with an object, where it is, in words its author can act on.
struct Problem {
  std::string
      field;  // "spec.triggers[0].metadata.targetValue", "metadata.labels[app.kubernetes.io/name]"
  std::string message;
  bool operator==(const Problem&) const = default;
};

// "field: message", joined by "; ".
std::string to_string(std::span<const Problem> problems);

// Everything wrong with `object` as an object of `resource`: unknown fields (with a suggestion when
// one is close), wrong types, missing fields, bounds, names, and KEDA's rules of one ScaledObject.
// Empty: it is valid. "status" is not looked at beyond being an object.
std::vector<Problem> validate(const Resource& resource, const json::Value& object);

// The paths of the fields that `object` states and that have no effect when its pods are local
// processes, sorted. Empty for kinds without pods.
std::vector<std::string> not_honoured(const Resource& resource, const json::Value& object);

// Every kind we know, and the one of an apiVersion and kind, or nullptr.
std::span<const Resource> all_resources();
const Resource* find_resource(std::string_view api_version, std::string_view kind);

// RFC 1123: at most 63 (label) or 253 (subdomain) of a-z 0-9 - (and .), beginning and ending
// alphanumeric.
bool is_dns_label(std::string_view text);
bool is_dns_subdomain(std::string_view text);

// The nearest of `known` to a misspelt `word`, or empty when none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

// `, did you mean "x"?` with the nearest of `known`, or empty.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known);

}  // namespace kube
