#pragma once

// From a pod's first container to the command, arguments and environment of its process. Pure.
// Source: Kubernetes API 1.36, Container.command, .args and .env ("$(VAR_NAME)" references).

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/process/protocol.h"
#include "kube/workload.h"

namespace cluster::process {

// `text` with each $(NAME) replaced by lookup(NAME); references to unknown names stay as they are,
// and "$$" is one "$".
std::string expand(std::string_view text,
                   const std::function<std::optional<std::string>(std::string_view)>& lookup);

// name, command, env and working_dir of the pod's process; the log file is the caller's.
// inherited: "NAME=value", what the container finds besides its own variables, which go over it.
// References see only the container's own: of `env` those stated before, of command and args all.
// Errors: invalid, in words a user can act on: no container, no command, or a downward-API field
// that there is not.
Result<Spec> container_spec(const kube::Pod& pod, std::span<const std::string> inherited);

// Errors as above, as far as a pod template shows them.
Result<void> check_runnable(const kube::PodSpec& spec);

}  // namespace cluster::process
