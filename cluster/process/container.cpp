#include "cluster/process/container.h"

#include <algorithm>
#include <utility>

namespace cluster::process {
namespace {

// Variables in the order they were first stated; a later value of the same name replaces the
// earlier.
class Environment {
 public:
  void set(std::string_view name, std::string value) {
    for (auto& [known, old] : variables_) {
      if (known == name) {
        old = std::move(value);
        return;
      }
    }
    variables_.emplace_back(name, std::move(value));
  }

  std::optional<std::string> find(std::string_view name) const {
    for (const auto& [known, value] : variables_) {
      if (known == name) return value;
    }
    return std::nullopt;
  }

  std::string expand(std::string_view text) const {
    return process::expand(text, [this](std::string_view name) { return find(name); });
  }

  const std::vector<std::pair<std::string, std::string>>& all() const { return variables_; }

 private:
  std::vector<std::pair<std::string, std::string>> variables_;
};

Result<Environment> own_environment(const kube::Pod& pod, const kube::Container& container) {
  Environment own;
  for (const auto& variable : container.env) {
    if (variable.field_path.empty()) {
      own.set(variable.name, own.expand(variable.value));
    } else {
      auto value = kube::field_value(pod, variable.field_path);
      if (!value) return fail("env " + variable.name, value.error());
      own.set(variable.name, *std::move(value));
    }
  }
  return own;
}

std::vector<std::string> whole_environment(std::span<const std::string> inherited,
                                           const Environment& own) {
  std::vector<std::string> out;
  for (const auto& entry : inherited) {
    if (!own.find(entry.substr(0, entry.find('=')))) out.push_back(entry);
  }
  for (const auto& [name, value] : own.all()) out.push_back(name + "=" + value);
  return out;
}

}  // namespace

std::string expand(std::string_view text,
                   const std::function<std::optional<std::string>(std::string_view)>& lookup) {
  std::string out;
  while (!text.empty()) {
    const auto dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    const auto close = text.starts_with("$(") ? text.find(')') : text.npos;
    std::size_t taken = std::min<std::size_t>(text.size(), 2);
    if (close != text.npos) {
      taken = close + 1;
      const auto value = lookup(text.substr(2, close - 2));
      out += value ? *value : text.substr(0, taken);
    } else {
      out += text.starts_with("$$") ? "$" : text.substr(0, taken);
    }
    text.remove_prefix(taken);
  }
  return out;
}

Result<void> check_runnable(const kube::PodSpec& spec) {
  if (spec.containers.empty()) return fail(Code::invalid, "no container");
  const auto& container = spec.containers.front();
  if (!container.command.empty()) return {};
  return fail(Code::invalid,
              "container \"" + container.name +
                  "\" has no command, and a local process has no image to take one from");
}

Result<Spec> container_spec(const kube::Pod& pod, std::span<const std::string> inherited) {
  TRY_VOID(check_runnable(pod.spec));
  const auto& container = pod.spec.containers.front();
  TRY(const Environment own, own_environment(pod, container));
  Spec spec{.name = pod.meta.name,
            .command = {},
            .env = whole_environment(inherited, own),
            .working_dir = container.working_dir,
            .log_file = {}};
  for (const auto& word : container.command) spec.command.push_back(own.expand(word));
  for (const auto& word : container.args) spec.command.push_back(own.expand(word));
  return spec;
}

}  // namespace cluster::process
