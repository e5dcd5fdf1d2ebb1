#include "scale/hpa/status.h"

#include <algorithm>

#include "base/quantity.h"

namespace scale::hpa {

const Condition* find(const Conditions& conditions, std::string_view type) {
  const auto found = std::ranges::find(conditions, type, &Condition::type);
  return found == conditions.end() ? nullptr : &*found;
}

Conditions with(Conditions conditions, const NewCondition& fresh, Timestamp now) {
  auto place = std::ranges::find(conditions, fresh.type, &Condition::type);
  if (place == conditions.end()) {
    conditions.push_back({.type = std::string(fresh.type), .status = fresh.status, .since = now});
    place = std::prev(conditions.end());
  }
  if (place->status != fresh.status) place->since = now;
  place->status = fresh.status;
  place->reason = fresh.reason;
  place->message = fresh.message;
  return conditions;
}

Conditions without(Conditions conditions, std::string_view type) {
  std::erase_if(conditions, [&](const Condition& c) { return c.type == type; });
  return conditions;
}

std::string status_quantity(std::string_view resource, Milli milli) {
  using enum base::Quantity::Format;
  return base::Quantity::of_milli(milli, resource == "memory" ? binary_si : decimal_si).text();
}

}  // namespace scale::hpa
