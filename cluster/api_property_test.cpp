#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>

#include "base/random.h"
#include "base/testing/fake_clock.h"
#include "cluster/api.h"
#include "kube/testing/await.h"
#include "kube/testing/samples.h"
#include "kube/types.h"
#include "storage/testing/fake_journal.h"

// Random operations on the API against a model that a page holds, and a watch that must tell the
// same story.

namespace cluster {
namespace {

using kube::Key;
using kube::testing::await;

struct ModelObject {
  int replicas = 1;
  std::string label;
  std::string status;
  std::int64_t generation = 1;
  std::uint64_t version = 0;
  bool operator==(const ModelObject&) const = default;
};

using Model = std::map<std::string, ModelObject>;

ModelObject seen(const json::Value& object) {
  const auto deployment = kube::deployment_from_json(object).value();
  const auto label = deployment.meta.labels.find("l");
  return {
      .replicas = deployment.replicas,
      .label = label == deployment.meta.labels.end() ? "" : label->second,
      .status = deployment.status.conditions.empty() ? "" : deployment.status.conditions[0].reason,
      .generation = deployment.meta.generation,
      .version = std::stoull(deployment.meta.resource_version)};
}

// Follows a watch into a model of its own.
class Follower {
 public:
  // `existing` objects come first, in the order of their names; changes follow in the order of
  // their versions.
  Follower(base::Loop& loop, std::unique_ptr<kube::Watch> watch, std::size_t existing)
      : loop_(loop), watch_(std::move(watch)), existing_(existing) {}

  void follow(std::uint64_t until) {
    while (version_ < until || existing_ > 0) {
      auto event = await(loop_, watch_->next());
      ASSERT_TRUE(event) << event.error().what;
      apply(*event);
    }
  }
  const Model& model() const { return model_; }

 private:
  void apply(const kube::WatchEvent& event) {
    const std::string name = kube::key_of(event.object).name;
    const ModelObject object = seen(event.object);
    if (existing_ > 0) {
      --existing_;
      EXPECT_EQ(event.type, kube::WatchEvent::Type::added);
    } else {
      EXPECT_GT(object.version, version_);
    }
    version_ = std::max(version_, object.version);
    using Type = kube::WatchEvent::Type;
    EXPECT_EQ(model_.contains(name), event.type != Type::added) << name;
    if (event.type == Type::removed) {
      model_.erase(name);
    } else {
      model_[name] = object;
    }
  }

  base::Loop& loop_;
  std::unique_ptr<kube::Watch> watch_;
  std::size_t existing_;
  Model model_;
  std::uint64_t version_ = 0;
};

class Play {
 public:
  explicit Play(std::uint64_t seed) : random_(seed) { reopen(); }

  void step();
  void check();

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  std::string name() { return std::string(1, static_cast<char>('a' + draw(5))); }
  Key key(const std::string& n) const { return {"default", n}; }

  void reopen() {
    follower_.reset();
    api_ = Api::open(&journal_, clock_, Log{}).value();
    client_.emplace(*api_);
    auto watch = await(loop_, client_->watch(kube::deployments)).value();
    follower_.emplace(loop_, std::move(watch), model_.size());
  }
  // The model's next version of an object, unless the write changed nothing.
  void expect_written(const std::string& n, ModelObject wanted, const Result<json::Value>& answer) {
    ASSERT_TRUE(answer) << answer.error().what;
    ModelObject& now = model_.at(n);
    const ModelObject got = seen(*answer);
    wanted.version = now.version;
    wanted.generation = now.generation + (wanted.replicas == now.replicas ? 0 : 1);
    if (wanted == now) {
      EXPECT_EQ(got, now);
      return;
    }
    EXPECT_GT(got.version, newest_);
    newest_ = wanted.version = got.version;
    EXPECT_EQ(got, wanted);
    now = got;
  }

  void create(const std::string& n, int replicas);
  void scale(const std::string& n, int replicas);
  void label(const std::string& n, const std::string& text);
  void status(const std::string& n, const std::string& text);
  void update(const std::string& n, int replicas, bool stale);
  void remove(const std::string& n);

