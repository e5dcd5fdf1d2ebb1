#include "tsdb/shards.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "base/check.h"
#include "tsdb/cardinality.h"
#include "tsdb/packed_labels.h"
#include "tsdb/restore.h"
#include "tsdb/snapshot.h"
#include "tsdb/wrong_clocks.h"

namespace tsdb {
namespace {

// How many series a tick looks at in one shard, so that it stays short whatever the store holds;
// and how many while it holds the shard's lock.
constexpr std::size_t sweep_series_max = 32'768;
constexpr std::size_t sweep_step = 4'096;

// So much later than ours another thread's moment may be without the clock having been set back.
constexpr Duration reading_apart_max = std::chrono::seconds(1);

// Shards may have heard of the same metric, in other words even: one of them is enough.
void add_once(std::vector<Metadata>& rows, Metadata row) {
  const bool known = std::ranges::any_of(rows, [&row](const Metadata& other) {
    return other.name == row.name && other.type == row.type;
  });
  if (!known) rows.push_back(std::move(row));
}

}  // namespace

Shards::Shards(Options options, std::size_t count, Log log, base::metrics::Registry& metrics)
    : options_(options),
      log_(log.with("tsdb")),
      wanted_(options.wanted),
      shared_(metrics, options.written_names_max),
      standing_(
          metrics.gauge("tidewheel_store_standing_queries", "Queries that are kept answered.")) {
  CHECK(count >= 1 && count <= ShardSet::shards_max);
  for (std::size_t i = 0; i < count; ++i)
    shards_.push_back(std::make_unique<Shard>(options, i, shared_, metrics));
}

Shards::~Shards() {
  const base::Lock lock(mutex_);
  standing_.add(-static_cast<double>(queries_.size()));
}

Shards::Home Shards::home_of(std::span<const LabelView> resource) const {
  if (shards_.size() == 1) return {};
  Packer packer;
  const std::size_t shard = shard_of_packed(packer.pack(resource));
  return {.shard = shard, .repeated = packer.repeated()};
}

std::size_t Shards::shard_of_packed(std::string_view resource) const {
  return shards_.size() == 1 ? 0 : shared_.hasher.of(resource).high % shards_.size();
}

Timestamp Shards::moment(Shard& shard, Timestamp now) {
  if (now >= shard.latest || now < shard.latest - reading_apart_max) shard.latest = now;
  return shard.latest;
}

Appended Shards::append(const SeriesView& series, const Point& point, Timestamp now) {
  return look(home_of(series.resource).shard,
              [&](Store& store) { return store.append(series, point, now); });
}

void Shards::publish(Timestamp now) {
  for (std::size_t i = 0; i < shards_.size(); ++i) write(i, now, [](Store&, Timestamp) {});
}

// What a shard had to say, once its lock is given back.
void Shards::tell(std::size_t shard, const News& news, Timestamp now,
                  StandingAnswer::Change change) {
  for (const auto& [clock, metric] : news.clocks) {
    log_.warn("points are refused for their time",
              {{"sender", sender_name(clock.resource)},
               {"metric", metric},
               {"offset", base::format_duration(clock.offset)}});
  }
  for (const Overlap& overlap : news.overlaps) {
    log_.warn("points overlap in time: a series has two senders",
              {{"sender", sender_name(overlap.resource)}, {"metric", overlap.metric}});
  }
  if (!news.limits.empty()) say(news.limits, limits_of(options_), log_);
  for (const auto& [whole, part] : news.parts) {
    whole->put(shard, part);
    settle(*whole, now, ShardSet::of(shard));
    whole->tell(change);
  }
}

// Brings the answer to `now`; the parts of `asked` are as new as can be.
void Shards::settle(StandingAnswer& whole, Timestamp now, ShardSet asked) const {
  for (ShardSet due = whole.refold(now, asked); !due.empty(); due = whole.refold(now, asked)) {
    due.each([&](std::size_t i) {
      Shard& one = *shards_[i];
      std::optional<NumberedPart> part;
      {
        const base::Lock lock(one.mutex);
        part = one.store.part(whole.id, moment(one, now));
      }
      if (part) whole.put(i, *part);
    });
    asked = asked | due;
  }
}

void Shards::tick(Timestamp now) {
  for (std::size_t i = 0; i < shards_.size(); ++i) tick_shard(i, now);
  tick_standing(now);
}

void Shards::tick_shard(std::size_t shard, Timestamp now) {
  look(shard, [now](Store& store) { store.tick(now); });
  const std::size_t all = look(shard, [](const Store& store) { return store.series_count(); });
  const std::size_t enough = std::min(all, sweep_series_max);
  for (std::size_t looked = 0; looked <= enough;) {
    const std::size_t some =
        look(shard, [now](Store& store) { return store.sweep(now, sweep_step); });
    if (some < sweep_step) break;
    looked += some;
  }
  write(shard, now, [](Store&, Timestamp) {});
}

void Shards::tick_standing(Timestamp now) {
  wanted_.forget(now);
  std::vector<std::shared_ptr<StandingAnswer>> all;
  {
    const base::Lock lock(mutex_);
    for (const auto& [id, whole] : queries_) all.push_back(whole);
  }
  for (const auto& whole : all) {
    settle(*whole, now, ShardSet{});
    whole->tell(StandingAnswer::Change::any);
  }
}

Answer Shards::evaluate(const Question& question, Timestamp now) const {
  const Timestamp kept_since = wanted_.ask(question.query.metric, now);
  return answer_of_all(question, {question.window.value_or(options_.retention), kept_since}, now);
}

Answer Shards::peek(const Question& question, Timestamp now) const {
  const Timestamp kept_since = wanted_.since(question.query.metric).value_or(now);
  return answer_of_all(question, {question.window.value_or(options_.retention), kept_since}, now);
}

Answer Shards::answer_of_all(const Question& question, const Lookback& back, Timestamp now) const {
  std::vector<PartialAnswer> parts;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    parts.push_back(look(i, [&](const Store& store) { return store.evaluate(question, now); }));
  const PartialAnswer all = merged(parts);
  Evaluation out = answer_of(question.query.aggregation, all);
  if (out.answer.state == Answer::State::stale) explain_silence(out, all, back, now);
  return out.answer;
}

std::vector<HistogramRow> Shards::histograms(const MetricQuery& query,
                                             std::optional<Duration> window, Timestamp now,
                                             std::size_t rows_max) const {
  wanted_.ask(query.metric, now);
  std::vector<HistogramRow> rows;
  for (std::size_t i = 0; i < shards_.size() && rows.size() < rows_max; ++i) {
    auto some = look(i, [&](const Store& store) {
      return store.histograms(query, window, now, rows_max - rows.size());
    });
    std::ranges::move(some, std::back_inserter(rows));
  }
  return rows;
}

HistogramIncrease Shards::histogram_increase(const MetricQuery& query,
                                             std::optional<Duration> window, Timestamp now) const {
  wanted_.ask(query.metric, now);
  HistogramIncrease all;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    all +=
        look(i, [&](const Store& store) { return store.histogram_increase(query, window, now); });
  return all;
}

std::vector<Overlap> Shards::overlaps() const {
  std::vector<Overlap> all;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    std::ranges::move(look(i, [](const Store& store) { return store.overlaps(); }),
                      std::back_inserter(all));
  return all;
}

// What lies beyond the slice of some shard comes again with the next one.
MetadataSlice Shards::metadata(std::string_view from, std::size_t limit) const {
  std::vector<MetadataSlice> slices;
  MetadataSlice all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    slices.push_back(look(i, [&](const Store& store) { return store.metadata(from, limit); }));
    const auto& next = slices.back().next;
    if (next && (!all.next || *next < *all.next)) all.next = next;
  }
  for (auto& slice : slices) {
    for (auto& row : slice.rows) {
      if (!all.next || fold_name(row.name) < *all.next) add_once(all.rows, std::move(row));
    }
  }
  return all;
}

