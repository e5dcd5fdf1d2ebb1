#include "control/records.h"

#include <xxhash.h>

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "control/board_rows.h"
#include "control/metrics.h"
#include "control/record_codec.h"
#include "control/record_ring.h"
#include "scale/explain.h"

namespace control {
namespace {

using storage::Table;
using Part = DecisionKey::Part;

// A decision that repeats all the time is written this often, not every time.
constexpr Duration repeat_write_interval = std::chrono::minutes(1);

struct KeyHash {
  std::size_t operator()(const kube::Key& key) const {
    return XXH3_64bits_withSeed(key.name.data(), key.name.size(),
                                XXH3_64bits(key.ns.data(), key.ns.size()));
  }
};

// The newest record of an object, which may still repeat.
struct Open {
  std::uint64_t id = 0;
  RecordHead head;
  scale::Decision first;
  std::optional<scale::Decision> last;
  std::string packed;  // as encoded without repeats; empty: restored
  std::size_t heap_bytes = 0;
  std::uint64_t count_written = 0;  // as the journal knows it
  Timestamp written;
};

// What the triggers were from record `from` on.
struct Asked {
  std::uint64_t from = 0;  // 0: from the next one on
  std::vector<scale::TriggerSpec> triggers;
};

struct ObjectRecords {
  const kube::Key* key = nullptr;  // of the map
  std::optional<Open> open;
  RecordPlace newest_ended = 0;
  std::deque<Asked> asked;     // oldest first
  std::size_t heap_bytes = 0;  // outside the ring
  std::uint64_t ordinal = 0;   // of the newest record ever
};

using Ring = RecordRing<ObjectRecords>;
using RingRecord = Ring::Record;

// One node of the map, with what the allocator adds.
constexpr std::size_t object_bytes = sizeof(ObjectRecords) + sizeof(kube::Key) + 48;
// The heap that the first and the last decision of a record take as values, by their packed bytes:
// as board_bench measures it, rounded up.
constexpr std::size_t unpacked_ratio = 4;

// Whether `next` only repeats `before`, or is what it looks like once its change has arrived. It is
// as it was afterwards: a copy for the question would cost more than the answer.
bool repeats(const scale::Decision& before, scale::Decision& next) {
  const scale::Replicas from = next.from;
  if (next.from == next.to) next.from = before.from;
  const bool same = scale::same_story(before, next);
  next.from = from;
  return same;
}

std::size_t bytes_of(const std::vector<scale::TriggerSpec>& triggers) {
  std::size_t bytes = sizeof(Asked);
  for (const auto& t : triggers)
    bytes += sizeof(t) + t.name.capacity() + t.type.capacity() + t.query.capacity();
  return bytes;
}

std::string encode(const Open& open) {
  return encode_record(open.head, open.first, open.last ? &*open.last : nullptr);
}

// A row of the journal whose checksum holds.
struct Row {
  std::uint64_t id = 0;
  RecordHead head;
  std::string bytes;
};

// A record that was over when the journal was written.
struct Ended {
  std::uint64_t ended_by = 0;  // the id of the object's next record: the order of the ring
  ObjectRecords* object = nullptr;
  Row row;
};

}  // namespace

struct Records::State {
  State(std::size_t budget, storage::Journal* j, base::metrics::Registry& registry)
      : bytes_max(budget), journal(j), metrics(registry), ring(budget) {}

  ObjectRecords& object(const kube::Key& key);
  const ObjectRecords* find(const kube::Key& key) const;

  bool fold(ObjectRecords& object, scale::Decision& decision);
  void begin(ObjectRecords& object, scale::Decision decision);
  void opened(ObjectRecords& object, std::size_t packed_bytes);
  void end(ObjectRecords& object);
  void hold(ObjectRecords& object, std::size_t bytes);
  void release(ObjectRecords& object, std::size_t bytes);
  void shrink();
  void evicted(const RingRecord& record);
  void forget(const ObjectRecords& object);

  void write(const ObjectRecords& object, std::uint64_t id, Part part,
             std::optional<std::string> value) const;
  void write_open(ObjectRecords& object);

  void restore_row(std::string key, std::string value, Damage& damage,
                   std::unordered_map<ObjectRecords*, std::vector<Row>>& rows);
  void restore_open(ObjectRecords& object, std::vector<Row>& rows, Damage& damage);
  void damaged(Damage& damage, std::string key, const std::string& why) const;

