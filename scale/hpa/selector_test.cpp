#include "scale/hpa/selector.h"

#include <gtest/gtest.h>

#include "scale/hpa/external_request.h"

namespace scale::hpa {
namespace {

struct Case {
  const char* name;
  Selector selector;
  const char* text;   // null: it means nothing
  const char* query;  // form-encoded
};

const Case cases[] = {
    {"empty", {}, "", ""},
    {"labels are sorted by key",
     {{{"zone", "b"}, {"app", "x"}}, {}},
     "app=x,zone=b",
     "labelSelector=app%3Dx%2Czone%3Db"},
    {"labels and expressions are sorted together",
     {{{"m", "1"}}, {{"z", "Exists", {}}, {"a", "NotIn", {"y", "x"}}, {"k", "DoesNotExist", {}}}},
     "a notin (x,y),!k,m=1,z",
     "labelSelector=a+notin+%28x%2Cy%29%2C%21k%2Cm%3D1%2Cz"},
    {"prefixed keys",
     {{{"app.kubernetes.io/name", "A_1.b-c"}}, {}},
     "app.kubernetes.io/name=A_1.b-c",
     "labelSelector=app.kubernetes.io%2Fname%3DA_1.b-c"},
    {"an empty value", {{{"k", ""}}, {}}, "k=", "labelSelector=k%3D"},
    {"In without values", {{}, {{"k", "In", {}}}}, nullptr, nullptr},
    {"NotIn without values", {{}, {{"k", "NotIn", {}}}}, nullptr, nullptr},
    {"Exists with values", {{}, {{"k", "Exists", {"v"}}}}, nullptr, nullptr},
    {"DoesNotExist with values", {{}, {{"k", "DoesNotExist", {"v"}}}}, nullptr, nullptr},
    {"an unknown operator", {{}, {{"k", "in", {"v"}}}}, nullptr, nullptr},
    {"a key that no label has", {{{"-k", "v"}}, {}}, nullptr, nullptr},
    {"a prefix that is no domain", {{{"A/k", "v"}}, {}}, nullptr, nullptr},
    {"a value that no label has", {{{"k", "a b"}}, {}}, nullptr, nullptr},
    {"a value that is too long", {{{"k", std::string(64, 'v')}}, {}}, nullptr, nullptr},
};

TEST(Selector, AsTextAndAsQuery) {
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const auto text = selector_text(c.selector);
    const auto request = external_request("ns", "m", c.selector);
    ASSERT_EQ(text.has_value(), c.text != nullptr);
    ASSERT_EQ(request.has_value(), c.query != nullptr);
    if (text) EXPECT_EQ(*text, c.text);
    if (request) EXPECT_EQ(request->query, c.query);
  }
}

TEST(Selector, AsMessagesPrintIt) {
  EXPECT_EQ(debug_text(std::nullopt), "nil");
  EXPECT_EQ(debug_text(Selector{}),
            "&LabelSelector{MatchLabels:map[string]string{},"
            "MatchExpressions:[]LabelSelectorRequirement{},}");
  EXPECT_EQ(debug_text(Selector{{{"b", "2"}, {"a", "1"}}, {{"k", "In", {"y", "x"}}}}),
            "&LabelSelector{MatchLabels:map[string]string{a: 1,b: 2,},"
            "MatchExpressions:[]LabelSelectorRequirement{"
            "LabelSelectorRequirement{Key:k,Operator:In,Values:[y x],},},}");
}

TEST(ExternalRequest, TheMetricIsAPathSegmentInLowerCase) {
  EXPECT_EQ(external_request("Shop", "s0-Prom:Total?", std::nullopt)->path,
            "/apis/external.metrics.k8s.io/v1beta1/namespaces/Shop/s0-prom:total%3F");
}

}  // namespace
}  // namespace scale::hpa