std::vector<Metadata> Shards::metadata_of(std::string_view name) const {
  std::vector<Metadata> all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    for (auto& row : look(i, [&](const Store& store) { return store.metadata_of(name); }))
      add_once(all, std::move(row));
  }
  return all;
}

// Where a walk goes on that has come to the end of a shard.
std::optional<Place> Shards::after(const Place& from, std::optional<Place> next) const {
  if (next || from.shard + 1 == shards_.size()) return next;
  return Place{.shard = from.shard + 1};
}

std::optional<Place> Shards::count(const Place& from, std::size_t labels_max,
                                   Cardinality& into) const {
  return after(from, look(from.shard,
                          [&](const Store& store) { return store.count(from, labels_max, into); }));
}

std::optional<Place> Shards::write_block(const Place& from, std::size_t bytes_max,
                                         std::string& block) const {
  return after(from, look(from.shard, [&](const Store& store) {
                 return store.write_block(from, bytes_max, block);
               }));
}

Restored Shards::restore(const Snapshot& snapshot, Timestamp now) {
  Restored all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    const auto ours = [this, i](std::string_view resource) {
      return shard_of_packed(resource) == i;
    };
    all += look(i, [&](Store& store) { return store.restore(snapshot, ours, now); });
  }
  publish(now);
  return all;
}

