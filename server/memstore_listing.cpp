// otel-add-on's listings, slice by slice: a store of a million series is neither held up by who
// lists it, nor ever in memory as text.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/handlers.h"
#include "server/listing_text.h"

namespace server {
namespace {

// What a listing is made of: how the first ingest thread copies a slice, and how that reads.
struct SeriesWalk {
  static constexpr std::size_t slice_bytes_max = 64u << 10;
  using Place = tsdb::Place;
  using Text = SeriesText;
  static tsdb::SeriesSlice slice(const tsdb::Shards& store, const Place& from) {
    return store.series(from, slice_bytes_max);
  }
  static std::string piece(Text& text, const tsdb::SeriesSlice& slice) {
    return text.piece(slice.rows);
  }
};

struct NameWalk {
  static constexpr std::size_t slice_names_max = 1'000;
  using Place = std::string;
  using Text = NameText;
  static tsdb::NameSlice slice(const tsdb::Shards& store, const Place& from) {
    return store.names(from, slice_names_max);
  }
  static std::string piece(Text& text, const tsdb::NameSlice& slice) {
    return text.piece(slice.names);
  }
};

template <class Walk>
using Slice = decltype(Walk::slice(std::declval<const tsdb::Shards&>(), {}));

template <class Walk>
Task<Result<Slice<Walk>>> fetch(std::shared_ptr<RestState> rest, typename Walk::Place from) {
  return ask_store(std::move(rest), [from = std::move(from)](const tsdb::Shards& store) {
    return Walk::slice(store, from);
  });
}

// One slice after the other, the next when the peer has taken the last. Where the store does not
// answer in time the text ends unfinished, so that nobody takes a part for the whole.
template <class Walk>
Task<void> write_all(std::shared_ptr<RestState> rest, Slice<Walk> slice,
                     net::http::BodyWriter& out) {
  typename Walk::Text text;
  for (;;) {
    std::string piece = Walk::piece(text, slice);
    if (!slice.next) piece += text.end();
    const auto written = co_await out.write(std::move(piece));
    if (!written || !slice.next) co_return;
    auto following = co_await fetch<Walk>(rest, std::move(*slice.next));
    if (!following) {
      rest->with.log.warn("listing cut short", {{"error", following.error().what}});
      co_return;
    }
    slice = std::move(*following);
  }
}

// The first slice is fetched before anything is answered: a store that does not answer at all is a
// status.
template <class Walk>
Task<Result<Response>> list(Call call) {
  CO_TRY(auto first, co_await fetch<Walk>(call.rest, {}));
  Response response{
      .headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}}};
  response.stream = [rest = call.rest, first = std::move(first)](net::http::BodyWriter& out) {
    return write_all<Walk>(rest, first, out);
  };
  co_return response;
}

}  // namespace

Task<Result<Response>> list_names(Call call) {
  return list<NameWalk>(std::move(call));
}

Task<Result<Response>> list_data(Call call) {
  return list<SeriesWalk>(std::move(call));
}

}  // namespace server
