#pragma once

// Decisions to keep, and a journal that counts what it is told.

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scale/types.h"
#include "storage/testing/fake_journal.h"

namespace control::testing {

inline constexpr Timestamp start{1'800'000'000'000'000'000};  // on a full hour

// One trigger that asks for `to`; nothing changed it.
inline scale::Decision decision(scale::Replicas from, scale::Replicas to, Timestamp at = start) {
  scale::Proposal proposal;
  proposal.reading.state = scale::Reading::State::value;
  proposal.reading.value = 10.0 * to;
  proposal.reading.newest = at;
  proposal.reading.series = 1;
  proposal.active = to > 0;
  proposal.replicas = to;
  scale::Decision d;
  d.at = at;
  d.from = from;
  d.to = to;
  d.active = to > 0;
  d.reason = "queue asks for replicas";
  d.winner = 0;
  d.proposals = {proposal};
  return d;
}

class CountingJournal final : public storage::Journal {
 public:
  Result<std::vector<std::pair<std::string, std::string>>> load(storage::Table table) override {
    return kept_.load(table);
  }
  void put(storage::Table table, std::string key, std::optional<std::string> value) override {
    ++writes;
    kept_.put(table, std::move(key), std::move(value));
  }
  Result<void> flush() override { return kept_.flush(); }
  bool healthy() const override { return kept_.healthy(); }

  std::size_t rows(storage::Table table) { return load(table)->size(); }

  int writes = 0;

 private:
  storage::testing::FakeJournal kept_;
};

}  // namespace control::testing