  std::vector<scale::TriggerSpec> triggers_of(const ObjectRecords& object, std::uint64_t id) const;
  DecisionRecord show(const ObjectRecords& object) const;
  std::optional<DecisionRecord> show(const RingRecord& record) const;
  Moment moment(const ObjectRecords& object, Timestamp when) const;

  std::size_t bytes() const { return ring.bytes() + heap_bytes; }
  void measure();

  const std::size_t bytes_max;
  storage::Journal* journal;
  RecordMetrics metrics;
  std::unordered_map<kube::Key, ObjectRecords, KeyHash> objects;
  Ring ring;
  std::size_t heap_bytes = 0;  // of all objects
  std::size_t open_count = 0;
  std::uint64_t next_id = 1;
};

bool same_question(const scale::TriggerSpec& a, const scale::TriggerSpec& b) {
  return a.name == b.name && a.type == b.type && a.query == b.query && a.target == b.target &&
         a.activation == b.activation;
}

Records::Records(std::size_t bytes_max, storage::Journal* journal, base::metrics::Registry& metrics)
    : state_(std::make_unique<State>(bytes_max, journal, metrics)) {}

Records::~Records() = default;

void Records::asks(const kube::Key& key, std::vector<scale::TriggerSpec> triggers) {
  ObjectRecords& object = state_->object(key);
  if (!object.asked.empty() &&
      std::ranges::equal(object.asked.back().triggers, triggers, same_question))
    return;
  if (!object.asked.empty() && object.asked.back().from == 0) {
    state_->release(object, bytes_of(object.asked.back().triggers));
    object.asked.pop_back();
  }
  state_->hold(object, bytes_of(triggers));
  object.asked.push_back({.from = 0, .triggers = std::move(triggers)});
}

Records::Recorded Records::record(const kube::Key& key, scale::Decision decision) {
  ObjectRecords& object = state_->object(key);
  if (!state_->fold(object, decision)) {
    state_->end(object);
    state_->begin(object, std::move(decision));
    state_->shrink();
    state_->measure();
  }
  return {.id = object.open->id, .count = object.open->head.count};
}

void Records::save() {
  for (auto& [key, object] : state_->objects) {
    if (object.open && object.open->count_written != object.open->head.count)
      state_->write_open(object);
  }
}

void Records::remove(const kube::Key& key) {
  const auto it = state_->objects.find(key);
  if (it == state_->objects.end()) return;
  state_->forget(it->second);
  state_->objects.erase(it);
  state_->measure();
}

void Records::retain(const std::function<bool(const kube::Key&)>& exists) {
  std::erase_if(state_->objects, [&](auto& item) {
    if (exists(item.first)) return false;
    state_->forget(item.second);
    return true;
  });
  state_->measure();
}

std::optional<DecisionRecord> Records::newest(const kube::Key& key) const {
  const ObjectRecords* object = state_->find(key);
  if (object == nullptr || !object->open) return std::nullopt;
  return state_->show(*object);
}

std::vector<DecisionRecord> Records::list(const kube::Key& key, std::size_t limit,
                                          std::uint64_t before) const {
  std::vector<DecisionRecord> records;
  const ObjectRecords* object = state_->find(key);
  if (object == nullptr || !object->open || limit == 0) return records;
  if (object->open->id < before) records.push_back(state_->show(*object));
  auto ended = state_->ring.find(object->newest_ended);
  for (; ended && records.size() < limit; ended = state_->ring.find(ended->previous)) {
    if (ended->id >= before) continue;
    if (auto record = state_->show(*ended)) records.push_back(*std::move(record));
  }
  return records;
}

Moment Records::at(const kube::Key& key, Timestamp when) const {
  const ObjectRecords* object = state_->find(key);
  if (object == nullptr || !object->open) return {};
  return state_->moment(*object, when);
}

std::size_t Records::size() const {
  return state_->ring.records() + state_->open_count;
}

std::size_t Records::bytes() const {
  return state_->bytes();
}

// --- keeping

ObjectRecords& Records::State::object(const kube::Key& key) {
  const auto [it, is_new] = objects.try_emplace(key);
  if (is_new) {
    it->second.key = &it->first;
    hold(it->second, object_bytes + key.ns.size() + key.name.size());
  }
  return it->second;
}

const ObjectRecords* Records::State::find(const kube::Key& key) const {
  const auto it = objects.find(key);
  return it == objects.end() ? nullptr : &it->second;
}

bool Records::State::fold(ObjectRecords& object, scale::Decision& decision) {
  if (!object.open) return false;
  if (!object.asked.empty() && object.asked.back().from == 0) return false;
  Open& open = *object.open;
  if (!repeats(open.first, decision)) return false;
  ++open.head.count;
  open.head.last = std::max(open.head.last, decision.at);
  open.last = std::move(decision);
  if (open.head.last - open.written >= repeat_write_interval) write_open(object);
  return true;
}

void Records::State::begin(ObjectRecords& object, scale::Decision decision) {
  Open& open = object.open.emplace();
  open.id = next_id++;
  open.head = {.at = decision.at, .last = decision.at, .ordinal = ++object.ordinal};
  open.first = std::move(decision);
  if (!object.asked.empty() && object.asked.back().from == 0) {
    object.asked.back().from = open.id;
    write(object, open.id, Part::triggers, encode_triggers(object.asked.back().triggers));
  }
  open.packed = encode(open);
  opened(object, open.packed.size());
  write(object, open.id, Part::record, open.packed);
}

// Whether it was made or restored, the journal has it as it is.
void Records::State::opened(ObjectRecords& object, std::size_t packed_bytes) {
  Open& open = *object.open;
  ++open_count;
  open.count_written = open.head.count;
  open.written = open.head.last;
  open.heap_bytes = packed_bytes * unpacked_ratio + open.packed.capacity();
  hold(object, open.heap_bytes);
}

// Moves the newest record into the ring.
void Records::State::end(ObjectRecords& object) {
  if (!object.open) return;
  Open& open = *object.open;
  const bool reusable = open.head.count == 1 && !open.packed.empty();
  std::string bytes = reusable ? std::move(open.packed) : encode(open);
  object.newest_ended = ring.add({.id = open.id,
                                  .at = open.head.at,
                                  .owner = &object,
                                  .previous = object.newest_ended,
                                  .bytes = bytes});
  if (open.count_written != open.head.count) write(object, open.id, Part::record, std::move(bytes));
  release(object, open.heap_bytes);
  object.open.reset();
  --open_count;
}

void Records::State::hold(ObjectRecords& object, std::size_t bytes) {
  object.heap_bytes += bytes;
  heap_bytes += bytes;
}

void Records::State::release(ObjectRecords& object, std::size_t bytes) {
  object.heap_bytes -= bytes;
  heap_bytes -= bytes;
}

void Records::State::shrink() {
  ring.shrink(bytes_max - std::min(bytes_max, heap_bytes),
              [this](const RingRecord& record) { evicted(record); });
}

void Records::State::evicted(const RingRecord& record) {
  ObjectRecords& object = *record.owner;
  write(object, record.id, Part::record, std::nullopt);
  metrics.evicted.add();
  // What was asked then is needed no more once every later record has a newer word for it.
  while (object.asked.size() > 1 && object.asked[1].from != 0 &&
         object.asked[1].from <= record.id) {
    write(object, object.asked.front().from, Part::triggers, std::nullopt);
    release(object, bytes_of(object.asked.front().triggers));
    object.asked.pop_front();
  }
}

void Records::State::forget(const ObjectRecords& object) {
  for (auto record = ring.find(object.newest_ended); record; record = ring.find(record->previous))
    write(object, record->id, Part::record, std::nullopt);
  for (RecordPlace place = object.newest_ended; const auto record = ring.find(place);) {
    ring.forget(place);
    place = record->previous;
  }
  if (object.open) {
    write(object, object.open->id, Part::record, std::nullopt);
    --open_count;
  }
  for (const Asked& asked : object.asked) {
    if (asked.from != 0) write(object, asked.from, Part::triggers, std::nullopt);
  }
  heap_bytes -= object.heap_bytes;
}

void Records::State::measure() {
  metrics.records.set(static_cast<double>(ring.records() + open_count));
  metrics.bytes.set(static_cast<double>(bytes()));
}

// --- the journal

void Records::State::write(const ObjectRecords& object, std::uint64_t id, Part part,
                           std::optional<std::string> value) const {
  if (journal == nullptr) return;
  journal->put(Table::decisions, decision_key(*object.key, id, part), std::move(value));
}

void Records::State::write_open(ObjectRecords& object) {
  Open& open = *object.open;
  open.count_written = open.head.count;
  open.written = open.head.last;
  if (journal != nullptr) write(object, open.id, Part::record, encode(open));
}

Result<Damage> Records::restore() {
  State& s = *state_;
  Damage damage;
  if (s.journal == nullptr) return damage;
  TRY(auto stored, s.journal->load(Table::decisions));
  std::unordered_map<ObjectRecords*, std::vector<Row>> rows;
  for (auto& [key, value] : stored) s.restore_row(std::move(key), std::move(value), damage, rows);
  stored = {};
  std::vector<Ended> ended;
  for (auto& [object, list] : rows) {
    s.restore_open(*object, list, damage);
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::uint64_t by = i + 1 < list.size() ? list[i + 1].id : object->open->id;
      ended.push_back({.ended_by = by, .object = object, .row = std::move(list[i])});
    }
  }
  std::ranges::sort(ended, {}, &Ended::ended_by);
  for (const auto& [by, object, row] : ended) {
    object->newest_ended = s.ring.add({.id = row.id,
                                       .at = row.head.at,
                                       .owner = object,
                                       .previous = object->newest_ended,
                                       .bytes = row.bytes});
    s.shrink();
  }
  s.measure();
  return damage;
}

