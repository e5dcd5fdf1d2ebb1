#include "control/record_codec.h"

#include <xxhash.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>
#include <utility>

#include "control/raw.h"
#include "json/packed.h"
#include "scale/explain.h"

namespace control {
namespace {

static_assert(std::endian::native == std::endian::little);

// What decisions say most: members and names of scale/decision_json.cpp. Stored records are read
// with the words they were written with: a change is a new version below.
constexpr std::array<std::string_view, 51> words_1 = {
    "absent",
    "activation",
    "active",
    "after",
    "again_at",
    "age_s",
    "at",
    "before",
    "clamps",
    "cooldown",
    "detail",
    "error",
    "force_activation",
    "from",
    "held",
    "hold",
    "idle",
    "index",
    "initial_cooldown",
    "kedify-otel",
    "kind",
    "max",
    "min",
    "name",
    "newest",
    "not_a_number",
    "paused",
    "paused_replicas",
    "paused_scale_in",
    "paused_scale_out",
    "percent",
    "period",
    "pods",
    "policy",
    "proposals",
    "query",
    "reason",
    "replicas",
    "series",
    "stabilization",
    "stale",
    "state",
    "target",
    "to",
    "tolerance",
    "trigger",
    "triggers",
    "type",
    "value",
    "window",
    "winner",
};
constexpr std::array<std::string_view, 73> words_2 = {
    "absent",
    "activation",
    "active",
    "after",
    "again_at",
    "age_s",
    "at",
    "basis",
    "before",
    "clamps",
    "cooldown",
    "cooling",
    "detail",
    "ended",
    "error",
    "ever_active",
    "failures",
    "fallback",
    "force_activation",
    "from",
    "growth",
    "held",
    "hold",
    "idle",
    "ignored",
    "inactive_since",
    "incomplete",
    "index",
    "initial_cooldown",
    "just_started",
    "kedify-otel",
    "kind",
    "leaving",
    "left_to_hpa",
    "max",
    "min",
    "name",
    "newest",
    "not_a_number",
    "nothing",
    "number",
    "paused",
    "paused_replicas",
    "paused_scale_in",
    "paused_scale_out",
    "percent",
    "phase",
    "pods",
    "policy",
    "proposals",
    "query",
    "reason",
    "replicas",
    "resting",
    "scaled",
    "series",
    "series_before",
    "silent",
    "span_ns",
    "stabilization",
    "stale",
    "state",
    "stated",
    "target",
    "to",
    "tolerance",
    "trigger",
    "type",
    "unit",
    "used",
    "value",
    "winner",
    "zero",
};

// By version, from 1; the last one is written.
constexpr json::Dictionary dictionaries[] = {words_1, words_2};
static_assert(std::ranges::all_of(dictionaries, [](json::Dictionary words) {
  return std::ranges::is_sorted(words) && words.size() <= json::dictionary_max;
}));
constexpr std::uint8_t version = std::size(dictionaries);
constexpr json::Dictionary words = dictionaries[version - 1];

constexpr std::size_t checksum_bytes = 8;
constexpr std::size_t head_bytes = checksum_bytes + 1 + 4 * 8;

// Writes the checksum of what follows it into the place that was left for it.
std::string sealed(std::string bytes) {
  const std::uint64_t sum =
      XXH3_64bits(bytes.data() + checksum_bytes, bytes.size() - checksum_bytes);
  std::memcpy(bytes.data(), &sum, sizeof(sum));
  return bytes;
}

// What follows the checksum and the version, and the words it was packed with.
struct Content {
  std::string_view bytes;
  json::Dictionary words;
};

Result<Content> unsealed(std::string_view bytes) {
  if (bytes.size() <= checksum_bytes) return fail(Code::bad_data, "cut short");
  const auto sum = take_raw<std::uint64_t>(bytes);
  if (sum != XXH3_64bits(bytes.data(), bytes.size()))
    return fail(Code::bad_data, "damaged: the checksum differs");
  const auto written = take_raw<std::uint8_t>(bytes);
  if (written == 0 || written > version) return fail(Code::bad_data, "unknown version");
  return Content{.bytes = bytes, .words = dictionaries[written - 1]};
}

// The same of a record, which has room for a head.
Result<Content> unsealed_record(std::string_view bytes) {
  if (bytes.size() < head_bytes) return fail(Code::bad_data, "cut short");
  return unsealed(bytes);
}

Result<RecordHead> take_head(std::string_view& in) {
  RecordHead head;
  head.at.ns = take_raw<std::int64_t>(in);
  head.last.ns = take_raw<std::int64_t>(in);
  head.count = take_raw<std::uint64_t>(in);
  head.ordinal = take_raw<std::uint64_t>(in);
  if (head.count == 0 || head.ordinal == 0) return fail(Code::bad_data, "a count of 0");
  return head;
}

std::string blank() {
  std::string bytes(checksum_bytes, '\0');
  append_raw(bytes, version);
  return bytes;
}

Result<std::vector<scale::Decision>> decode_decisions(Content content) {
  TRY(const json::Value value, json::unpack(content.bytes, content.words));
  if (!value.is_array()) return fail(Code::bad_data, "not a list of decisions");
  std::vector<scale::Decision> decisions;
  for (const json::Value& item : value.get_array()) {
    TRY(auto decision, scale::decision_from_json(item));
    decisions.push_back(std::move(decision));
  }
  return decisions;
}

Result<scale::TriggerSpec> decode_trigger(const json::Value& value) {
  auto name = json::text_at(value, "name");
  auto type = json::text_at(value, "type");
  auto query = json::text_at(value, "query");
  const auto target = json::number_at(value, "target");
  const auto activation = json::number_at(value, "activation");
  if (!name || !type || !query || !target || !activation)
    return fail(Code::bad_data, "a trigger's member is missing");
  scale::TriggerSpec trigger;
  trigger.name = *std::move(name);
  trigger.type = *std::move(type);
  trigger.query = *std::move(query);
  trigger.target = *target;
  trigger.activation = *activation;
  return trigger;
}

}  // namespace

std::string encode_record(const RecordHead& head, const scale::Decision& first,
                          const scale::Decision* last) {
  json::Array decisions{scale::to_json(first, {})};
  if (last != nullptr) decisions.push_back(scale::to_json(*last, {}));
  std::string bytes = blank();
  append_raw(bytes, head.at.ns);
  append_raw(bytes, head.last.ns);
  append_raw(bytes, head.count);
  append_raw(bytes, head.ordinal);
  json::pack(decisions, words, bytes);
  return sealed(std::move(bytes));
}

Result<RecordHead> decode_record_head(std::string_view bytes) {
  TRY(Content content, unsealed_record(bytes));
  return take_head(content.bytes);
}

Result<RecordBody> decode_record(std::string_view bytes) {
  TRY(Content content, unsealed_record(bytes));
  TRY(const RecordHead head, take_head(content.bytes));
  TRY(auto decisions, decode_decisions(content));
  if (decisions.size() != (head.count > 1 ? 2u : 1u))
    return fail(Code::bad_data, "a decision is missing");
  RecordBody body{.head = head, .first = std::move(decisions[0]), .last = std::nullopt};
  if (decisions.size() > 1) body.last = std::move(decisions[1]);
  return body;
}

std::string encode_triggers(const std::vector<scale::TriggerSpec>& triggers) {
  json::Array list;
  for (const scale::TriggerSpec& trigger : triggers) {
    list.push_back(json::Object{{"name", trigger.name},
                                {"type", trigger.type},
                                {"query", trigger.query},
                                {"target", trigger.target},
                                {"activation", trigger.activation}});
  }
  std::string bytes = blank();
  json::pack(list, words, bytes);
  return sealed(std::move(bytes));
}

Result<std::vector<scale::TriggerSpec>> decode_triggers(std::string_view bytes) {
  TRY(const Content content, unsealed(bytes));
  TRY(const json::Value value, json::unpack(content.bytes, content.words));
  if (!value.is_array()) return fail(Code::bad_data, "not a list of triggers");
  std::vector<scale::TriggerSpec> triggers;
  for (const json::Value& item : value.get_array()) {
    TRY(auto trigger, decode_trigger(item));
    triggers.push_back(std::move(trigger));
  }
  return triggers;
}

}  // namespace control
