#include "control/hpa_keeper.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "kube/reader.h"

namespace control {
namespace {

constexpr std::string_view manager = "tidewheel-operator";

// Everything that somebody states of an object: not the status, and not what the server counts.
std::string stated_text(const json::Value& object) {
  json::Object stated;
  for (const char* key : {"labels", "annotations", "ownerReferences"}) {
    if (const json::Value* member = json::find(object, "metadata", key)) stated[key] = *member;
  }
  if (const json::Value* spec = json::find(object, "spec")) stated["spec"] = *spec;
  return json::print(stated);
}

std::optional<kube::Condition> condition_of(const json::Value& object, std::string_view type) {
  const json::Value* status = json::find(object, "status");
  if (!status) return std::nullopt;
  kube::Reader in(*status, "status");
  const auto conditions = kube::read_conditions(in);
  const kube::Condition* found = kube::find_condition(conditions, type);
  return found ? std::optional(*found) : std::nullopt;
}

}  // namespace

HpaKeeper::Live HpaKeeper::read(const json::Value& object) {
  Live live{.stated = stated_text(object), .scaling_active = condition_of(object, "ScalingActive")};
  const auto meta = kube::meta_from_json(object);
  if (!meta) return live;
  for (const kube::OwnerReference& owner : meta->owners) {
    if (owner.kind != kube::scaled_objects.kind || !owner.controller) continue;
    live.owner = {meta->ns, owner.name};
    live.owner_uid = owner.uid;
  }
  return live;
}

kube::Follower HpaKeeper::follower(std::function<void()> listed) {
  return {.resource = kube::horizontal_pod_autoscalers,
          .changed = [this](const kube::Key& key, const json::Value& o) { hear(key, o); },
          .removed = [this](const kube::Key& key) { forget(key); },
          .known =
              [this] {
                std::set<kube::Key> keys;
                for (const auto& [key, live] : live_) keys.insert(key);
                return keys;
              },
          .listed =
              [this, listed = std::move(listed)] {
                listed_ = true;
                listed();
              }};
}

void HpaKeeper::hear(const kube::Key& key, const json::Value& object) {
  Live now = read(object);
  Live& before = live_[key];
  if (before == now) return;
  const kube::Key lost = std::exchange(before, now).owner;
  if (!now.owner.name.empty()) changed_(now.owner);
  if (!lost.name.empty() && lost != now.owner) changed_(lost);
}

void HpaKeeper::forget(const kube::Key& key) {
  const auto found = live_.extract(key);
  applied_.erase(key);
  if (found && !found.mapped().owner.name.empty()) changed_(found.mapped().owner);
}

Task<Result<void>> HpaKeeper::keep(HpaOwner owner, json::Value wanted) {
  const kube::Key key = kube::key_of(wanted);
  std::string text = json::print(wanted);
  const auto live = live_.find(key);
  if (live != live_.end()) {
    const bool ours = live->second.owner_uid == owner.uid;
    if (!ours && !owner.takes_over) {
      co_return fail(Code::already_exists,
                     fmt::format("HorizontalPodAutoscaler {} exists and is not this ScaledObject's "
                                 "(scaledobject.keda.sh/transfer-hpa-ownership takes it over)",
                                 key.name));
    }
    const auto applied = applied_.find(key);
    const bool same = applied != applied_.end() && applied->second.wanted == text &&
                      applied->second.stated == live->second.stated;
    if (same) co_return Result<void>{};
  }
  CO_TRY(const json::Value answer, co_await client_.apply(kube::horizontal_pod_autoscalers, key,
                                                          std::move(wanted), std::string(manager)));
  Live made = read(answer);
  applied_[key] = {.wanted = std::move(text), .stated = made.stated};
  live_[key] = std::move(made);
  co_return Result<void>{};
}

Task<Result<void>> HpaKeeper::remove_others(HpaOwner owner, std::string kept) {
  std::vector<kube::Key> others;
  for (const auto& [key, live] : live_) {
    if (live.owner_uid == owner.uid && key.name != kept) others.push_back(key);
  }
  for (const kube::Key& key : others) {
    auto removed = co_await client_.remove(kube::horizontal_pod_autoscalers, key);
    if (!removed && removed.error().code != Code::not_found) co_return removed;
  }
  co_return Result<void>{};
}

std::optional<kube::Condition> HpaKeeper::scaling_active(const kube::Key& hpa) const {
  const auto found = live_.find(hpa);
  return found == live_.end() ? std::nullopt : found->second.scaling_active;
}

}  // namespace control
