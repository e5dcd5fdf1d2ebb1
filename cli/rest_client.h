#pragma once

// Questions to a running Tidewheel's REST API. Blocking.

#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/destination.h"
#include "json/json.h"

namespace cli {

// GET path; the body. The server's port is 9090 when its address names none. Errors: those of
// open_destination and of the connection; unavailable, with what the server said, when the answer
// is not 200, and unauthenticated, with what to do about it, when that is 401.
Result<std::string> get(const DestinationOptions& server, std::string path);
Result<json::Value> get_json(const DestinationOptions& server, std::string path);

// For a path or a parameter.
std::string percent_encode(std::string_view text);

// "/api/v1/objects/NAMESPACE/NAME" for "namespace/name"; a bare name is of namespace default.
std::string object_path(const std::string& object);

}  // namespace cli
