#include "control/board_rows.h"

#include <fmt/format.h>

#include <bit>
#include <charconv>

#include "control/raw.h"

namespace control {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::int64_t hour_ns = std::chrono::nanoseconds(std::chrono::hours(1)).count();
constexpr char points_version = 1;
constexpr std::size_t point_bytes = 8 + 1 + 8 + 8 + 4;
constexpr std::size_t triggers_max = 10'000;
constexpr std::string_view triggers_suffix = "/triggers";

std::unexpected<Error> bad(std::string_view key, std::string_view why) {
  return fail(Code::bad_data, fmt::format("journal key {}: {}", key, why));
}

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t slash = text.find('/'); slash != text.npos; slash = text.find('/')) {
    parts.push_back(text.substr(0, slash));
    text.remove_prefix(slash + 1);
  }
  parts.push_back(text);
  return parts;
}

template <class T>
bool read_number(std::string_view text, T& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

TriggerPoint take_point(std::string_view& in) {
  TriggerPoint point;
  point.at = {take_raw<std::int64_t>(in)};
  point.state = static_cast<scale::Reading::State>(take_raw<std::uint8_t>(in));
  point.value = take_raw<double>(in);
  point.target = take_raw<double>(in);
  point.replicas = take_raw<std::int32_t>(in);
  return point;
}

}  // namespace

std::int64_t hour_of(Timestamp t) {
  return t.ns / hour_ns;
}

std::string decision_key(const kube::Key& object, std::uint64_t id, DecisionKey::Part part) {
  const std::string_view suffix = part == DecisionKey::Part::triggers ? triggers_suffix : "";
  return fmt::format("{}/{}/{:020}{}", object.ns, object.name, id, suffix);
}

std::string chunk_key(const ChunkKey& key) {
  return fmt::format("{}/{}/{}/{}", key.object.ns, key.object.name, key.trigger, key.hour);
}

Result<DecisionKey> parse_decision_key(std::string_view key) {
  std::string_view record = key;
  DecisionKey parsed;
  if (record.ends_with(triggers_suffix)) {
    parsed.part = DecisionKey::Part::triggers;
    record.remove_suffix(triggers_suffix.size());
  }
  const auto parts = split(record);
  if (parts.size() != 3) return bad(key, "not namespace/name/id");
  parsed.object = {std::string(parts[0]), std::string(parts[1])};
  constexpr std::uint64_t id_max = INT64_MAX;  // as JSON knows integers
  if (!read_number(parts[2], parsed.id) || parsed.id == 0 || parsed.id >= id_max)
    return bad(key, "the id is no number");
  return parsed;
}

Result<ChunkKey> parse_chunk_key(std::string_view key) {
  const auto parts = split(key);
  if (parts.size() != 4) return bad(key, "not namespace/name/trigger/hour");
  ChunkKey chunk;
  chunk.object = {std::string(parts[0]), std::string(parts[1])};
  if (!read_number(parts[2], chunk.trigger) || chunk.trigger >= triggers_max)
    return bad(key, "no trigger index");
  if (!read_number(parts[3], chunk.hour)) return bad(key, "the hour is not a number");
  return chunk;
}

std::string encode_points(std::span<const TriggerPoint> points) {
  std::string out;
  out.reserve(1 + points.size() * point_bytes);
  out.push_back(points_version);
  for (const TriggerPoint& point : points) {
    append_raw(out, point.at.ns);
    append_raw(out, static_cast<std::uint8_t>(point.state));
    append_raw(out, point.value);
    append_raw(out, point.target);
    append_raw(out, point.replicas);
  }
  return out;
}

Result<std::vector<TriggerPoint>> decode_points(std::string_view key, std::string_view value) {
  if (value.empty() || value.front() != points_version) return bad(key, "unknown version");
  value.remove_prefix(1);
  if (value.size() % point_bytes != 0) return bad(key, "cut in the middle of a point");
  std::vector<TriggerPoint> points;
  points.reserve(value.size() / point_bytes);
  while (!value.empty()) {
    points.push_back(take_point(value));
    if (points.back().state > scale::Reading::State::not_a_number)
      return bad(key, "unknown reading state");
    if (points.size() > 1 && points[points.size() - 2].at >= points.back().at)
      return bad(key, "points out of order");
  }
  return points;
}

}  // namespace control