Footprint Shards::footprint() const {
  Footprint all;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    all += look(i, [](const Store& store) { return store.footprint(); });
  return all;
}

std::optional<WrongClock> Shards::wrong_clock(const Question& question, Timestamp now) const {
  std::optional<WrongClock> latest;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto clock = look(i, [&](const Store& store) { return store.wrong_clock(question, now); });
    if (clock && (!latest || clock->last > latest->last)) latest = std::move(clock);
  }
  return latest;
}

std::vector<WrongClock> Shards::wrong_clocks() const {
  std::vector<WrongClock> all;
  for (std::size_t i = 0; i < shards_.size(); ++i)
    std::ranges::move(look(i, [](const Store& store) { return store.wrong_clocks(); }),
                      std::back_inserter(all));
  return all;
}

StandingId Shards::subscribe(Question question, Report report, Timestamp now) {
  const Lookback back{.window = question.window.value_or(options_.retention),
                      .kept_since = wanted_.hold(question.query.metric, now)};
  std::shared_ptr<StandingAnswer> whole;
  {
    const base::Lock lock(mutex_);
    whole = std::make_shared<StandingAnswer>(++last_id_, std::move(question), back, shards_.size(),
                                             std::move(report));
    queries_.emplace(whole->id, whole);
  }
  standing_.add(1);
  ShardSet asked;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    whole->put(i, look(i, [&](Store& store) { return store.stand(whole, now); }));
    asked = asked | ShardSet::of(i);
  }
  settle(*whole, now, asked);
  whole->open();
  return whole->id;
}

void Shards::unsubscribe(StandingId id) {
  const auto whole = find(id);
  if (!whole) return;
  {
    const base::Lock lock(mutex_);
    if (queries_.erase(id) == 0) return;
  }
  standing_.add(-1);
  whole->close();
  for (std::size_t i = 0; i < shards_.size(); ++i)
    look(i, [id](Store& store) { store.end_standing(id); });
  wanted_.release(whole->question.query.metric);
}

std::optional<Answer> Shards::answer(StandingId id, Timestamp now) {
  const auto whole = find(id);
  if (!whole) return std::nullopt;
  settle(*whole, now, ShardSet{});
  whole->tell(StandingAnswer::Change::answer);
  return whole->current();
}

std::shared_ptr<StandingAnswer> Shards::find(StandingId id) const {
  const base::Lock lock(mutex_);
  const auto found = queries_.find(id);
  return found == queries_.end() ? nullptr : found->second;
}

// Every shard answers up to a name of its own; what lies beyond the first of these comes later.
NameSlice Shards::names(std::string_view from, std::size_t limit) const {
  NameSlice all;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto slice = look(i, [&](const Store& store) { return store.names(from, limit); });
    std::ranges::move(slice.names, std::back_inserter(all.names));
    if (slice.next && (!all.next || *slice.next < *all.next)) all.next = std::move(slice.next);
  }
  if (all.next) std::erase_if(all.names, [&](const auto& name) { return name >= *all.next; });
  std::ranges::sort(all.names);
  const auto repeated = std::ranges::unique(all.names);
  all.names.erase(repeated.begin(), repeated.end());
  return all;
}

std::optional<std::string> Shards::metric_from(std::string_view name) const {
  std::optional<std::string> first;
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto metric = look(i, [&](const Store& store) { return store.metric_from(name); });
    if (metric && (!first || *metric < *first)) first = std::move(metric);
  }
  return first;
}

SeriesSlice Shards::series(const Place& from, std::size_t bytes_max) const {
  SeriesSlice slice;
  ListingRoom room(bytes_max);
  for (auto metric = metric_from(from.metric); metric; metric = metric_from(*metric + '\0')) {
    if (room.is_full()) {
      slice.next = Place{*metric};
      return slice;
    }
    Place at = *metric == from.metric ? from : Place{*metric};
    for (; at.shard < shards_.size(); ++at.shard, at.left = SIZE_MAX) {
      at.left = look(at.shard, [&](const Store& store) {
        return store.list_series(*metric, at.left, room, slice.rows);
      });
      if (at.left == 0) continue;
      slice.next = at;
      return slice;
    }
    room.take(listing_step_bytes);
  }
  return slice;
}

void Shards::reset() {
  for (std::size_t i = 0; i < shards_.size(); ++i) look(i, [](Store& store) { store.reset(); });
  ++resets_;
}

}  // namespace tsdb
