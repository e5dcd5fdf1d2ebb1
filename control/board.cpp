#include "control/board.h"

#include <algorithm>
#include <deque>
#include <ranges>
#include <utility>

#include "control/board_rows.h"
#include "scale/explain.h"

namespace control {
namespace {

constexpr Duration points_age_max = std::chrono::hours(24);
// A decision that repeats all the time is written this often, not every time.
constexpr Duration fold_write_interval = std::chrono::seconds(15);

// Whether `next` only repeats `before`, or is what it looks like once its change has arrived.
bool repeats(const scale::Decision& before, const scale::Decision& next) {
  return scale::same_story(before, next, next.from == next.to ? before.from : next.from);
}

struct Kept {
  DecisionRecord record;
  Timestamp written;  // when the journal heard of it last
};

// What is remembered of one object, whether it stands on the board or is only known from an earlier
// run.
struct Remembered {
  std::optional<ObjectView> view;
  std::deque<Kept> decisions;  // oldest first
  std::map<std::size_t, std::deque<TriggerPoint>> points;
};

}  // namespace

struct Board::State {
  BoardOptions options;
  storage::Journal* journal;
  std::map<kube::Key, Remembered> entries;
  std::uint64_t next_id = 1;
  std::map<ListenerId, std::function<void(const BoardEvent&)>> listeners;
  ListenerId next_listener = 1;

