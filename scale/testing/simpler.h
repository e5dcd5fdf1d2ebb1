#pragma once

// How the simpler variants of a case are listed, for shrink.h.

#include <cmath>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include "scale/hpa/behavior.h"

namespace scale::testing {

// Copies of a case, each with one thing made simpler. A place is a function from a case to the
// member that is meant.
template <class Case>
class Variants {
 public:
  explicit Variants(const Case& original) : original_(original) {}

  const Case& original() const { return original_; }
  std::vector<Case> take() { return std::move(all_); }

  template <class Change>
  void add(Change change) {
    change(all_.emplace_back(original_));
  }

  // With that value instead.
  template <class Place, class T>
  void set(Place place, const T& simple) {
    Case copy = original_;
    auto& member = place(copy);
    if (member == simple) return;
    member = simple;
    all_.push_back(std::move(copy));
  }

  // Without what is optional there.
  template <class Place>
  void clear(Place place) {
    Case copy = original_;
    auto& member = place(copy);
    if (!member) return;
    member.reset();
    all_.push_back(std::move(copy));
  }

  // With the least, half of, or one less than the number there; a double loses its fraction first.
  template <class Place>
  void lower(Place place, int least = 0) {
    Case copy = original_;
    const auto now = place(copy);
    using Number = std::remove_const_t<decltype(now)>;
    const Number whole = static_cast<Number>(std::floor(static_cast<double>(now)));
    const Number half = static_cast<Number>(std::floor(static_cast<double>(now) / 2));
    for (const Number fewer : {Number(least), half, whole, static_cast<Number>(now - 1)}) {
      if (fewer >= static_cast<Number>(least) && fewer < now) set(place, fewer);
    }
  }

  // With an empty list there, then with each of its items left out.
  template <class Place>
  void shorten(Place place, std::size_t least = 0) {
    Case copy = original_;
    const std::size_t size = place(copy).size();
    if (size <= least) return;
    if (least == 0 && size > 1) add([&](Case& c) { place(c).clear(); });
    for (std::size_t i = 0; i < size; ++i) {
      add([&](Case& c) {
        auto& list = place(c);
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
      });
    }
  }

 private:
  const Case& original_;
  std::vector<Case> all_;
};

// place: of an optional behaviour block. One policy at least stays on each side.
template <class Case, class Place>
void simplify_behavior(Variants<Case>& variants, Place place) {
  Case copy = variants.original();
  if (!place(copy)) return;
  for (auto side : {&hpa::Behavior::up, &hpa::Behavior::down}) {
    const auto rules = [=](Case& c) -> hpa::Rules& { return (*place(c)).*side; };
    variants.shorten([=](Case& c) -> auto& { return rules(c).policies; }, 1);
    variants.set([=](Case& c) -> auto& { return rules(c).window; }, Duration{});
    variants.set([=](Case& c) -> auto& { return rules(c).select; }, hpa::SelectPolicy::max);
    variants.clear([=](Case& c) -> auto& { return rules(c).tolerance; });
  }
}

}  // namespace scale::testing
