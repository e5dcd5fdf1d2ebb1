#include "kube/label_selector.h"

#include <gtest/gtest.h>

namespace kube {
namespace {

TEST(LabelSelector, SelectsWhatHoldsAllOfIt) {
  const TextMap labels{{"app", "web"}, {"tier", "front"}, {"example.com/gpu", ""}};
  struct Case {
    const char* text;
    bool want;
  };
  const Case cases[] = {
      {"", true},
      {"  ", true},
      {"app=web", true},
      {"app==web", true},
      {"app = web , tier = front", true},
      {"app=web,tier=back", false},
      {"app!=web", false},
      {"app!=api", true},
      {"missing!=api", true},
      {"missing=", false},
      {"example.com/gpu=", true},
      {"example.com/gpu", true},
      {"missing", false},
      {"!missing", true},
      {"!app", false},
      {"app in (api, web)", true},
      {"app in (api)", false},
      {"app notin (api,db),tier", true},
      {"app notin (web)", false},
      {"missing notin (web)", true},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto selector = LabelSelector::parse(c.text);
    ASSERT_TRUE(selector) << selector.error().what;
    EXPECT_EQ(selector->matches(labels), c.want);
  }
}

TEST(LabelSelector, SaysWhereItIsWrong) {
  struct Case {
    const char* text;
    const char* want;
  };
  const Case cases[] = {
      {"=web", "label selector, at byte 0: want a label's name"},
      {"app=web,", "label selector, at byte 8: want a label's name"},
      {"app within (a)", "label selector, at byte 10: want =, !=, in or notin"},
      {"app in a", "label selector, at byte 7: want '('"},
      {"app in (a", "label selector, at byte 9: want ')'"},
      {"app=web tier=x", "label selector, at byte 8: want ',' or the end"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.text);
    const auto selector = LabelSelector::parse(c.text);
    ASSERT_FALSE(selector);
    EXPECT_EQ(selector.error(), (Error{Code::invalid, c.want}));
  }
}

}  // namespace
}  // namespace kube
