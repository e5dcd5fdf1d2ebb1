#include "cluster/page.h"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "kube/meta.h"

namespace cluster {
namespace {

kube::TextMap labels_of(const json::Value& object) {
  kube::TextMap labels;
  const json::Value* stated = json::find(object, "metadata", "labels");
  if (stated == nullptr || !stated->is_object()) return labels;
  for (const auto& label : stated->get_object()) {
    labels[std::string(label.key())] = json::text_at(*stated, label.key()).value_or("");
  }
  return labels;
}

std::string to_continue(const PageStart& next) {
  return fmt::format("{}/{}/{}", next.version, next.after.ns, next.after.name);
}

}  // namespace

Result<PageStart> read_continue(std::string_view token, std::uint64_t version) {
  if (token.empty()) return PageStart{.after = {}, .version = version};
  PageStart start;
  const auto [end, error] =
      std::from_chars(token.data(), token.data() + token.size(), start.version);
  const std::size_t first = token.find('/');
  const std::size_t second = token.find('/', first + 1);
  const bool whole = error == std::errc{} && end == token.data() + first;
  if (first == token.npos || second == token.npos || !whole || start.version > version) {
    return fail(Code::invalid, "continue key is not valid");
  }
  start.after = {.ns = std::string(token.substr(first + 1, second - first - 1)),
                 .name = std::string(token.substr(second + 1))};
  return start;
}

json::Value to_page(const Kind& kind, const std::vector<Stored>& objects,
                    const kube::LabelSelector& selector, const PageOptions& options) {
  json::Array items;
  json::Object meta{{"resourceVersion", std::to_string(options.version)}};
  for (const Stored& object : objects) {
    if (!selector.matches(labels_of(*object))) continue;
    if (options.limit > 0 && items.size() == options.limit) {
      meta["continue"] =
          to_continue({.after = kube::key_of(items.back()), .version = options.version});
      break;
    }
    items.push_back(*object);
  }
  return json::Object{{"kind", std::string(kind.resource.kind) + "List"},
                      {"apiVersion", kind.resource.api_version()},
                      {"metadata", std::move(meta)},
                      {"items", std::move(items)}};
}

}  // namespace cluster
