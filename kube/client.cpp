#include "kube/client.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace kube {
namespace {

constexpr int conflict_attempts = 5;

ObjectList to_list(json::Value body) {
  ObjectList list;
  if (const json::Value* meta = json::find(body, "metadata")) {
    list.resource_version = json::text_at(*meta, "resourceVersion").value_or("");
    list.continue_token = json::text_at(*meta, "continue").value_or("");
  }
  if (const json::Value* items = json::find(body, "items"); items && items->is_array()) {
    for (json::Value& item : body.get_object()["items"].get_array()) {
      list.items.push_back(std::move(item));
    }
  }
  return list;
}

// A replica count of zero is left out on the wire.
Result<std::int32_t> replicas_of(const json::Value& scale) {
  const json::Value* spec = json::find(scale, "spec");
  if (spec == nullptr || json::find(*spec, "replicas") == nullptr) return 0;
  const auto count = json::int_at(*spec, "replicas");
  if (!count) return fail(Code::bad_data, "scale: spec.replicas is not an integer");
  return static_cast<std::int32_t>(*count);
}

void put_replicas(json::Value& scale, std::int32_t replicas) {
  if (!scale.is_object()) scale = json::Object{};
  json::Value& spec = scale.get_object()["spec"];
  if (!spec.is_object()) spec = json::Object{};
  spec.get_object()["replicas"] = replicas;
}

Request scale_request(Verb verb, const Resource& resource, Key key) {
  return {.verb = verb, .resource = resource, .key = std::move(key), .subresource = "scale"};
}

}  // namespace

std::string Resource::api_version() const {
  if (group.empty()) return std::string(version);
  return std::string(group).append("/").append(version);
}

std::string to_string(const Key& key) {
  return key.ns.empty() ? key.name : key.ns + "/" + key.name;
}

Task<Result<json::Value>> Client::get(const Resource& resource, Key key,
                                      std::string_view subresource) {
  co_return co_await transport_.call(
      {.verb = Verb::get, .resource = resource, .key = std::move(key), .subresource = subresource});
}

Task<Result<ObjectList>> Client::list(const Resource& resource, std::string ns,
                                      ListOptions options) {
  Request request{.verb = Verb::list,
                  .resource = resource,
                  .key = {.ns = std::move(ns), .name = {}},
                  .list = std::move(options)};
  const bool one_page = request.list.limit > 0;
  if (!one_page) request.list.limit = page_objects;
  ObjectList all;
  do {
    CO_TRY(auto body, co_await transport_.call(request));
    ObjectList page = to_list(std::move(body));
    std::ranges::move(page.items, std::back_inserter(all.items));
    all.resource_version = std::move(page.resource_version);
    all.continue_token = std::move(page.continue_token);
    request.list.continue_token = all.continue_token;
  } while (!one_page && !all.continue_token.empty());
  co_return all;
}

Task<Result<std::unique_ptr<Watch>>> Client::watch(const Resource& resource,
                                                   std::string resource_version, std::string ns) {
  co_return co_await transport_.watch({.verb = Verb::watch,
                                       .resource = resource,
                                       .key = {.ns = std::move(ns), .name = {}},
                                       .resource_version = std::move(resource_version)});
}

Task<Result<json::Value>> Client::create(const Resource& resource, std::string ns,
                                         json::Value object) {
  co_return co_await transport_.call({.verb = Verb::create,
                                      .resource = resource,
                                      .key = {.ns = std::move(ns), .name = {}},
                                      .body = std::move(object)});
}

Task<Result<json::Value>> Client::update(const Resource& resource, Key key, json::Value object,
                                         std::string_view subresource) {
  co_return co_await transport_.call({.verb = Verb::update,
                                      .resource = resource,
                                      .key = std::move(key),
                                      .subresource = subresource,
                                      .body = std::move(object)});
}

Task<Result<json::Value>> Client::patch(const Resource& resource, Key key, json::Value patch,
                                        std::string_view subresource) {
  co_return co_await transport_.call({.verb = Verb::merge_patch,
                                      .resource = resource,
                                      .key = std::move(key),
                                      .subresource = subresource,
                                      .body = std::move(patch)});
}

Task<Result<json::Value>> Client::json_patch(const Resource& resource, Key key,
                                             json::Value operations, std::string_view subresource) {
  co_return co_await transport_.call({.verb = Verb::json_patch,
                                      .resource = resource,
                                      .key = std::move(key),
                                      .subresource = subresource,
                                      .body = std::move(operations)});
}

Task<Result<json::Value>> Client::apply(const Resource& resource, Key key, json::Value object,
                                        std::string field_manager, Conflicts conflicts) {
  co_return co_await transport_.call({.verb = Verb::apply,
                                      .resource = resource,
                                      .key = std::move(key),
                                      .body = std::move(object),
                                      .field_manager = std::move(field_manager),
                                      .conflicts = conflicts});
}

Task<Result<void>> Client::remove(const Resource& resource, Key key, RemoveOptions options) {
  auto answer = co_await transport_.call({.verb = Verb::remove,
                                          .resource = resource,
                                          .key = std::move(key),
                                          .removal = std::move(options)});
  if (!answer) co_return std::unexpected(std::move(answer).error());
  co_return Result<void>{};
}

Task<Result<std::int32_t>> Client::replicas(const Resource& resource, Key key) {
  CO_TRY(auto scale, co_await transport_.call(scale_request(Verb::get, resource, std::move(key))));
  co_return replicas_of(scale);
}

Task<Result<void>> Client::set_replicas(const Resource& resource, Key key, std::int32_t replicas) {
  for (int attempt = 1;; ++attempt) {
    CO_TRY(auto scale, co_await transport_.call(scale_request(Verb::get, resource, key)));
    put_replicas(scale, replicas);
    Request write = scale_request(Verb::update, resource, key);
    write.body = std::move(scale);
    auto answer = co_await transport_.call(std::move(write));
    if (answer) co_return Result<void>{};
    if (answer.error().code != Code::conflict || attempt == conflict_attempts) {
      co_return std::unexpected(std::move(answer).error());
    }
  }
}

}  // namespace kube
