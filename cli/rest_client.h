#pragma once

// Questions to a running Tidewheel's REST API. Blocking.

#include <string>
#include <string_view>

#include "base/result.h"
#include "json/json.h"

namespace cli {

// GET http://server/path; the body. `server` is an address as net::parse_address reads it, with or
// without http://, port 9090 when it names none. Errors: those of the connection; unavailable, with
// what the server said, when the answer is not 200.
Result<std::string> get(const std::string& server, std::string path);
Result<json::Value> get_json(const std::string& server, std::string path);

// For a path or a parameter.
std::string percent_encode(std::string_view text);

// "/api/v1/objects/NAMESPACE/NAME" for "namespace/name"; a bare name is of namespace default.
std::string object_path(const std::string& object);

}  // namespace cli
