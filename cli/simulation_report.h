#pragma once

// A simulation's result as text. Pure: the same result is the same text.

#include <string>

#include "simulation/simulate.h"

namespace cli {

// What was simulated and what came of it.
struct Simulated {
  std::string object;  // "namespace/name"
  simulation::Scenario scenario;
  simulation::Timeline timeline;
};

// Each change with its reason, then what it adds up to. Times are RFC 3339, or hours, minutes and
// seconds since the beginning when the signals have offsets.
std::string simulation_table(const Simulated& simulated);

// {object, engine, start, end, offsets, changes: [{at, from, to, reason, flap}], decisions:
// [{…, count, last}], summary: {…}}; a decision is what scale::to_json writes. Times are RFC 3339;
// offsets count from 2000-01-01. Ended by a newline.
std::string simulation_json(const Simulated& simulated);

// A heading, then one line for each moment at which anything happened: time, replicas, ready, and
// of each trigger its value and its state. Needs Scenario::keep_points. The first two columns are a
// signal again.
std::string simulation_csv(const Simulated& simulated);

}  // namespace cli
