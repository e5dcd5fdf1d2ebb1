#include "kube/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "kube/meta.h"
#include "kube/shape.h"
#include "yaml/path.h"

namespace kube {
namespace {

constexpr std::string_view default_namespace = "default";

std::string supported_kinds() {
  std::string text;
  for (const Resource& resource : all_resources()) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} ({})", resource.kind, resource.api_version());
  }
  return text;
}

std::vector<std::string_view> kinds_of(std::span<const Resource> resources) {
  std::vector<std::string_view> kinds;
  for (const Resource& resource : resources) kinds.push_back(resource.kind);
  return kinds;
}

Problem wrong_version(std::string_view version, const Resource& resource) {
  return {"apiVersion", fmt::format("unknown version \"{}\" of {}, want \"{}\"", version,
                                    resource.kind, resource.api_version())};
}

Problem unknown(std::string_view version, std::string_view kind) {
  for (const Resource& resource : all_resources()) {
    if (resource.kind == kind) return wrong_version(version, resource);
  }
  std::string suggestion = did_you_mean(kind, kinds_of(all_resources()));
  return {"kind", fmt::format("unknown kind \"{}\"{}{} known are {}", kind, suggestion,
                              suggestion.empty() ? "," : "", supported_kinds())};
}

// Kinds beside ours in the groups that hold ours: no misspellings.
constexpr std::string_view neighbours[] = {"ClusterTriggerAuthentication", "ScaledJob",
                                           "TriggerAuthentication"};

// What is meant to be one of ours: in its group with a name that is nearly right, or with its name
// under another version. Other kinds are somebody else's.
std::optional<Problem> misspelt(std::string_view version, std::string_view kind) {
  const std::string_view group = version.substr(0, std::min(version.find('/'), version.size()));
  if (std::ranges::find(neighbours, kind) != std::end(neighbours)) return std::nullopt;
  for (const Resource& resource : all_resources()) {
    const bool same_group =
        version.contains('/') ? resource.group == group : resource.group.empty();
    if (resource.kind == kind) {
      const bool old_hpa = resource == horizontal_pod_autoscalers && version == "autoscaling/v1";
      const bool ours = (same_group && !old_hpa) || resource == scaled_objects;
      if (ours) return wrong_version(version, resource);
    } else if (same_group && !nearest(kind, std::array{resource.kind}).empty()) {
      return Problem{"kind", fmt::format("unknown kind \"{}\"{}", kind,
                                         did_you_mean(kind, std::array{resource.kind}))};
    }
  }
  return std::nullopt;
}

// A path of an object, as a path of its document.
std::string in_document(std::string_view prefix, std::string_view field) {
  if (prefix.empty()) return std::string(field);
  if (field.empty()) return std::string(prefix);
  const bool bracket = field.starts_with('[');
  return fmt::format("{}{}{}", prefix, bracket ? "" : ".", field);
}

// Reads the objects of one text.
class TextReader {
 public:
  TextReader(const std::string& file, const ManifestLimits& limits, ManifestKinds kinds)
      : file_(file), limits_(limits), kinds_(kinds) {}

  Manifests read(std::string_view text);

 private:
  void document(const json::Value& value);
  void list(const json::Value& value);
  void object(const json::Value& value, const std::string& prefix);
  const Resource* resource_of(const json::Value& value, std::vector<Problem>& problems) const;
  void add(const std::string& prefix, const Problem& problem);

  const std::string& file_;
  const ManifestLimits& limits_;
  const ManifestKinds kinds_;
  std::shared_ptr<const yaml::Document> place_;  // of what is being read
  Manifests out_;
};

Manifests TextReader::read(std::string_view text) {
  yaml::Parsed parsed = yaml::parse(text, limits_.yaml);
  for (yaml::Document& each : parsed.documents) {
    const json::Value value = std::exchange(each.value, nullptr);
    place_ = std::make_shared<const yaml::Document>(std::move(each));
    document(value);
  }
  for (yaml::Problem& problem : parsed.problems) {
    out_.problems.push_back(
        {file_, problem.line, std::move(problem.path), std::move(problem.message)});
  }
  std::ranges::sort(out_.problems, {}, [](const ManifestProblem& problem) {
    return std::tie(problem.line, problem.field, problem.message);
  });
  return std::move(out_);
}

