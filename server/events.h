#pragma once

// What one client of the event stream has not heard yet. Bounded: a client that cannot keep up is
// told to read anew.

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "control/board.h"
#include "json/json.h"

namespace server {

// Folds events until they are taken: of an object only that it changed, of a decision only its
// newest state. Confined to the control loop.
class PendingEvents {
 public:
  explicit PendingEvents(std::size_t pending_max) : pending_max_(pending_max) {}

  void add(const control::BoardEvent& event);

  // Everything pending as server-sent events, objects as they stand on the board now; empty when
  // there is nothing.
  std::string take(const control::Board& board, Timestamp now);

 private:
  std::size_t size() const { return changed_.size() + removed_.size() + decided_.size(); }

  const std::size_t pending_max_;
  std::set<kube::Key> changed_;
  std::set<kube::Key> removed_;
  std::map<std::uint64_t, control::DecisionRecord> decided_;
  bool overflowed_ = false;
};

// One server-sent event.
std::string format_event(std::string_view name, const json::Value& data);

}  // namespace server
