#pragma once

// A pod's keeper: a small process between Tidewheel and the pod's processes, which sees to it that
// none of them is left when the run is over or Tidewheel is gone. See README.md.

namespace cluster::process {

// True when this program was started as a keeper (by Runner). To be asked before anything else in
// main().
bool is_keeper(int argc, const char* const* argv);

// Runs one pod to its end. Blocking, single-threaded. Returns the exit status of this program.
int keeper_main(int argc, const char* const* argv);

}  // namespace cluster::process
