#include "cluster/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "cluster/load_plan.h"
#include "cluster/store.h"
#include "kube/meta.h"
#include "kube/schema.h"

namespace cluster {
namespace {

constexpr std::string_view field_manager = "tidewheel-manifests";
constexpr std::size_t applied_per_turn_max = 64;  // before the loop lets others run

kube::ManifestProblem failure(const LoadPlan::Apply& what, const Error& error) {
  return kube::problem_at(what.manifest, {"", error.what});
}

kube::ManifestProblem general(std::string message) {
  return {.file = "manifests", .line = 0, .field = {}, .message = std::move(message)};
}

Task<Result<Objects>> list_existing(kube::Client& client) {
  Objects all;
  for (std::size_t i = 0; i < std::size(loaded_kinds); ++i) {
    CO_TRY(auto listed, co_await client.list(loaded_kinds[i]));
    for (json::Value& object : listed.items) {
      const kube::Key key = kube::key_of(object);
      all.emplace(ObjectName{i, key}, std::move(object));
    }
  }
  co_return all;
}

// One load on its way. Lives in the coroutine that runs it.
class Load {
 public:
  Load(kube::Client& client, const Log& log, const Objects& existing)
      : client_(client), log_(log), existing_(existing) {}

  Task<void> remove(std::vector<ObjectName> names);
  Task<void> apply(std::vector<LoadPlan::Apply> all);

  LoadResult result;

 private:
  Task<Result<void>> apply_one(const LoadPlan::Apply& what);
  bool is_unchanged(const ObjectName& name, const json::Value& after) const;
  void log_not_honoured(const LoadPlan::Apply& what) const;

  kube::Client& client_;
  const Log& log_;
  const Objects& existing_;
};

Task<void> Load::remove(std::vector<ObjectName> names) {
  for (const ObjectName& name : names) {
    const kube::Resource& resource = loaded_kinds[name.first];
    const auto removed = co_await client_.remove(resource, name.second);
    if (removed) {
      ++result.removed;
      log_.info("removed, no manifest states it any more",
                {{"kind", resource.kind}, {"object", to_string(name.second)}});
    } else if (removed.error().code != Code::not_found) {
      result.problems.push_back(general(fmt::format("cannot remove {} {}: {}", resource.kind,
                                                    to_string(name.second), removed.error().what)));
    }
  }
}

// A ScaledObject may have to wait until another one has left its workload, so what is refused is
// tried again as long as something else succeeds.
Task<void> Load::apply(std::vector<LoadPlan::Apply> all) {
  std::size_t done = 0;
  while (!all.empty()) {
    std::vector<LoadPlan::Apply> refused;
    std::vector<kube::ManifestProblem> problems;
    const std::size_t tried = all.size();
    for (LoadPlan::Apply& what : all) {
      if (++done % applied_per_turn_max == 0) (void)co_await base::sleep_for(Duration{});
      const auto applied = co_await apply_one(what);
      if (applied) continue;
      problems.push_back(failure(what, applied.error()));
      refused.push_back(std::move(what));
    }
    if (refused.size() == tried) {
      std::ranges::move(problems, std::back_inserter(result.problems));
      co_return;
    }
    all = std::move(refused);
  }
}

Task<Result<void>> Load::apply_one(const LoadPlan::Apply& what) {
  const kube::Manifest& manifest = what.manifest;
  auto applied = co_await client_.apply(manifest.resource, manifest.key, what.object,
                                        std::string(field_manager));
  if (!applied) co_return std::unexpected(std::move(applied).error());
  const auto kind = std::ranges::find(loaded_kinds, manifest.resource) - std::begin(loaded_kinds);
  if (is_unchanged({static_cast<std::size_t>(kind), manifest.key}, *applied)) {
    ++result.unchanged;
  } else {
    ++result.applied;
    log_not_honoured(what);
  }
  co_return Result<void>{};
}

bool Load::is_unchanged(const ObjectName& name, const json::Value& after) const {
  const auto before = existing_.find(name);
  return before != existing_.end() && version_of(before->second) == version_of(after);
}

void Load::log_not_honoured(const LoadPlan::Apply& what) const {
  std::string fields;
  for (const std::string& path : kube::not_honoured(what.manifest.resource, what.manifest.object)) {
    if (!fields.empty()) fields += ", ";
    fields += path;
  }
  if (fields.empty()) return;
  log_.warn("fields without effect on local processes", {{"kind", what.manifest.resource.kind},
                                                         {"object", to_string(what.manifest.key)},
                                                         {"file", what.manifest.file},
                                                         {"fields", fields}});
}

}  // namespace

Task<LoadResult> Loader::load(kube::Manifests manifests) {
  if (!manifests.problems.empty()) {
    auto problems = check_manifests(manifests.objects);
    std::ranges::move(problems, std::back_inserter(manifests.problems));
    co_return LoadResult{.problems = std::move(manifests.problems)};
  }
  auto existing = co_await list_existing(client_);
  if (!existing) co_return LoadResult{.problems = {general(existing.error().what)}};
  LoadPlan plan = plan_load(std::move(manifests.objects), *existing);
  if (!plan.problems.empty()) co_return LoadResult{.problems = std::move(plan.problems)};
  Load load(client_, log_, *existing);
  co_await load.remove(std::move(plan.removed));
  co_await load.apply(std::move(plan.apply));
  co_return std::move(load.result);
}

}  // namespace cluster
