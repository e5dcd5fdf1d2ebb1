#pragma once

// gRPC's health checks.

#include "net/grpc.h"

namespace server {

// Adds grpc.health.v1.Health. Check and Watch say SERVING for "" and for every service that
// `services` offers by now, itself included; a server that cannot serve does not answer. Of others
// Check answers NOT_FOUND and Watch SERVICE_UNKNOWN. A watch stays open: nothing changes until a
// drain ends it. Source: grpc/health/v1/health.proto.
void add_health(net::grpc::Services& services);

}  // namespace server
