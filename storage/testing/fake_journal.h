#pragma once

// A journal in memory, whose disk a test can break. Confined to one thread.

#include <map>

#include "storage/journal.h"

namespace storage::testing {

class FakeJournal final : public Journal {
 public:
  Result<std::vector<std::pair<std::string, std::string>>> load(Table table) override {
    std::vector<std::pair<std::string, std::string>> rows;
    for (const auto& [where, value] : rows_) {
      if (where.first == table) rows.emplace_back(where.second, value);
    }
    return rows;
  }

  void put(Table table, std::string key, std::optional<std::string> value) override {
    if (broken) return;
    if (value) {
      rows_.insert_or_assign({table, std::move(key)}, std::move(*value));
    } else {
      rows_.erase({table, std::move(key)});
    }
  }

  Result<void> flush() override {
    if (broken) return fail(Code::unavailable, "the disk is broken");
    return {};
  }

  bool healthy() const override { return !broken; }

  bool broken = false;

 private:
  std::map<std::pair<Table, std::string>, std::string> rows_;
};

}  // namespace storage::testing
