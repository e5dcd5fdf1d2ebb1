#include "scale/members.h"

#include <fmt/format.h>

namespace scale::members {
namespace {

constexpr std::int64_t time_ns_max = 6'000'000'000'000'000'000;

}  // namespace

bool is_plausible(Timestamp t) {
  return t.ns >= 0 && t.ns <= time_ns_max;
}

std::unexpected<Error> bad(std::string_view member) {
  return fail(Code::bad_data, fmt::format("member \"{}\" is missing or wrong", member));
}

Result<std::string> text(const json::Value& value, std::string_view key) {
  if (auto found = json::text_at(value, key)) return *std::move(found);
  return bad(key);
}

Result<bool> flag(const json::Value& value, std::string_view key) {
  if (const auto found = json::bool_at(value, key)) return *found;
  return bad(key);
}

Result<std::int64_t> whole(const json::Value& value, std::string_view key) {
  if (const auto found = json::int_at(value, key)) return *found;
  return bad(key);
}

Result<Timestamp> time(const json::Value& value, std::string_view key) {
  TRY(const std::string written, text(value, key));
  const auto parsed = base::parse_time(written);
  if (!parsed || !is_plausible(*parsed)) return bad(key);
  return *parsed;
}

Result<Timestamp> time_ns(const json::Value& value, std::string_view key) {
  TRY(const std::int64_t ns, whole(value, key));
  if (!is_plausible({ns})) return bad(key);
  return Timestamp{ns};
}

Result<const json::Array*> array(const json::Value& value, std::string_view key) {
  const json::Value* found = json::find(value, key);
  if (!found || !found->is_array() || found->get_array().size() > items_max) return bad(key);
  return &found->get_array();
}

}  // namespace scale::members
