#include "control/board.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "control/board_rows.h"

namespace control {
namespace {

constexpr Duration points_age_max = std::chrono::hours(24);
bool asks_the_same(const ObjectView& a, const ObjectView& b) {
  const auto same = [](const TriggerView& x, const TriggerView& y) {
    return same_question(x.spec, y.spec);
  };
  return std::ranges::equal(a.triggers, b.triggers, same);
}

std::vector<scale::TriggerSpec> specs_of(const ObjectView& view) {
  std::vector<scale::TriggerSpec> specs;
  specs.reserve(view.triggers.size());
  for (const TriggerView& trigger : view.triggers) specs.push_back(trigger.spec);
  return specs;
}

// What is remembered of one object besides its decisions, whether it stands on the board or is only
// known from an earlier run.
struct Remembered {
  std::optional<ObjectView> view;
  std::map<std::size_t, std::deque<TriggerPoint>> points;
};

}  // namespace

struct Board::State {
  State(BoardOptions o, storage::Journal* j, Log l, base::metrics::Registry* registry)
      : options(o),
        journal(j),
        log(std::move(l)),
        records(o.decisions_bytes_max, j, registry != nullptr ? *registry : unseen) {}

  BoardOptions options;
  storage::Journal* journal;
  Log log;
  base::metrics::Registry unseen;  // of a board that nobody asks for metrics
  Records records;
  std::map<kube::Key, Remembered> entries;
  std::map<ListenerId, std::function<void(const BoardEvent&)>> listeners;
  ListenerId next_listener = 1;

  Result<void> restore_points(Damage& damage);
  Result<void> restore_chunk(const std::string& key, std::string_view value);
  void write(storage::Table table, std::string key, std::optional<std::string> value) const;
  void write_newest_chunk(const kube::Key& key, std::size_t trigger,
                          const std::deque<TriggerPoint>& line) const;
  void trim_points(const kube::Key& key, std::size_t trigger, std::deque<TriggerPoint>& line) const;
  void forget_rows(const kube::Key& key, const Remembered& entry) const;
  void tell(const BoardEvent& event) const;
};

Board::Board(BoardOptions options, storage::Journal* journal, Log log,
             base::metrics::Registry* registry)
    : state_(std::make_unique<State>(options, journal, std::move(log), registry)) {}

Board::~Board() = default;

Result<void> Board::restore() {
  if (state_->journal == nullptr) return {};
  TRY(Damage damage, state_->records.restore());
  TRY_VOID(state_->restore_points(damage));
  if (damage.rows > 0) {
    state_->log.warn("some decisions or points of an earlier run cannot be read and are dropped",
                     {{"rows", damage.rows}, {"first", damage.first}});
  }
  return {};
}

void Board::save() {
  state_->records.save();
}

void Board::retain(const std::function<bool(const kube::Key&)>& exists) {
  std::vector<kube::Key> gone;
  for (const auto& [key, entry] : state_->entries) {
    if (!exists(key)) gone.push_back(key);
  }
  for (const auto& key : gone) remove(key);
  state_->records.retain(exists);
}

void Board::put(ObjectView view) {
  const kube::Key key = view.key;
  std::optional<ObjectView>& shown = state_->entries[key].view;
  if (!shown || !asks_the_same(*shown, view)) state_->records.asks(key, specs_of(view));
  shown = std::move(view);
  state_->tell({.type = BoardEvent::Type::changed, .key = key});
}

void Board::remove(const kube::Key& key) {
  state_->records.remove(key);
  const auto it = state_->entries.find(key);
  if (it == state_->entries.end()) return;
  state_->forget_rows(key, it->second);
  state_->entries.erase(it);
  state_->tell({.type = BoardEvent::Type::removed, .key = key});
}

Records::Recorded Board::record(const kube::Key& key, scale::Decision decision) {
  const Records::Recorded recorded = state_->records.record(key, std::move(decision));
  if (!state_->listeners.empty()) {
    state_->tell(
        {.type = BoardEvent::Type::decided, .key = key, .record = state_->records.newest(key)});
  }
  return recorded;
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

const Records& Board::records() const {
  return state_->records;
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

Result<void> Board::State::restore_points(Damage& damage) {
  TRY(const auto rows, journal->load(storage::Table::points));
  for (const auto& [key, value] : rows) {
    const auto restored = restore_chunk(key, value);
    if (restored) continue;
    if (damage.rows++ == 0) damage.first = restored.error().what;
    write(storage::Table::points, key, std::nullopt);
  }
  for (auto& [key, entry] : entries) {
    for (auto& [trigger, line] : entry.points) {
      std::ranges::sort(line, {}, &TriggerPoint::at);
      trim_points(key, trigger, line);
    }
  }
  return {};
}

Result<void> Board::State::restore_chunk(const std::string& key, std::string_view value) {
  TRY(const auto chunk, parse_chunk_key(key));
  TRY(const auto points, decode_points(key, value));
  auto& line = entries[chunk.object].points[chunk.trigger];
  line.insert(line.end(), points.begin(), points.end());
  return {};
}

void Board::State::write(storage::Table table, std::string key,
                         std::optional<std::string> value) const {
  if (journal != nullptr) journal->put(table, std::move(key), std::move(value));
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