void Records::State::restore_row(std::string key, std::string value, Damage& damage,
                                 std::unordered_map<ObjectRecords*, std::vector<Row>>& rows) {
  const auto where = parse_decision_key(key);
  if (!where) return damaged(damage, std::move(key), where.error().what);
  next_id = std::max(next_id, where->id + 1);
  if (where->part == Part::triggers) {
    auto triggers = decode_triggers(value);
    if (!triggers) return damaged(damage, std::move(key), triggers.error().what);
    ObjectRecords& owner = object(where->object);
    hold(owner, bytes_of(*triggers));
    return owner.asked.push_back({.from = where->id, .triggers = *std::move(triggers)});
  }
  const auto head = decode_record_head(value);
  if (!head) return damaged(damage, std::move(key), head.error().what);
  rows[&object(where->object)].push_back(
      {.id = where->id, .head = *head, .bytes = std::move(value)});
}

// The newest record that can be read is the one that may repeat; `rows` keeps the others.
void Records::State::restore_open(ObjectRecords& object, std::vector<Row>& rows, Damage& damage) {
  while (!rows.empty()) {
    const Row row = std::move(rows.back());
    rows.pop_back();
    object.ordinal = std::max(object.ordinal, row.head.ordinal);
    auto body = decode_record(row.bytes);
    if (!body) {
      damaged(damage, decision_key(*object.key, row.id), body.error().what);
      continue;
    }
    Open& open = object.open.emplace();
    open.id = row.id;
    open.head = body->head;
    open.first = std::move(body->first);
    open.last = std::move(body->last);
    return opened(object, row.bytes.size());
  }
}

