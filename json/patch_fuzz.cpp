#include "json/patch.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

// The input is two lines: a document and a patch, or another document. A patch gives what its
// operations give one by one; the difference of two documents turns one into the other.

namespace {

using json::Value;

std::string escaped(std::string_view key) {
  std::string out;
  for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  return out;
}

void append(json::Array& patch, const char* op, const std::string& path, const Value& value) {
  patch.push_back(json::Object{{"op", op}, {"path", path}, {"value", value}});
}

// The plainest difference: members one by one, everything else as a whole.
void diff(const Value& from, const Value& to, const std::string& path, json::Array& patch) {
  if (!from.is_object() || !to.is_object()) return append(patch, "replace", path, to);
  for (const auto& member : from.get_object()) {
    const std::string inner = path + "/" + escaped(member.key());
    if (!to.get_object().contains(member.key())) append(patch, "remove", inner, nullptr);
  }
  for (const auto& member : to.get_object()) {
    const std::string inner = path + "/" + escaped(member.key());
    const Value* before = from.get_object().if_contains(member.key());
    if (before == nullptr) append(patch, "add", inner, member.value());
    if (before != nullptr) diff(*before, member.value(), inner, patch);
  }
}

void check_one_by_one(const Value& document, const Value& patch) {
  const auto whole = json::apply_patch(document, patch);
  Result<Value> stepwise = document;
  for (const Value& item : patch.get_array()) {
    if (stepwise) stepwise = json::apply_patch(*stepwise, json::Array{item});
  }
  // Limits count over a whole patch.
  if (!whole && whole.error().code == Code::exhausted) return;
  CHECK(whole.has_value() == stepwise.has_value());
  if (whole) CHECK(*whole == *stepwise);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t end = text.find('\n');
  const auto document = json::parse(text.substr(0, end));
  const auto other = json::parse(end == text.npos ? "" : text.substr(end + 1));
  if (!document || !other) return 0;
  if (other->is_array()) check_one_by_one(*document, *other);
  json::Array patch;
  diff(*document, *other, "", patch);
  const auto changed = json::apply_patch(*document, patch, {.operations_max = size});
  CHECK(changed && json::same_value(*changed, *other));
  return 0;
}
