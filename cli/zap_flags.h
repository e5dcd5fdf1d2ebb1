#pragma once

// Flags that manifests give to otel-add-on's container, whose logging is controller-runtime's zap.
// They are taken so that its chart's arguments start this program too; ours are --log-level and
// --log-format.

#include "cli/settings.h"

namespace CLI {
class App;
}

namespace cli {

// Adds --zap-log-level, --zap-encoder and --zap-devel, which set ours, and --zap-stacktrace-level,
// --zap-time-encoding and --kubeconfig, which are checked and have no effect.
void declare_zap_flags(CLI::App& app, Options& options);

}  // namespace cli
