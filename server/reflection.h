#pragma once

// Server reflection, v1 and v1alpha: others, such as grpcurl, ask which services there are and how
// their messages look.

#include <string>
#include <string_view>
#include <vector>

#include "net/grpc.h"
#include "server/descriptors.h"

namespace server {

// Answers one ServerReflectionRequest. `services`: the names that list_services gives. Bytes that
// are no request, and what is not known, are answered by an ErrorResponse (INVALID_ARGUMENT,
// NOT_FOUND). Pure.
std::string answer_reflection(const Descriptors& descriptors,
                              const std::vector<std::string>& services, std::string_view request);

// Describes what `services` offers by now, and itself. One answer per request, until the peer ends.
// Source: grpc/reflection/v1/reflection.proto.
void add_reflection(net::grpc::Services& services);

}  // namespace server
