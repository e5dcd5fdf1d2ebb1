#include "cli/manifests.h"

#include <algorithm>
#include <utility>

#include "cli/findings.h"

namespace cli {
namespace {

std::vector<std::string> lines_of(const std::vector<kube::ManifestProblem>& problems) {
  std::vector<std::string> lines;
  for (const auto& problem : problems) lines.push_back(to_string(problem));
  return lines;
}

}  // namespace

Manifests::Manifests(std::vector<std::string> paths, std::vector<std::string> own_scaler_addresses)
    : paths_(paths.begin(), paths.end()), own_scaler_addresses_(std::move(own_scaler_addresses)) {}

std::vector<std::string> Manifests::read() {
  seen_ = times();
  manifests_ = kube::read_manifests(paths_);
  auto& problems = manifests_.problems;
  for (auto& problem : cluster::check_manifests(manifests_.objects))
    problems.push_back(std::move(problem));
  for (auto& problem : check_triggers()) problems.push_back(std::move(problem));
  return lines_of(problems);
}

Task<std::vector<std::string>> Manifests::apply(kube::Client& client, Log log) {
  cluster::Loader loader(client, log.with("loader"));
  const cluster::LoadResult result = co_await loader.load(manifests_);
  if (result.problems.empty()) {
    log.info("manifests applied", {{"applied", result.applied},
                                   {"unchanged", result.unchanged},
                                   {"removed", result.removed}});
  }
  co_return lines_of(result.problems);
}

bool Manifests::changed() const {
  return times() != seen_;
}

Manifests::Times Manifests::times() const {
  Times times;
  for (const auto& file : kube::find_manifests(paths_).files) {
    std::error_code gone;
    times[file] = std::filesystem::last_write_time(file, gone);
  }
  return times;
}

// What the operator would refuse later is refused now, where file and line are known. Warnings
// about a refused object are told with it: a key that is nearly right is why the right one is
// missing.
std::vector<kube::ManifestProblem> Manifests::check_triggers() const {
  std::vector<kube::ManifestProblem> problems;
  for (const kube::Manifest& manifest : manifests_.objects) {
    auto findings = compile_findings(manifest, Purpose::run, own_scaler_addresses_);
    if (std::ranges::find(findings, Severity::error, &Finding::severity) == findings.end())
      continue;
    for (Finding& finding : findings) problems.push_back(std::move(finding.problem));
  }
  return problems;
}

}  // namespace cli
