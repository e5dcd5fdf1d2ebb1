#pragma once

// Values as the C++ that makes them, in the words of scenes.h: what a random test found is pasted
// into a table. Members that have their default are left out.

#include <string>
#include <vector>

#include "scale/testing/scenes.h"

namespace scale::testing {

std::string code(Duration span);        // 15s, 1500ms
std::string code(Timestamp time);       // at(15s)
std::string code(const Reading& read);  // value(12.5), stale(at(10s))
std::string code(const std::vector<Reading>& readings);
std::string code(const Spec& spec);
std::string code(const Workload& workload);
// triggers: whose keys it has.
std::string code(const History& history, const std::vector<TriggerSpec>& triggers);

}  // namespace scale::testing
