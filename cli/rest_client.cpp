#include "cli/rest_client.h"

#include <fmt/format.h>

#include <cctype>
#include <utility>

#include "base/log.h"
#include "base/task.h"
#include "net/client.h"

namespace cli {
namespace {

constexpr std::uint16_t rest_port_default = 9090;

Task<void> fetch(Destination from, std::string path, Result<net::http::Response>* answer) {
  net::http::Request request{
      .method = "GET", .path = std::move(path), .headers = std::move(from.headers)};
  *answer = co_await net::http::send(std::move(from.origin), std::move(request));
}

Error refusal(const DestinationOptions& server, const net::http::Response& answer) {
  const auto body = json::parse(answer.body);
  const auto text = body ? json::text_at(*body, "error") : std::nullopt;
  const Code code = answer.status == 401 ? Code::unauthenticated : Code::unavailable;
  return advised(
      {code, text.value_or(fmt::format("{} answered {}", server.address, answer.status))}, server);
}

}  // namespace

Result<std::string> get(const DestinationOptions& server, std::string path) {
  TRY(Destination from, open_destination(server, rest_port_default));
  base::Loop loop;
  Result<net::http::Response> answer = fail(Code::internal, "no answer");
  base::TaskGroup tasks(loop.executor(), Log{});
  tasks.spawn(fetch(std::move(from), std::move(path), &answer));
  loop.run_until([&tasks] { return tasks.size() == 0; });
  if (!answer) return fail("cannot ask " + server.address, answer.error());
  if (answer->status != 200) return std::unexpected(refusal(server, *answer));
  return std::move(answer->body);
}

Result<json::Value> get_json(const DestinationOptions& server, std::string path) {
  TRY(const std::string body, get(server, std::move(path)));
  return json::parse(body);
}

std::string percent_encode(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' || c == '.' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string object_path(const std::string& object) {
  const auto slash = object.find('/');
  const std::string ns = slash == object.npos ? "default" : object.substr(0, slash);
  const std::string name = slash == object.npos ? object : object.substr(slash + 1);
  return "/api/v1/objects/" + percent_encode(ns) + "/" + percent_encode(name);
}

}  // namespace cli