void TextReader::document(const json::Value& value) {
  const bool is_list =
      json::text_at(value, "kind") == "List" && json::text_at(value, "apiVersion") == "v1";
  if (is_list) {
    list(value);
  } else {
    object(value, "");
  }
}

void TextReader::list(const json::Value& value) {
  const json::Value* items = json::find(value, "items");
  if (items == nullptr || !items->is_array()) {
    return add("", {"items", "a List wants a list of objects"});
  }
  for (std::size_t i = 0; i < items->get_array().size(); ++i) {
    object(items->get_array()[i], yaml::item_path("items", i));
  }
}

// Kubernetes' tools put objects without a namespace into "default".
json::Value with_namespace(const Resource& resource, json::Value object) {
  json::Value* meta = object.get_object().if_contains("metadata");
  if (!resource.namespaced || meta == nullptr || !meta->is_object()) return object;
  json::Value& ns = meta->get_object()["namespace"];
  if (ns.is_null())
    ns = boost::json::string_view(default_namespace.data(), default_namespace.size());
  return object;
}

void TextReader::object(const json::Value& value, const std::string& prefix) {
  if (out_.objects.size() == limits_.objects_max) {
    return add(prefix, {"", fmt::format("more than {} objects", limits_.objects_max)});
  }
  std::vector<Problem> problems;
  const Resource* resource = resource_of(value, problems);
  if (resource != nullptr) {
    json::Value object = with_namespace(*resource, value);
    problems = validate(*resource, object);
    if (problems.empty()) {
      const Key key = key_of(object);
      out_.objects.push_back({.resource = *resource,
                              .key = key,
                              .object = std::move(object),
                              .file = file_,
                              .line = place_->line_of(prefix),
                              .prefix = prefix,
                              .document = place_});
    }
  }
  if (resource == nullptr && problems.empty()) ++out_.skipped;
  for (const Problem& problem : problems) add(prefix, problem);
}

// nullptr without a problem: its kind is not looked at.
const Resource* TextReader::resource_of(const json::Value& value,
                                        std::vector<Problem>& problems) const {
  if (!value.is_object()) {
    problems.push_back({"", fmt::format("want an object, got {}", type_name(value))});
    return nullptr;
  }
  const auto version = json::text_at(value, "apiVersion");
  const auto kind = json::text_at(value, "kind");
  if (!version) problems.push_back({"apiVersion", "required, a string"});
  if (!kind) problems.push_back({"kind", "required, a string"});
  if (!version || !kind) return nullptr;
  if (const Resource* resource = find_resource(*version, *kind)) return resource;
  auto problem = kinds_ == ManifestKinds::ours ? std::optional(unknown(*version, *kind))
                                               : misspelt(*version, *kind);
  if (problem) problems.push_back(*std::move(problem));
  return nullptr;
}

void TextReader::add(const std::string& prefix, const Problem& problem) {
  std::string field = in_document(prefix, problem.field);
  const int line = place_->line_of(field);
  out_.problems.push_back({file_, line, std::move(field), problem.message});
}

}  // namespace

int Manifest::line_of(std::string_view field) const {
  return document->line_of(in_document(prefix, field));
}

std::string to_string(const ManifestProblem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) text += fmt::format(":{}", problem.line);
  if (!problem.field.empty()) text += ": " + problem.field;
  return text + ": " + problem.message;
}

ManifestProblem problem_at(const Manifest& manifest, const Problem& problem) {
  return {.file = manifest.file,
          .line = manifest.line_of(problem.field),
          .field = in_document(manifest.prefix, problem.field),
          .message = problem.message};
}

Manifests parse_manifests(std::string_view text, const std::string& file,
                          const ManifestLimits& limits, ManifestKinds kinds) {
  return TextReader(file, limits, kinds).read(text);
}

}  // namespace kube