  Result<void> restore_decisions();
  Result<void> restore_points();
  void write(storage::Table table, std::string key, std::optional<std::string> value) const;
  void write_decision(Kept& kept) const;
  void write_newest_chunk(const kube::Key& key, std::size_t trigger,
                          const std::deque<TriggerPoint>& line) const;
  void trim_decisions(const kube::Key& key, Remembered& entry) const;
  void trim_points(const kube::Key& key, std::size_t trigger, std::deque<TriggerPoint>& line) const;
  void forget_rows(const kube::Key& key, const Remembered& entry) const;
  void tell(const BoardEvent& event) const;
};

Board::Board(BoardOptions options, storage::Journal* journal) : state_(std::make_unique<State>()) {
  state_->options = options;
  state_->journal = journal;
}

Board::~Board() = default;

Result<void> Board::restore() {
  if (state_->journal == nullptr) return {};
  TRY_VOID(state_->restore_decisions());
  return state_->restore_points();
}

void Board::retain(const std::function<bool(const kube::Key&)>& exists) {
  std::vector<kube::Key> gone;
  for (const auto& [key, entry] : state_->entries) {
    if (!exists(key)) gone.push_back(key);
  }
  for (const auto& key : gone) remove(key);
}

void Board::put(ObjectView view) {
  const kube::Key key = view.key;
  state_->entries[key].view = std::move(view);
  state_->tell({.type = BoardEvent::Type::changed, .key = key});
}

void Board::remove(const kube::Key& key) {
  const auto it = state_->entries.find(key);
  if (it == state_->entries.end()) return;
  state_->forget_rows(key, it->second);
  state_->entries.erase(it);
  state_->tell({.type = BoardEvent::Type::removed, .key = key});
}

DecisionRecord Board::record(const kube::Key& key, const scale::Decision& decision,
                             const scale::Spec& spec) {
  Remembered& entry = state_->entries[key];
  const Timestamp at = decision.at;
  if (!entry.decisions.empty() && repeats(entry.decisions.back().record.decision, decision)) {
    Kept& newest = entry.decisions.back();
    ++newest.record.count;
    newest.record.last = at;
    if (at - newest.written >= fold_write_interval) state_->write_decision(newest);
  } else {
    entry.decisions.push_back({.record = {.id = state_->next_id++,
                                          .key = key,
                                          .decision = decision,
                                          .words = scale::words_of(decision, spec),
                                          .last = at}});
    state_->write_decision(entry.decisions.back());
    state_->trim_decisions(key, entry);
  }
  DecisionRecord record = entry.decisions.back().record;
  state_->tell({.type = BoardEvent::Type::decided, .key = key, .record = record});
  return record;
}

void Board::add_point(const kube::Key& key, std::size_t trigger, TriggerPoint point) {
  auto& line = state_->entries[key].points[trigger];
  if (!line.empty() && line.back().at >= point.at)
    return;  // the clock was set back: the line waits for it
  line.push_back(point);
  state_->write_newest_chunk(key, trigger, line);
  state_->trim_points(key, trigger, line);
}

std::vector<ObjectView> Board::objects() const {
  std::vector<ObjectView> views;
  for (const auto& [key, entry] : state_->entries) {
    if (entry.view) views.push_back(*entry.view);
  }
  return views;
}

std::optional<ObjectView> Board::object(const kube::Key& key) const {
  const auto it = state_->entries.find(key);
  return it == state_->entries.end() ? std::nullopt : it->second.view;
}

std::vector<DecisionRecord> Board::decisions(const kube::Key& key, std::size_t limit) const {
  const auto it = state_->entries.find(key);
  if (it == state_->entries.end()) return {};
  std::vector<DecisionRecord> records;
  for (const Kept& kept : it->second.decisions | std::views::reverse | std::views::take(limit)) {
    records.push_back(kept.record);
  }
  return records;
}

std::vector<TriggerPoint> Board::points(const kube::Key& key, std::size_t trigger,
                                        Timestamp from) const {
  const auto it = state_->entries.find(key);
  if (it == state_->entries.end()) return {};
  const auto line = it->second.points.find(trigger);
  if (line == it->second.points.end()) return {};
  const auto first = std::ranges::lower_bound(line->second, from, {}, &TriggerPoint::at);
  return {first, line->second.end()};
}

Board::ListenerId Board::listen(std::function<void(const BoardEvent&)> listener) {
  const ListenerId id = state_->next_listener++;
  state_->listeners.emplace(id, std::move(listener));
  return id;
}

void Board::unlisten(ListenerId id) {
  state_->listeners.erase(id);
}

Result<void> Board::State::restore_decisions() {
  TRY(const auto rows, journal->load(storage::Table::decisions));
  for (const auto& [key, value] : rows) {
    TRY(auto record, decode_decision(key, value));
    next_id = std::max(next_id, record.id + 1);
    Remembered& entry = entries[record.key];
    const Timestamp written = record.last;
    entry.decisions.push_back({.record = std::move(record), .written = written});
  }
  for (auto& [key, entry] : entries) trim_decisions(key, entry);
  return {};
}

Result<void> Board::State::restore_points() {
  TRY(const auto rows, journal->load(storage::Table::points));
  for (const auto& [key, value] : rows) {
    TRY(const auto chunk, parse_chunk_key(key));
    TRY(const auto points, decode_points(key, value));
    auto& line = entries[chunk.object].points[chunk.trigger];
    line.insert(line.end(), points.begin(), points.end());
  }
  for (auto& [key, entry] : entries) {
    for (auto& [trigger, line] : entry.points) {
      std::ranges::sort(line, {}, &TriggerPoint::at);
      trim_points(key, trigger, line);
    }
  }
  return {};
}

void Board::State::write(storage::Table table, std::string key,
                         std::optional<std::string> value) const {
  if (journal != nullptr) journal->put(table, std::move(key), std::move(value));
}

void Board::State::write_decision(Kept& kept) const {
  kept.written = kept.record.last;
  if (journal == nullptr) return;
  write(storage::Table::decisions, decision_key(kept.record.key, kept.record.id),
        encode_decision(kept.record));
}

void Board::State::write_newest_chunk(const kube::Key& key, std::size_t trigger,
                                      const std::deque<TriggerPoint>& line) const {
  if (journal == nullptr) return;
  const std::int64_t hour = hour_of(line.back().at);
  const auto first =
      std::ranges::lower_bound(line, hour, {}, [](const TriggerPoint& p) { return hour_of(p.at); });
  const std::vector<TriggerPoint> chunk(first, line.end());
  write(storage::Table::points, chunk_key({key, trigger, hour}), encode_points(chunk));
}

void Board::State::trim_decisions(const kube::Key& key, Remembered& entry) const {
  while (entry.decisions.size() > options.decisions_per_object_max) {
    write(storage::Table::decisions, decision_key(key, entry.decisions.front().record.id),
          std::nullopt);
    entry.decisions.pop_front();
  }
}

// An hour's row goes when its last point has gone.
void Board::State::trim_points(const kube::Key& key, std::size_t trigger,
                               std::deque<TriggerPoint>& line) const {
  const auto too_many = [&] {
    return line.size() > options.points_max || line.back().at - line.front().at > points_age_max;
  };
  while (line.size() > 1 && too_many()) {
    const std::int64_t hour = hour_of(line.front().at);
    line.pop_front();
    if (hour_of(line.front().at) != hour)
      write(storage::Table::points, chunk_key({key, trigger, hour}), std::nullopt);
  }
}

void Board::State::forget_rows(const kube::Key& key, const Remembered& entry) const {
  for (const Kept& kept : entry.decisions) {
    write(storage::Table::decisions, decision_key(key, kept.record.id), std::nullopt);
  }
  for (const auto& [trigger, line] : entry.points) {
    std::optional<std::int64_t> previous;
    for (const TriggerPoint& point : line) {
      const std::int64_t hour = hour_of(point.at);
      if (hour != previous)
        write(storage::Table::points, chunk_key({key, trigger, hour}), std::nullopt);
      previous = hour;
    }
  }
}

// A listener may stop listening, itself or another, while it is being told.
void Board::State::tell(const BoardEvent& event) const {
  std::vector<ListenerId> ids;
  for (const auto& [id, listener] : listeners) ids.push_back(id);
  for (const ListenerId id : ids) {
    const auto it = listeners.find(id);
    if (it == listeners.end()) continue;
    const auto listener = it->second;  // stays callable when it unlistens itself
    listener(event);
  }
}

}  // namespace control
