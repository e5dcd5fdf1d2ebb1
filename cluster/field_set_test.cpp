#include "cluster/field_set.h"

#include <gtest/gtest.h>

#include "kube/testing/samples.h"

namespace cluster {
namespace {

using kube::testing::parsed;

struct SetCase {
  const char* name;
  const char* object;
  const char* want;
};

const SetCase set_cases[] = {
    {"nothing", "{}", "{}"},
    {"a scalar", R"({"spec":{"replicas":3}})", R"({"f:spec":{"f:replicas":{}}})"},
    {"null is not stated", R"({"spec":{"replicas":null}})", R"({"f:spec":{}})"},
    {"a list without keys is one field", R"({"spec":{"other":{"a":[1,2]}}})",
     R"({"f:spec":{"f:other":{"f:a":{}}}})"},
    {"a keyed list",
     R"({"spec":{"template":{"spec":{"containers":[{"name":"x","command":["a"]}]}}}})",
     R"({"f:spec":{"f:template":{"f:spec":{"f:containers":)"
     R"({"k:{\"name\":\"x\"}":{"f:name":{},"f:command":{},".":{}}}}}}})"},
    {"a set", R"({"metadata":{"finalizers":["a","b"]}})",
     R"({"f:metadata":{"f:finalizers":{"v:\"a\"":{},"v:\"b\"":{}}}})"},
};

TEST(FieldSet, HasKubernetesForm) {
  for (const auto& c : set_cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(json::print(field_set(kube::deployment_shape, parsed(c.object))), c.want);
  }
}

struct MergeCase {
  const char* name;
  const char* live;
  const char* stated;
  const char* want;
};

const MergeCase merge_cases[] = {
    {"members are joined", R"({"spec":{"a":1}})", R"({"spec":{"b":2}})",
     R"({"spec":{"a":1,"b":2}})"},
    {"scalars are replaced", R"({"spec":{"replicas":1}})", R"({"spec":{"replicas":2}})",
     R"({"spec":{"replicas":2}})"},
    {"another type replaces", R"({"spec":5})", R"({"spec":{"replicas":2}})",
     R"({"spec":{"replicas":2}})"},
    {"owners are joined by uid", R"({"metadata":{"ownerReferences":[{"uid":"1","name":"a"}]}})",
     R"({"metadata":{"ownerReferences":[{"uid":"2"},{"uid":"1","name":"b"}]}})",
     R"({"metadata":{"ownerReferences":[{"uid":"1","name":"b"},{"uid":"2"}]}})"},
    {"sets are joined", R"({"metadata":{"finalizers":["a"]}})",
     R"({"metadata":{"finalizers":["b","a"]}})", R"({"metadata":{"finalizers":["a","b"]}})"},
    {"an item that is no object is appended", R"({"metadata":{"ownerReferences":["odd"]}})",
     R"({"metadata":{"ownerReferences":["even"]}})",
     R"({"metadata":{"ownerReferences":["odd","even"]}})"},
};

TEST(FieldSet, StatedFieldsAreMergedByTheirShape) {
  for (const auto& c : merge_cases) {
    SCOPED_TRACE(c.name);
    json::Value live = parsed(c.live);
    merge_stated(kube::deployment_shape, live, parsed(c.stated));
    EXPECT_EQ(json::print(live), c.want);
  }
}

struct RemoveCase {
  const char* name;
  const char* live;
  const char* old;   // stated before
  const char* kept;  // stated still, by anyone
  const char* want;
};

const RemoveCase remove_cases[] = {
    {"a field that nobody states goes", R"({"a":1,"b":2})", R"({"f:a":{}})", "{}", R"({"b":2})"},
    {"a field that another states stays", R"({"a":1})", R"({"f:a":{}})", R"({"f:a":{}})",
     R"({"a":1})"},
    {"a map goes when it has become empty", R"({"m":{"a":1}})", R"({"f:m":{"f:a":{}}})", "{}",
     "{}"},
    {"a map with more in it stays", R"({"m":{"a":1,"b":2}})", R"({"f:m":{"f:a":{}}})", "{}",
     R"({"m":{"b":2}})"},
    {"a map that is stated stays, empty", R"({"m":{"a":1}})", R"({"f:m":{"f:a":{}}})",
     R"({"f:m":{}})", R"({"m":{}})"},
    {"an item goes whole", R"({"l":[{"name":"x","a":1},{"name":"y"}]})",
     R"({"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:name":{}}}})", "{}", R"({"l":[{"name":"y"}]})"},
    {"an item that another states loses one field", R"({"l":[{"name":"x","a":1}]})",
     R"({"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:a":{},"f:name":{}}}})",
     R"({"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:name":{}}}})", R"({"l":[{"name":"x"}]})"},
    {"a member of a set", R"({"s":["a","b"]})", R"({"f:s":{"v:\"a\"":{}}})", "{}",
     R"({"s":["b"]})"},
    {"what is gone already", R"({"b":2})", R"({"f:a":{"f:c":{}}})", "{}", R"({"b":2})"},
    {"a set that is damaged", R"({"b":2})", R"({"f:b":5,"k:{":{},"x":{}})", "{}", R"({"b":2})"},
};

TEST(FieldSet, FieldsThatNobodyStatesGo) {
  for (const auto& c : remove_cases) {
    SCOPED_TRACE(c.name);
    json::Value live = parsed(c.live);
    const json::Value old = parsed(c.old);
    const json::Value kept = parsed(c.kept);
    const json::Object* others[] = {&kept.get_object()};
    remove_fields(live, old.get_object(), others);
    EXPECT_EQ(json::print(live), c.want);
  }
}

struct ChangeCase {
  const char* name;
  const char* set;
  const char* before;
  const char* after;
  const char* want;
};

const ChangeCase change_cases[] = {
    {"the same value stays owned", R"({"f:a":{}})", R"({"a":1})", R"({"a":1})", R"({"f:a":{}})"},
    {"another value does not", R"({"f:a":{},"f:b":{}})", R"({"a":1,"b":1})", R"({"a":2,"b":1})",
     R"({"f:b":{}})"},
    {"a removed one does not", R"({"f:m":{"f:a":{}}})", R"({"m":{"a":1}})", R"({"m":{}})", "{}"},
    {"within an item", R"({"f:l":{"k:{\"name\":\"x\"}":{".":{},"f:a":{}}}})",
     R"({"l":[{"name":"x","a":1}]})", R"({"l":[{"name":"x","a":2}]})",
     R"({"f:l":{"k:{\"name\":\"x\"}":{".":{}}}})"},
};

TEST(FieldSet, ChangedFieldsAreNoLongerOwned) {
  for (const auto& c : change_cases) {
    SCOPED_TRACE(c.name);
    const json::Value before = parsed(c.before);
    const json::Value after = parsed(c.after);
    EXPECT_EQ(json::print(unchanged_fields(parsed(c.set).get_object(), &before, &after)), c.want);
  }
}

}  // namespace
}  // namespace cluster
