#include "kube/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/file.h"

// From paths on disk to manifests.

namespace kube {
namespace {

namespace fs = std::filesystem;

bool is_manifest(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml";
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

ManifestProblem about(const fs::path& path, std::string message) {
  return {.file = path.string(), .line = 0, .field = {}, .message = std::move(message)};
}

// Every manifest below a folder, sorted by path.
ManifestFiles in_folder(const fs::path& folder, std::size_t files_max) {
  ManifestFiles out;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator{}; it.increment(error)) {
    if (is_hidden(it->path())) {
      it.disable_recursion_pending();
    } else if (is_manifest(it->path()) && is_file(it->path())) {
      out.files.push_back(it->path());
    }
    if (out.files.size() > files_max) break;
  }
  if (error) out.problems.push_back(about(folder, "cannot be read: " + error.message()));
  if (!error && out.files.empty()) {
    out.problems.push_back(about(folder, "holds no .yaml or .yml file"));
  }
  std::ranges::sort(out.files);
  return out;
}

ManifestFiles expand(const fs::path& path, std::size_t files_max) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (fs::is_directory(status)) return in_folder(path, files_max);
  if (fs::exists(status)) return {.files = {path}, .problems = {}};
  return {.files = {}, .problems = {about(path, "does not exist")}};
}

Manifests read_file(const fs::path& path, const ManifestLimits& limits, ManifestKinds kinds) {
  const auto text = base::read_file(path, limits.yaml.bytes_max);
  if (!text) return {.objects = {}, .problems = {about(path, text.error().what)}};
  return parse_manifests(*text, path.string(), limits, kinds);
}

// Keeps the first object of each name; the others become problems.
void refuse_duplicates(Manifests& all) {
  using Name = std::tuple<std::string_view, std::string_view, Key>;
  std::map<Name, std::pair<std::string, int>> places;
  std::vector<Manifest> kept;
  for (Manifest& manifest : all.objects) {
    const Name name{manifest.resource.group, manifest.resource.kind, manifest.key};
    const auto [first, is_new] =
        places.try_emplace(name, manifest.file, manifest.line_of("metadata.name"));
    if (is_new) {
      kept.push_back(std::move(manifest));
      continue;
    }
    all.problems.push_back(problem_at(
        manifest, {"metadata.name", fmt::format("{} \"{}\" is stated twice, first in {}:{}",
                                                manifest.resource.kind, to_string(manifest.key),
                                                first->second.first, first->second.second)}));
  }
  all.objects = std::move(kept);
}

// A file that two paths lead to is read once.
void drop_repeated(std::vector<fs::path>& files) {
  std::set<fs::path> seen;
  std::erase_if(files, [&seen](const fs::path& file) {
    std::error_code error;
    const fs::path canonical = fs::canonical(file, error);
    return !error && !seen.insert(canonical).second;
  });
}

template <class T>
void append(std::vector<T>& to, std::vector<T> from) {
  std::ranges::move(from, std::back_inserter(to));
}

}  // namespace

ManifestFiles find_manifests(std::span<const fs::path> paths, const ManifestLimits& limits) {
  ManifestFiles all;
  for (const fs::path& path : paths) {
    ManifestFiles some = expand(path, limits.files_max);
    append(all.files, std::move(some.files));
    append(all.problems, std::move(some.problems));
    if (all.files.size() <= limits.files_max) continue;
    all.problems.push_back(about(path, fmt::format("more than {} files", limits.files_max)));
    break;
  }
  drop_repeated(all.files);
  return all;
}

Manifests read_manifests(std::span<const fs::path> paths, const ManifestLimits& limits,
                         ManifestKinds kinds) {
  ManifestFiles found = find_manifests(paths, limits);
  Manifests all{.objects = {}, .problems = std::move(found.problems)};
  for (const fs::path& file : found.files) {
    Manifests some = read_file(file, limits, kinds);
    all.skipped += some.skipped;
    append(all.objects, std::move(some.objects));
    append(all.problems, std::move(some.problems));
  }
  all.files = found.files.size();
  refuse_duplicates(all);
  return all;
}

}  // namespace kube
