#include "scale/testing/sequences.h"

#include <fmt/format.h>

#include <cmath>

#include "scale/testing/code_text.h"
#include "scale/testing/simpler.h"

namespace scale::testing {
namespace {

using Simpler = Variants<Sequence>;

// Halves, quarters and so on left out, down to single happenings.
void leave_out(Simpler& variants) {
  const std::size_t count = variants.original().happenings.size();
  for (std::size_t size = count / 2; size > 0; size /= 2) {
    for (std::size_t i = 0; i + size <= count; i += size) {
      variants.add([&](Sequence& s) {
        const auto from = s.happenings.begin() + static_cast<std::ptrdiff_t>(i);
        s.happenings.erase(from, from + static_cast<std::ptrdiff_t>(size));
      });
    }
  }
}

void simplify_happening(Simpler& variants, std::size_t i) {
  const Happening& h = variants.original().happenings[i];
  variants.clear([i](Sequence& s) -> auto& { return s.happenings[i].set_by_hand; });
  for (std::size_t r = 0; r < h.readings.size(); ++r) {
    const double rounder = std::floor(h.readings[r].value / 10) * 10;
    variants.set([i, r](Sequence& s) -> auto& { return s.happenings[i].readings[r].value; },
                 rounder);
  }
}

}  // namespace

std::string describe(const Sequence& sequence) {
  std::string text = fmt::format("Scene scene{{.spec = {}}};\nscene.workload.replicas = {};\n",
                                 code(sequence.spec), sequence.replicas);
  Duration now{};
  for (const Happening& h : sequence.happenings) {
    now += h.after;
    if (h.set_by_hand) text += fmt::format("scene.workload.replicas = {};\n", *h.set_by_hand);
    text += fmt::format("scene.decide({}, at({}));\n", code(h.readings), code(now));
  }
  return text;
}

std::vector<Sequence> simpler(const Sequence& sequence) {
  Simpler variants(sequence);
  leave_out(variants);
  simplify_behavior(variants, [](Sequence& s) -> auto& { return s.spec.behavior; });
  for (std::size_t i = 0; i < sequence.happenings.size(); ++i) simplify_happening(variants, i);
  return variants.take();
}

}  // namespace scale::testing
