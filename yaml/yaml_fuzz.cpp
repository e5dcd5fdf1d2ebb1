#include "yaml/yaml.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"

// Whatever the text is, parsing answers within its limits; and since JSON is YAML, what was read
// can be written as JSON and reads back the same. Every noted line is one of the text.

namespace {

constexpr yaml::Limits limits{.bytes_max = 1u << 16, .nodes_max = 5'000, .depth_max = 32};

// An implicit key of YAML is at most 1024 characters long; JSON's may be longer.
bool has_long_key(const json::Value& value) {
  if (value.is_array()) {
    for (const json::Value& item : value.get_array()) {
      if (has_long_key(item)) return true;
    }
  }
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      if (member.key().size() > 200 || has_long_key(member.value())) return true;
    }
  }
  return false;
}

// A quoted key of JSON stays quoted, so it is never a merge.
void check_round_trip(const json::Value& value) {
  if (has_long_key(value)) return;
  const yaml::Parsed again = yaml::parse(json::print(value), limits);
  if (!again.problems.empty() && again.problems[0].message.starts_with("larger")) return;
  CHECK(again.problems.empty());
  CHECK(again.documents.size() == 1);
  CHECK(again.documents[0].value == value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const yaml::Parsed parsed = yaml::parse(text, limits);
  for (const yaml::Document& document : parsed.documents) {
    for (const auto& [path, line] : document.lines) CHECK(line >= 1 && !path.empty());
    check_round_trip(document.value);
  }
  for (const yaml::Problem& problem : parsed.problems) CHECK(problem.line >= 0);
  return 0;
}
