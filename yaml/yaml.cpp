#include "yaml/yaml.h"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <exception>
#include <sstream>
#include <utility>

#include "yaml/builder.h"
#include "yaml/path.h"

namespace yaml {
namespace {

constexpr std::size_t alias_bytes_max = 16u << 20;
constexpr std::size_t path_bytes_max = 64u << 20;

// yaml-cpp's words with its own prefix cut off: the line is told apart from them.
std::string words_of(const YAML::Exception& error) {
  return "bad YAML: " + error.msg;
}

void parse_documents(std::istream& in, const Limits& limits, Parsed& parsed) {
  Budget budget{
      .nodes = limits.nodes_max, .alias_bytes = alias_bytes_max, .path_bytes = path_bytes_max};
  YAML::Parser parser(in);
  for (;;) {
    Builder builder(limits, budget, parsed.problems);
    if (!parser.HandleNextDocument(builder)) return;
    if (auto document = builder.take()) parsed.documents.push_back(*std::move(document));
  }
}

}  // namespace

int Document::line_of(std::string_view path) const {
  for (; !path.empty(); path = parent_path(path)) {
    if (const auto found = lines.find(path); found != lines.end()) return found->second;
  }
  return line;
}

Parsed parse(std::string_view text, const Limits& limits) {
  Parsed parsed;
  if (text.size() > limits.bytes_max) {
    const std::string message = "larger than " + std::to_string(limits.bytes_max) + " bytes";
    parsed.problems.push_back({.line = 1, .path = {}, .message = message});
    return parsed;
  }
  std::istringstream in{std::string(text)};
  try {
    parse_documents(in, limits, parsed);
  } catch (const Refused& refused) {
    parsed.problems.push_back({.line = refused.line, .path = {}, .message = refused.what()});
  } catch (const YAML::Exception& error) {
    parsed.problems.push_back(
        {.line = error.mark.line + 1, .path = {}, .message = words_of(error)});
  } catch (const std::exception& error) {
    parsed.problems.push_back(
        {.line = 1, .path = {}, .message = std::string("bad YAML: ") + error.what()});
  }
  return parsed;
}

}  // namespace yaml
