#include "server/listing_text.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "json/json.h"
#include "server/samples.h"
#include "tsdb/metric_query.h"

namespace server {
namespace {

constexpr int indent = 4;

std::string quoted(std::string_view text) {
  return json::print(json::Value(text));
}

// The items of the array that is the one member of an object, as they stand there.
std::string items_of(std::span<const tsdb::SeriesRow> rows) {
  constexpr std::string_view before = "{\n    \"\": [\n";
  constexpr std::string_view after = "\n    ]\n}";
  json::Array items;
  for (const auto& row : rows) items.push_back(to_json(row));
  const std::string whole = json::print_pretty(json::Object{{"", std::move(items)}}, indent);
  return whole.substr(before.size(), whole.size() - before.size() - after.size());
}

}  // namespace

std::string SeriesText::piece(std::span<const tsdb::SeriesRow> rows) {
  std::string text;
  while (!rows.empty()) {
    const std::string metric = tsdb::fold_name(rows.front().metric);
    const auto other = std::ranges::find_if(
        rows, [&](const auto& row) { return tsdb::fold_name(row.metric) != metric; });
    const auto count = static_cast<std::size_t>(other - rows.begin());
    text += head_of(metric) + items_of(rows.first(count));
    rows = rows.subspan(count);
  }
  return text;
}

// What stands before the next series.
std::string SeriesText::head_of(const std::string& metric) {
  if (!empty_ && metric == metric_) return ",\n";
  const std::string before = empty_ ? "{\n" : "\n    ],\n";
  empty_ = false;
  metric_ = metric;
  return before + "    " + quoted(metric) + ": [\n";
}

std::string SeriesText::end() const {
  return empty_ ? "{}" : "\n    ]\n}";
}

std::string NameText::piece(std::span<const std::string> names) {
  std::string text;
  for (const auto& name : names) {
    text += std::exchange(empty_, false) ? "[\n    " : ",\n    ";
    text += quoted(name);
  }
  return text;
}

std::string NameText::end() const {
  return empty_ ? "null" : "\n]";
}

}  // namespace server
