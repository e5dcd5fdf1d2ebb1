#pragma once

// The quick-start manifests (examples/quickstart), part of the program since it was built.

#include <span>

#include "server/assets.h"

namespace cli {

std::span<const server::Asset> quickstart();

}  // namespace cli
