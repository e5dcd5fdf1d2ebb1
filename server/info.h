#pragma once

// What GET /info and keda_otel_scaler_runtime_info say, in otel-add-on's words.

#include <string>
#include <utility>
#include <vector>

#include "server/rest.h"

namespace server {

// Name and value pairs; goVersion holds the compiler's version.
std::vector<std::pair<std::string, std::string>> runtime_info(const Info& info);

}  // namespace server
