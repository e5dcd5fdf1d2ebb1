// `tidewheel get`, `explain`, `top`, `query`: they ask a running Tidewheel over its REST API and
// print the answer.

#include <fmt/format.h>

#include <cstdio>
#include <functional>

#include "cli/command.h"
#include "cli/rest_client.h"
#include "cli/table.h"
#include "json/json.h"

namespace cli {
namespace {

constexpr std::string_view none = "-";

int failed(const Error& error) {
  fmt::print(stderr, "tidewheel: {}\n", error.what);
  return 1;
}

std::string cell(const json::Value& row, std::string_view key) {
  const json::Value* value = json::find(row, key);
  if (value == nullptr || value->is_null()) return std::string(none);
  if (value->is_string())
    return std::string(value->get_string().data(), value->get_string().size());
  if (value->is_double()) return fmt::format("{:.6g}", value->get_double());
  return json::print(*value);
}

std::string age(const json::Value& row) {
  const auto seconds = json::number_at(row, "ageSeconds");
  if (!seconds) return std::string(none);
  return base::format_duration(std::chrono::seconds(static_cast<std::int64_t>(*seconds)));
}

const json::Array& items(const json::Value& body, std::string_view key) {
  static const json::Array empty;
  const json::Value* list = json::find(body, key);
  return list != nullptr && list->is_array() ? list->get_array() : empty;
}

// One row per trigger; the object's own columns stand on its first row only.
void append_rows(std::vector<Row>& rows, const json::Value& object) {
  const std::string replicas =
      fmt::format("{}/{}", cell(object, "replicas"), cell(object, "desiredReplicas"));
  const std::string bounds =
      fmt::format("{}-{}", cell(object, "minReplicas"), cell(object, "maxReplicas"));
  const auto& problems = items(object, "problems");
  Row row = {cell(object, "namespace"), cell(object, "name"), replicas, bounds};
  if (!problems.empty()) {
    row.insert(row.end(),
               {"problem", std::string(none), std::string(none), std::string(none),
                std::string(problems[0].as_string().data(), problems[0].as_string().size())});
    rows.push_back(std::exchange(row, {"", "", "", ""}));
  }
  for (const json::Value& trigger : items(object, "triggers")) {
    row.insert(row.end(), {cell(trigger, "state"), cell(trigger, "value"), cell(trigger, "target"),
                           age(trigger),
                           fmt::format("{}: {}", cell(trigger, "name"), cell(trigger, "query"))});
    rows.push_back(std::exchange(row, {"", "", "", ""}));
  }
}

std::string objects_text(const json::Array& objects) {
  if (objects.empty()) return "no ScaledObjects\n";
  std::vector<Row> rows = {
      {"NAMESPACE", "NAME", "REPLICAS", "BOUNDS", "STATE", "VALUE", "TARGET", "AGE", "SIGNAL"}};
  for (const json::Value& object : objects) append_rows(rows, object);
  return print_table(rows);
}

std::string top_text(const json::Value& body) {
  std::vector<Row> objects = {{"NAMESPACE", "NAME", "REPLICAS", "MAX", "LOAD", "PROBLEMS"}};
  for (const json::Value& row : items(body, "objects")) {
    objects.push_back({cell(row, "namespace"), cell(row, "name"), cell(row, "replicas"),
                       cell(row, "maxReplicas"),
                       fmt::format("{:.0f}%", json::number_at(row, "load").value_or(0) * 100),
                       cell(row, "problems")});
  }
  std::vector<Row> metrics = {{"METRIC", "SERIES", "SAMPLES"}};
  for (const json::Value& row : items(body, "metrics")) {
    metrics.push_back({cell(row, "name"), cell(row, "series"), cell(row, "samples")});
  }
  return print_table(objects) + "\n" + print_table(metrics);
}

std::string answer_text(const json::Value& answer) {
  return print_table({{"STATE", "VALUE", "AGE", "SERIES", "MATCHED"},
                      {cell(answer, "state"), cell(answer, "value"), age(answer),
                       cell(answer, "series"), cell(answer, "matched")}});
}

// Asks for `path` and prints the body as JSON or as `text` makes it.
int show(const Arguments& arguments, std::string path,
         const std::function<std::string(const json::Value&)>& text) {
  const auto body = get_json(arguments.server, std::move(path));
  if (!body) return failed(body.error());
  fmt::print("{}", arguments.json ? json::print_pretty(*body) + "\n" : text(*body));
  return 0;
}

}  // namespace

int run_get(const Arguments& arguments) {
  if (arguments.object.empty()) {
    return show(arguments, "/api/v1/objects",
                [](const json::Value& body) { return objects_text(items(body, "items")); });
  }
  return show(arguments, object_path(arguments.object),
              [](const json::Value& object) { return objects_text(json::Array{object}); });
}

int run_explain(const Arguments& arguments) {
  std::string path =
      object_path(arguments.object) + "/explain?format=" + (arguments.json ? "json" : "text");
  if (!arguments.at.empty()) path += "&at=" + percent_encode(arguments.at);
  const auto body = get(arguments.server, std::move(path));
  if (!body) return failed(body.error());
  fmt::print("{}{}", *body, body->ends_with('\n') ? "" : "\n");
  return 0;
}

int run_top(const Arguments& arguments) {
  return show(arguments, "/api/v1/top", top_text);
}

int run_query(const Arguments& arguments) {
  std::string path = "/api/v1/query?query=" + percent_encode(arguments.expression) +
                     "&operationOverTime=" + percent_encode(arguments.operation);
  if (!arguments.window.empty()) path += "&window=" + percent_encode(arguments.window);
  return show(arguments, std::move(path), answer_text);
}

}  // namespace cli
