#pragma once

// The details of a gRPC status: for a refusal that is over soon, when to try again.

#include <string>

#include "net/grpc_call.h"

namespace net::grpc {

// The value of `grpc-status-details-bin`, base64 without padding: a google.rpc.Status of the same
// code and message whose only detail is a google.rpc.RetryInfo of `status.retry_after`. OTLP's
// senders take RESOURCE_EXHAUSTED for final where it has none.
// Source: google/rpc/status.proto and error_details.proto; OTLP's specification, "Throttling".
std::string retry_details(const Status& status);

}  // namespace net::grpc
