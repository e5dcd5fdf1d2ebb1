#pragma once

// Manifests: YAML files with objects, read so that every problem can be told with file, line and
// field.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"
#include "kube/client.h"
#include "kube/schema.h"
#include "yaml/yaml.h"

namespace kube {

// One object of a file, valid by kube::validate().
struct Manifest {
  Resource resource;
  Key key;             // the namespace is filled in: "default" where none is stated
  json::Value object;  // as written, with that namespace
  std::string file;
  int line = 1;        // where its document begins
  std::string prefix;  // its place in the document: empty, or "items[2]" in a List
  std::shared_ptr<const yaml::Document>
      document;  // shared by the objects of a List; its value is empty

  // The line of one of its fields, or of the nearest part of its path that is there.
  int line_of(std::string_view field) const;
};

struct ManifestProblem {
  std::string file;
  int line = 0;       // 0: the file as a whole
  std::string field;  // empty: no single field
  std::string message;
  bool operator==(const ManifestProblem&) const = default;
};

// "file:line: field: message".
std::string to_string(const ManifestProblem& problem);

// A problem of one object, with its place.
ManifestProblem problem_at(const Manifest& manifest, const Problem& problem);

struct Manifests {
  std::vector<Manifest> objects;  // in the order of files and documents; only valid ones
  std::vector<ManifestProblem> problems;
  std::size_t files = 0;    // that were read
  std::size_t skipped = 0;  // objects of kinds that are not looked at
};

// What a reader makes of kinds that are not among all_resources().
enum class ManifestKinds : std::uint8_t {
  ours,         // a problem
  among_others  // skipped, unless it is nearly one of ours
};

struct ManifestLimits {
  std::size_t files_max = 1'000;
  std::size_t objects_max = 100'000;
  yaml::Limits yaml;
};

// Reads one text; `file` names it in problems. Pure.
Manifests parse_manifests(std::string_view text, const std::string& file,
                          const ManifestLimits& limits = {},
                          ManifestKinds kinds = ManifestKinds::ours);

// The files that paths stand for: themselves, and for a folder every .yaml and .yml below it,
// sorted; hidden ones are skipped. problems: a path that is not there, a folder without any, too
// many files.
struct ManifestFiles {
  std::vector<std::filesystem::path> files;
  std::vector<ManifestProblem> problems;
};
ManifestFiles find_manifests(std::span<const std::filesystem::path> paths,
                             const ManifestLimits& limits = {});

// Reads every file of every path; two objects with one name are a problem that names both places.
// Blocking.
Manifests read_manifests(std::span<const std::filesystem::path> paths,
                         const ManifestLimits& limits = {},
                         ManifestKinds kinds = ManifestKinds::ours);

}  // namespace kube