void Records::State::damaged(Damage& damage, std::string key, const std::string& why) const {
  if (damage.rows++ == 0) damage.first = key + ": " + why;
  journal->put(Table::decisions, std::move(key), std::nullopt);
}

// --- questions

std::vector<scale::TriggerSpec> Records::State::triggers_of(const ObjectRecords& object,
                                                            std::uint64_t id) const {
  const Asked* found = nullptr;
  for (const Asked& asked : object.asked) {
    if (asked.from == 0 || asked.from > id) break;
    found = &asked;
  }
  return found == nullptr ? std::vector<scale::TriggerSpec>{} : found->triggers;
}

DecisionRecord Records::State::show(const ObjectRecords& object) const {
  const Open& open = *object.open;
  return {.id = open.id,
          .ordinal = open.head.ordinal,
          .key = *object.key,
          .decision = open.first,
          .count = open.head.count,
          .last = open.head.last,
          .repeat = open.last,
          .triggers = triggers_of(object, open.id)};
}

// Nothing when this version does not understand the decision.
std::optional<DecisionRecord> Records::State::show(const RingRecord& record) const {
  auto body = decode_record(record.bytes);
  if (!body) return std::nullopt;
  return DecisionRecord{.id = record.id,
                        .ordinal = body->head.ordinal,
                        .key = *record.owner->key,
                        .decision = std::move(body->first),
                        .count = body->head.count,
                        .last = body->head.last,
                        .repeat = std::move(body->last),
                        .triggers = triggers_of(*record.owner, record.id)};
}

Moment Records::State::moment(const ObjectRecords& object, Timestamp when) const {
  if (object.open->head.at <= when) return {.record = show(object)};
  std::optional<RingRecord> later;  // none: the open one
  auto record = ring.find(object.newest_ended);
  while (record && record->at > when) {
    later = record;
    record = ring.find(record->previous);
  }
  Moment moment{.next = later ? show(*later) : show(object)};
  if (record) {
    moment.record = show(*record);
  } else if (moment.next && moment.next->ordinal > 1) {
    moment.kept_since = moment.next->decision.at;
  }
  return moment;
}

}  // namespace control
