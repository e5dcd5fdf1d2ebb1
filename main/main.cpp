// The process: flags and environment in, exit status out.

#include <cstdlib>
#include <optional>
#include <span>
#include <string>

#include "base/memory.h"
#include "cli/command.h"
#include "cluster/process/keeper.h"

int main(int argc, char** argv) {
  base::return_large_blocks();
  // A pod's keeper is this same program under another name: see cluster/process/README.md.
  if (cluster::process::is_keeper(argc, argv)) return cluster::process::keeper_main(argc, argv);
  const auto environment = [](std::string_view name) -> std::optional<std::string> {
    const char* value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  return cli::run(std::span<const char* const>(argv, static_cast<std::size_t>(argc)), environment);
}
