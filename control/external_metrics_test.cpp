#include "control/external_metrics.h"

#include <gtest/gtest.h>

#include <limits>

namespace control {
namespace {

using scale::Basis;
using State = scale::Reading::State;

const kube::Key object{"shop", "Mail"};

Plan plan_of(std::size_t triggers) {
  Plan plan;
  for (std::size_t i = 0; i < triggers; ++i) {
    plan.spec.triggers.push_back({.name = "t" + std::to_string(i), .type = "kedify-otel"});
  }
  return plan;
}

scale::Proposal proposal(Basis basis, double used, std::optional<scale::Replicas> replicas = 5) {
  const bool fresh = basis == Basis::value;
  return {.reading = {.state = fresh ? State::value : State::stale},
          .replicas = replicas,
          .basis = basis,
          .used = used};
}

scale::Decision decision(std::vector<scale::Proposal> proposals) {
  scale::Decision out{.from = 4, .proposals = std::move(proposals)};
  for (std::size_t i = 0; i < out.proposals.size(); ++i) out.proposals[i].trigger = i;
  return out;
}

TEST(ExternalMetrics, AreNamedAsKedaNamesThem) {
  EXPECT_EQ(external_metric_names(plan_of(2), object),
            (std::vector<std::string>{"s0-shop-Mail", "s1-shop-Mail"}));
}

TEST(ExternalMetrics, AreFoundWithoutRegardToCase) {
  const Plan plan = plan_of(2);
  const auto of = decision({proposal(Basis::value, 7), proposal(Basis::value, 8)});
  EXPECT_EQ(external_value(plan, object, of, "s1-shop-mail"), 8000);
  EXPECT_EQ(external_value(plan, object, of, "S0-SHOP-MAIL"), 7000);
  for (const char* name : {"s2-shop-mail", "composite-metric", "s0-shop", ""}) {
    EXPECT_EQ(external_value(plan, object, of, name).error().code, Code::not_found) << name;
  }
}

TEST(ExternalMetrics, SayWhatTheDecisionCompared) {
  struct Case {
    const char* name;
    scale::Proposal proposal;
    std::optional<scale::hpa::Milli> want;  // none: unavailable
  };
  scale::Proposal raising = proposal(Basis::value, 50, 5);
  raising.reading.complete = false;
  scale::Proposal lowering = proposal(Basis::value, 30, 3);
  lowering.reading.complete = false;
  const Case cases[] = {
      {"value", proposal(Basis::value, 42.5), 42'500},
      {"cut, not rounded", proposal(Basis::value, 1.9999), 1'999},
      {"negative: an HPA would take it for an overflow", proposal(Basis::value, -7), 0},
      {"enormous", proposal(Basis::value, 1e300), scale::hpa::milli_max},
      {"zero by policy", proposal(Basis::zero, 0), 0},
      {"a stated number", proposal(Basis::stated, 12), 12'000},
      {"fallback", proposal(Basis::fallback, 60), 60'000},
      {"held", proposal(Basis::held, 0), std::nullopt},
      {"silent", proposal(Basis::silent, 0), std::nullopt},
      {"never seen", proposal(Basis::nothing, 0, std::nullopt), std::nullopt},
      {"just started, raising", raising, 50'000},
      {"just started, lowering", lowering, std::nullopt},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto value = external_value(plan_of(1), object, decision({c.proposal}), "s0-shop-mail");
    EXPECT_EQ(value.has_value(), c.want.has_value());
    if (value) {
      EXPECT_EQ(*value, *c.want);
    } else {
      EXPECT_EQ(value.error().code, Code::unavailable);
      EXPECT_NE(value.error().what.find("t0"), std::string::npos) << value.error().what;
    }
  }
}

TEST(ExternalMetrics, AnIgnoredTriggerReadsZeroBesideOthersAndFailsAlone) {
  const auto ignored = proposal(Basis::ignored, 0, std::nullopt);
  const auto beside = decision({ignored, proposal(Basis::value, 1)});
  EXPECT_EQ(external_value(plan_of(2), object, beside, "s0-shop-mail"), 0);
  const auto alone = decision({ignored, ignored});
  EXPECT_FALSE(external_value(plan_of(2), object, alone, "s0-shop-mail"));
}

TEST(ExternalMetrics, ModifiersAnswerForTheCompositeMetricAlone) {
  Plan plan = plan_of(1);
  plan.spec.modifiers = scale::Modifiers{
      .formula = scale::formula::compile("t0 * 2", std::vector<std::string>{"t0"}).value()};
  const auto of = decision({proposal(Basis::value, 3), proposal(Basis::value, 6)});
  EXPECT_EQ(external_value(plan, object, of, "composite-metric"), 6000);
  EXPECT_EQ(external_value(plan, object, of, "s0-shop-mail").error().code, Code::not_found);
}

}  // namespace
}  // namespace control