  std::mt19937_64 random_;
  base::Loop loop_;
  base::testing::FakeClock clock_;
  storage::testing::FakeJournal journal_;
  std::unique_ptr<Api> api_;
  std::optional<kube::Client> client_;
  std::optional<Follower> follower_;
  Model model_;
  std::uint64_t newest_ = 0;
};

void Play::create(const std::string& n, int replicas) {
  auto made = await(loop_, client_->create(kube::deployments, "default",
                                           kube::testing::deployment_sample(n, replicas)));
  if (model_.contains(n)) {
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Code::already_exists);
    return;
  }
  ASSERT_TRUE(made) << made.error().what;
  const ModelObject got = seen(*made);
  EXPECT_GT(got.version, newest_);
  newest_ = got.version;
  EXPECT_EQ(got, (ModelObject{.replicas = replicas, .version = got.version}));
  model_[n] = got;
}

void Play::scale(const std::string& n, int replicas) {
  const auto done = await(loop_, client_->set_replicas(kube::deployments, key(n), replicas));
  EXPECT_EQ(done.has_value(), model_.contains(n));
  if (!done) return;
  ModelObject wanted = model_[n];
  wanted.replicas = replicas;
  expect_written(n, wanted, await(loop_, client_->get(kube::deployments, key(n))));
}

void Play::label(const std::string& n, const std::string& text) {
  const json::Value value = text.empty() ? json::Value(nullptr) : json::Value(text.c_str());
  const json::Value patch =
      json::Object{{"metadata", json::Object{{"labels", json::Object{{"l", value}}}}}};
  auto patched = await(loop_, client_->patch(kube::deployments, key(n), patch));
  EXPECT_EQ(patched.has_value(), model_.contains(n));
  if (!patched) return;
  ModelObject wanted = model_[n];
  wanted.label = text;
  expect_written(n, wanted, patched);
}

void Play::status(const std::string& n, const std::string& text) {
  const json::Value condition = json::Object{{"type", "T"}, {"status", "True"}, {"reason", text}};
  const json::Value patch =
      json::Object{{"spec", json::Object{{"replicas", 99}}},
                   {"status", json::Object{{"conditions", json::Array{condition}}}}};
  auto patched = await(loop_, client_->patch(kube::deployments, key(n), patch, "status"));
  EXPECT_EQ(patched.has_value(), model_.contains(n));
  if (!patched) return;
  ModelObject wanted = model_[n];
  wanted.status = text;
  expect_written(n, wanted, patched);
}

void Play::update(const std::string& n, int replicas, bool stale) {
  auto object = await(loop_, client_->get(kube::deployments, key(n)));
  EXPECT_EQ(object.has_value(), model_.contains(n));
  if (!object) return;
  if (stale) {
    object->get_object()["metadata"].get_object()["resourceVersion"] =
        boost::json::string(std::to_string(model_[n].version - 1));
  }
  object->get_object()["spec"].get_object()["replicas"] = replicas;
  object->get_object()["status"] = json::Object{{"replicas", 99}};
  auto updated = await(loop_, client_->update(kube::deployments, key(n), *object));
  if (stale) {
    ASSERT_FALSE(updated);
    EXPECT_EQ(updated.error().code, Code::conflict);
    return;
  }
  ModelObject wanted = model_[n];
  wanted.replicas = replicas;
  expect_written(n, wanted, updated);
}

void Play::remove(const std::string& n) {
  const auto removed = await(loop_, client_->remove(kube::deployments, key(n)));
  EXPECT_EQ(removed.has_value(), model_.erase(n) == 1);
}

void Play::step() {
  const std::string n = name();
  const int replicas = static_cast<int>(draw(4));
  switch (draw(16)) {
    case 0:
      return reopen();
    case 1:
    case 2:
      return remove(n);
    case 3:
    case 4:
      return label(n, std::string(draw(3), 'x'));
    case 5:
    case 6:
      return status(n, std::string(1 + draw(2), 'S'));
    case 7:
      return update(n, replicas, true);
    case 8:
    case 9:
      return update(n, replicas, false);
    case 10:
    case 11:
      return scale(n, replicas);
    default:
      return create(n, replicas);
  }
}

void Play::check() {
  const auto listed = await(loop_, client_->list(kube::deployments));
  ASSERT_TRUE(listed);
  Model got;
  for (const json::Value& object : listed->items) got[kube::key_of(object).name] = seen(object);
  EXPECT_EQ(got, model_);
  // A removal may be the newest change, so the watch is asked up to the newest object and may lag
  // behind a removal.
  std::uint64_t newest = 0;
  for (const auto& [n, object] : model_) newest = std::max(newest, object.version);
  follower_->follow(newest);
  for (const auto& [n, object] : model_) EXPECT_EQ(follower_->model().at(n), object) << n;
}

TEST(ApiProperty, RandomOperationsGiveWhatTheModelSays) {
  const char* given = std::getenv("SEED");
  const std::uint64_t seed = given ? std::stoull(given) : base::Random().next();
  SCOPED_TRACE("SEED=" + std::to_string(seed));
  for (std::uint64_t game = 0; game < 20; ++game) {
    Play play(seed + game);
    for (int i = 0; i < 200 && !::testing::Test::HasFailure(); ++i) {
      play.step();
      if (i % 10 == 9) play.check();
    }
    if (::testing::Test::HasFailure()) break;
  }
}

}  // namespace
}  // namespace cluster
