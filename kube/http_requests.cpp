#include "kube/http_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace kube {
namespace {

struct VerbRow {
  Verb verb;
  std::string_view method;
  std::string_view content_type;  // of the body; empty: there is none
};

constexpr std::string_view plain_json = "application/json";

constexpr std::array<VerbRow, 9> verbs{{
    {Verb::get, "GET", ""},
    {Verb::list, "GET", ""},
    {Verb::watch, "GET", ""},
    {Verb::create, "POST", plain_json},
    {Verb::update, "PUT", plain_json},
    {Verb::merge_patch, "PATCH", "application/merge-patch+json"},
    {Verb::json_patch, "PATCH", "application/json-patch+json"},
    // JSON is YAML.
    {Verb::apply, "PATCH", "application/apply-patch+yaml"},
    {Verb::remove, "DELETE", plain_json},
}};

const VerbRow& row_of(Verb verb) {
  return *std::ranges::find(verbs, verb, &VerbRow::verb);
}

std::string segment(std::string_view text) {
  return "/" + net::http::percent_encode(text, "");
}

std::string path_of(const Request& request, std::string_view prefix) {
  const Resource& resource = request.resource;
  std::string path(prefix);
  path += resource.group.empty() ? "/api" : "/apis" + segment(resource.group);
  path += segment(resource.version);
  if (resource.namespaced && !request.key.ns.empty())
    path += "/namespaces" + segment(request.key.ns);
  path += segment(resource.plural);
  if (!request.key.name.empty()) path += segment(request.key.name);
  if (!request.subresource.empty()) path += segment(request.subresource);
  return path;
}

// "?a=1&b=2" piece by piece; empty values are left out.
class Query {
 public:
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    text_ += text_.empty() ? "?" : "&";
    text_.append(name).append("=").append(net::http::percent_encode(value, ""));
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string query_of(const Request& request, Duration watch_timeout) {
  Query query;
  const ListOptions& list = request.list;
  query.add("labelSelector", list.labels);
  if (list.limit > 0) query.add("limit", std::to_string(list.limit));
  query.add("continue", list.continue_token);
  query.add("fieldManager", request.field_manager);
  if (request.verb == Verb::apply && request.conflicts == Conflicts::take_over) {
    query.add("force", "true");
  }
  if (request.verb == Verb::watch) {
    query.add("watch", "true");
    query.add("allowWatchBookmarks", "true");
    query.add("resourceVersion", request.resource_version);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(watch_timeout);
    query.add("timeoutSeconds", std::to_string(seconds.count()));
  }
  return query.text();
}

json::Value delete_options(const RemoveOptions& options) {
  constexpr std::array<std::string_view, 3> words = {"Background", "Foreground", "Orphan"};
  const std::string_view word = words[static_cast<std::size_t>(options.propagation)];
  json::Object body{{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  body["propagationPolicy"] = boost::json::string_view(word.data(), word.size());
  json::Object conditions;
  if (!options.uid.empty()) conditions["uid"] = options.uid;
  if (!options.resource_version.empty()) conditions["resourceVersion"] = options.resource_version;
  if (!conditions.empty()) body["preconditions"] = std::move(conditions);
  return body;
}

// What the reasons of a Status, and HTTP statuses without one, are to us.
struct Meaning {
  std::string_view reason;
  int status;
  Code code;
};

constexpr std::array<Meaning, 19> meanings{{
    {"BadRequest", 400, Code::invalid},
    {"Unauthorized", 401, Code::denied},
    {"Forbidden", 403, Code::denied},
    {"NotFound", 404, Code::not_found},
    {"MethodNotAllowed", 405, Code::unimplemented},
    {"NotAcceptable", 406, Code::unimplemented},
    {"Conflict", 409, Code::conflict},
    {"AlreadyExists", 409, Code::already_exists},
    {"Expired", 410, Code::unavailable},
    {"Gone", 410, Code::unavailable},
    {"RequestEntityTooLarge", 413, Code::exhausted},
    {"UnsupportedMediaType", 415, Code::unimplemented},
    {"Invalid", 422, Code::invalid},
    // The server's limit, not ours: later it may answer.
    {"TooManyRequests", 429, Code::unavailable},
    {"InternalError", 500, Code::unavailable},
    {"ServerTimeout", 500, Code::timeout},
    {"", 502, Code::unavailable},
    {"ServiceUnavailable", 503, Code::unavailable},
    {"Timeout", 504, Code::timeout},
}};

Code code_of(int status, std::string_view reason) {
  const auto said = std::ranges::find(meanings, reason, &Meaning::reason);
  if (!reason.empty() && said != meanings.end()) return said->code;
  const auto meant = std::ranges::find(meanings, status, &Meaning::status);
  return meant == meanings.end() ? Code::unavailable : meant->code;
}

bool is_status(const json::Value& value) {
  return json::text_at(value, "kind") == "Status";
}

Error status_error(int status, const json::Value& said) {
  const int code = static_cast<int>(json::int_at(said, "code").value_or(status));
  const std::string reason = json::text_at(said, "reason").value_or("");
  std::string what = json::text_at(said, "message").value_or("");
  if (what.empty()) what = reason.empty() ? fmt::format("the server answered {}", code) : reason;
  return {code_of(code, reason), std::move(what)};
}

struct TypeRow {
  std::string_view name;
  WatchEvent::Type type;
};

constexpr std::array<TypeRow, 3> event_types{{{"ADDED", WatchEvent::Type::added},
                                              {"MODIFIED", WatchEvent::Type::modified},
                                              {"DELETED", WatchEvent::Type::removed}}};

std::unexpected<Error> bad_line(std::string_view why) {
  return fail(Code::bad_data, fmt::format("a line of a watch: {}", why));
}

}  // namespace

net::http::Request to_http(const Request& request, std::string_view prefix,
                           Duration watch_timeout) {
  const VerbRow& row = row_of(request.verb);
  net::http::Request http;
  http.method = row.method;
  http.path = path_of(request, prefix) + query_of(request, watch_timeout);
  http.headers.add("accept", std::string(plain_json));
  if (!row.content_type.empty()) {
    http.headers.add("content-type", std::string(row.content_type));
    http.body =
        json::print(request.verb == Verb::remove ? delete_options(request.removal) : request.body);
  }
  return http;
}

Error to_error(int status, std::string_view body) {
  const auto said = json::parse(body);
  if (said && is_status(*said)) return status_error(status, *said);
  constexpr std::size_t shown_max = 200;
  std::string shown(body.substr(0, shown_max));
  std::ranges::replace_if(shown, [](unsigned char c) { return c < ' '; }, ' ');
  return {code_of(status, ""), fmt::format("the server answered {}: {}", status, shown)};
}

Result<WatchLine> read_watch_line(std::string_view line) {
  auto parsed = json::parse(line);
  if (!parsed || !parsed->is_object()) return bad_line("is no JSON object");
  json::Value* object = parsed->get_object().if_contains("object");
  if (object == nullptr || !object->is_object()) return bad_line("holds no object");
  const std::string type = json::text_at(*parsed, "type").value_or("");
  if (type == "ERROR") return std::unexpected(status_error(0, *object));
  WatchLine read;
  if (const json::Value* meta = json::find(*object, "metadata")) {
    read.resource_version = json::text_at(*meta, "resourceVersion").value_or("");
  }
  if (type == "BOOKMARK") return read;
  const auto row = std::ranges::find(event_types, type, &TypeRow::name);
  if (row == event_types.end()) return bad_line(fmt::format("unknown type \"{}\"", type));
  read.event = WatchEvent{row->type, std::move(*object)};
  return read;
}

}  // namespace kube
