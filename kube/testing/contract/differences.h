#pragma once

// Where the embedded API and a real API server answer differently, on purpose. The contract's tests
// ask for each of them by name; docs/embedded-api.md shows the table (cluster/contract_test.cpp
// compares the two).

#include <array>
#include <cstdint>
#include <string_view>

namespace kube::testing {

enum class Difference : std::uint8_t {
  field_managers,
  future_versions,
  kinds_of_items,
  namespaces_going,
  no_command,
  replacing_nothing,
  scaled_object_rules,
  unknown_fields,
  workload_defaults,
  wrong_versions,
};

struct DifferenceRow {
  Difference difference;
  std::string_view what;      // is asked
  std::string_view embedded;  // answers
  std::string_view real;
  std::string_view why;
};

inline constexpr std::array<DifferenceRow, 10> differences{{
    {Difference::field_managers, "apply without force over a field that PUT, PATCH or scale wrote",
     "takes the field: only managers that apply are recorded", "409, naming that manager",
     "nobody but appliers has to be asked on one machine"},
    {Difference::future_versions, "watch from a resourceVersion that has not been reached",
     "fails: list again", "waits for it, in silence",
     "versions jump forward at a restart, so a future one is a mistake"},
    {Difference::kinds_of_items, "apiVersion and kind of the items of a list",
     "are there for every kind", "are there for custom resources only",
     "an object alone says what it is"},
    {Difference::namespaces_going, "remove a namespace", "it and everything in it go at once",
     "it is Terminating until a controller has emptied it", "there is no controller to wait for"},
    {Difference::no_command, "a container without `command` in a Deployment", "422",
     "the image names one", "containers are local processes, and there are no images"},
    {Difference::replacing_nothing, "JSON patch: `replace` of a member that is not there",
     "422, as RFC 6902 wants", "adds it", "it is a mistake, and the standard says so"},
    {Difference::scaled_object_rules,
     "a ScaledObject that breaks KEDA's rules, such as a minimum above the maximum", "422",
     "accepted, unless KEDA's webhook is installed", "the webhook is part of this API"},
    {Difference::unknown_fields, "a field that the kind does not have",
     "422, with a suggestion when it looks misspelt", "dropped, with a warning that few see",
     "a setting without effect is a trap"},
    {Difference::workload_defaults, "what a Deployment or Pod does not say",
     "filled in where something here depends on it (`replicas`)",
     "filled in everywhere (`strategy`, probes, ports)", "the rest has no effect here"},
    {Difference::wrong_versions,
     "a create that states a resourceVersion, or a watch from one that is no number", "400", "500",
     "a 500 asks to be tried again, which does not help"},
}};

}  // namespace kube::testing
