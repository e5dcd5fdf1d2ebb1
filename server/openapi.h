#pragma once

// The OpenAPI 3.1 description of every route, made from the route table and the schemas.

#include <string_view>

#include "json/json.h"

namespace server {

json::Value openapi_document();

// The component schemas by name, as an object.
const json::Value& schemas();

}  // namespace server
