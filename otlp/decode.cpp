#include "otlp/decode.h"

#include <bit>
#include <cstring>
#include <optional>
#include <type_traits>

#include "otlp/any_value.h"
#include "otlp/batch_builder.h"
#include "otlp/fields.h"
#include "otlp/place.h"
#include "proto/reader.h"

namespace otlp {
namespace {

using proto::Reader;

// Reads labels into the batch. Confined to one call.
class Labels {
 public:
  using Place = otlp::Place;

  explicit Labels(BatchBuilder& builder) : builder_(builder) {}

  // A set begins. `around`: the message that holds it.
  void open(Batch::Attributes& set, const Reader& /*around*/) {
    set.range = {builder_.labels_end(), builder_.labels_end()};
  }
  // More of it follows, perhaps after others.
  Result<void> resume(Batch::Attributes& set) { return builder_.continue_labels(set.range); }
  // One attribute of it: the field that `in` is at.
  Result<void> take(Batch::Attributes& set, Reader& in) {
    TRY(const auto label, read_label(in.message(), builder_.texts()));
    TRY_VOID(builder_.add_label(label.name, label.value));
    set.range.end = builder_.labels_end();
    return {};
  }

 private:
  BatchBuilder& builder_;
};

// Adds up digests instead. Where something is wrong is left to the others. Confined to one call.
class Digests {
 public:
  struct Place {
    void enter(std::string_view /*field*/, std::size_t /*index*/) {}
    void leave() {}
  };

  Digests(std::string_view body, const tsdb::Hasher& hasher, const DecodeLimits& limits)
      : body_(body), hasher_(hasher), left_(limits.attributes_max) {}

  void open(Batch::Attributes& set, const Reader& around) {
    const std::string_view bytes = around.rest();
    const auto begin = static_cast<std::uint32_t>(bytes.data() - body_.data());
    set.range = {begin, begin + static_cast<std::uint32_t>(bytes.size())};
  }
  static Result<void> resume(const Batch::Attributes& /*set*/) { return {}; }
  Result<void> take(Batch::Attributes& set, Reader& in) {
    set.digest += hasher_.of(in.bytes());
    if (left_-- > 0) return {};
    return BatchBuilder::too_many("attributes");
  }

  // A point of a number as every SDK writes it: short attributes, one byte per tag and length.
  // Returns false for all others, half read.
  bool take_usual(std::string_view message, Batch::Row& row, bool& has_value);

 private:
  std::string_view body_;
  const tsdb::Hasher& hasher_;
  std::size_t left_;
};

constexpr char tag_of(std::uint32_t number, std::uint32_t wire_type) {
  return static_cast<char>(number << 3 | wire_type);
}

bool Digests::take_usual(std::string_view message, Batch::Row& row, bool& has_value) {
  constexpr std::uint32_t fixed64 = 1;
  constexpr std::uint32_t length_delimited = 2;
  const char* at = message.data();
  const char* const end = at + message.size();
  const auto word = [&at] {
    std::uint64_t bits;
    std::memcpy(&bits, at, sizeof bits);
    at += sizeof bits;
    return bits;
  };
  while (end - at > static_cast<std::ptrdiff_t>(sizeof(std::uint64_t))) {
    switch (*at++) {
      case tag_of(field::point::start_time_unix_nano, fixed64):
        row.point.start = to_timestamp(word());
        break;
      case tag_of(field::point::time_unix_nano, fixed64):
        row.point.time = to_timestamp(word());
        break;
      case tag_of(field::point::as_double, fixed64):
        row.point.value = tsdb::Value::of(std::bit_cast<double>(word()));
        has_value = true;
        break;
      case tag_of(field::point::as_int, fixed64):
        row.point.value = tsdb::Value::of_int(static_cast<std::int64_t>(word()));
        has_value = true;
        break;
      case tag_of(field::point::attributes, length_delimited): {
        const auto length = static_cast<signed char>(*at++);
        if (length < 0 || length > end - at || left_ == 0) return false;
        --left_;
        row.attributes.digest += hasher_.of({at, static_cast<std::size_t>(length)});
        at += length;
        break;
      }
      default:
        return false;
    }
  }
  return at == end;
}

// The name of a metric, of several the last one, from its fields' lengths; nullopt: they are
// damaged.
std::optional<std::string_view> name_of(Reader metric) {
  std::string_view name;
  while (metric.next()) {
    if (metric.field() == field::metric::name) name = metric.bytes();
  }
  if (!metric.finish()) return std::nullopt;
  return name;
}

// One pass over the request's bytes; `Attributes` is one of the two above. Confined to one call.
template <class Attributes>
class Decoder {
 public:
  Decoder(BatchBuilder& builder, Attributes attributes, tsdb::WantedView* wanted)
      : builder_(builder), attributes_(attributes), wanted_(wanted) {}

  Result<void> request(Reader in) {
    for (std::size_t i = 0; in.next();) {
      if (in.field() != field::request::resource_metrics) continue;
      place_.enter("resource_metrics", i++);
      TRY_VOID(resource_metrics(in.message()));
      place_.leave();
    }
    return in.finish();
  }

  Error locate(Error error) const { return place_.locate(std::move(error)); }

 private:
  Result<void> resource_metrics(Reader in) {
    TRY_VOID(builder_.open_resource());
    attributes_.open(builder_.resource(), in);
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::resource_metrics::resource: {
          TRY_VOID(resource(in.message()));
          break;
        }
        case field::resource_metrics::scope_metrics:
          place_.enter("scope_metrics", i++);
          TRY_VOID(scope_metrics(in.message()));
          place_.leave();
          break;
        default:
          break;
      }
    }
    return in.finish();
  }

  Result<void> resource(Reader in) {
    TRY_VOID(attributes_.resume(builder_.resource()));
    for (std::size_t i = 0; in.next();) {
      if (in.field() != field::resource::attributes) continue;
      TRY_VOID(attribute(builder_.resource(), in, "resource.attributes", i++));
    }
    return in.finish();
  }

  Result<void> scope_metrics(Reader in) {
    TRY_VOID(builder_.open_scope());
    attributes_.open(builder_.scope().attributes, in);
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::scope_metrics::scope: {
          TRY_VOID(scope(in.message()));
          break;
        }
        case field::scope_metrics::metrics:
          place_.enter("metrics", i++);
          TRY_VOID(metric_if_wanted(in.message()));
          place_.leave();
          break;
        default:
          break;
      }
    }
    return in.finish();
  }

  Result<void> scope(Reader in) {
    TRY_VOID(attributes_.resume(builder_.scope().attributes));
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::scope::name:
          builder_.scope().name = in.text();
          break;
        case field::scope::version:
          builder_.scope().version = in.text();
          break;
        case field::scope::attributes: {
          TRY_VOID(attribute(builder_.scope().attributes, in, "scope.attributes", i++));
          break;
        }
        default:
          break;
      }
    }
    return in.finish();
  }

  Result<void> metric_if_wanted(Reader in) {
    if (is_wanted(in)) return metric(in);
    builder_.skip_metric();
    return {};
  }

  // A damaged one is, so that its damage is told.
  bool is_wanted(const Reader& in) {
    if (wanted_ == nullptr) return true;
    const auto name = name_of(in);
    return !name || wanted_->wants(*name);
  }

  Result<void> metric(Reader in) {
    TRY_VOID(builder_.open_metric());
    while (in.next()) {
      if (in.field() == field::metric::name) {
        builder_.metric().name = in.text();
      } else if (in.field() == field::metric::description) {
        builder_.metric().description = in.text();
      } else if (in.field() == field::metric::unit) {
        builder_.metric().unit = in.text();
      } else if (const MetricType type = type_of(in.field()); type != MetricType::none) {
        builder_.set_type(type);
        builder_.metric().attributes_field = attributes_field(type);
        TRY_VOID(data(in.message(), type));
      }
    }
    builder_.close_metric();
    return in.finish();
  }

  static MetricType type_of(std::uint32_t number) {
    switch (number) {
      case field::metric::gauge:
        return MetricType::gauge;
      case field::metric::sum:
        return MetricType::sum;
      case field::metric::histogram:
        return MetricType::histogram;
      case field::metric::exponential_histogram:
        return MetricType::exponential_histogram;
      case field::metric::summary:
        return MetricType::summary;
      default:
        return MetricType::none;
    }
  }

  Result<void> data(Reader in, MetricType type) {
    Batch::Metric& metric = builder_.metric();
    for (std::size_t i = 0; in.next();) {
      if (in.field() == field::data::data_points) {
        place_.enter("data_points", i++);
        TRY_VOID(is_distribution(type) ? distribution(in.message(), type) : point(in.message()));
        place_.leave();
      } else if (has_temporality(type) && in.field() == field::data::aggregation_temporality) {
        metric.temporality = to_temporality(in.int32());
      } else if (type == MetricType::sum && in.field() == field::data::is_monotonic) {
        metric.monotonic = in.boolean();
      }
    }
    return in.finish();
  }

  Result<void> point(Reader in) {
    Batch::Row row;
    attributes_.open(row.attributes, in);
    if constexpr (std::is_same_v<Attributes, Digests>) {
      bool valued = false;
      if (attributes_.take_usual(in.rest(), row, valued)) return builder_.add_point(row, valued);
      row = {};
      attributes_.open(row.attributes, in);
    }
    tsdb::Point& point = row.point;
    bool has_value = false;
    for (std::size_t i = 0; in.next();) {
      switch (in.field()) {
        case field::point::start_time_unix_nano:
          point.start = to_timestamp(in.fixed64());
          break;
        case field::point::time_unix_nano:
          point.time = to_timestamp(in.fixed64());
          break;
        case field::point::as_double:
          point.value = tsdb::Value::of(in.float64());
          has_value = true;
          break;
        case field::point::as_int:
          point.value = tsdb::Value::of_int(in.sfixed64());
          has_value = true;
          break;
        case field::point::attributes: {
          TRY_VOID(attribute(row.attributes, in, "attributes", i++));
          break;
        }
        case field::point::flags:
          point.no_recorded_value = (in.uint32() & field::point::no_recorded_value) != 0;
          break;
        case field::point::exemplars:
          builder_.add_exemplars(1);
          break;
        default:
          break;
      }
    }
    TRY_VOID(in.finish());
    return builder_.add_point(row, has_value);
  }

  static std::uint32_t attributes_field(MetricType type) {
    return is_distribution(type) ? numbers_of(type).attributes : field::point::attributes;
  }

  static field::distribution::Numbers numbers_of(MetricType type) {
    if (type == MetricType::histogram) return field::distribution::histogram;
    if (type == MetricType::summary) return field::distribution::summary;
    return field::distribution::exponential_histogram;
  }

  // The quantiles of a summary are not read, but they must be whole.
  Result<void> distribution(Reader in, MetricType type) {
    const auto numbers = numbers_of(type);
    Batch::Row row;
    attributes_.open(row.attributes, in);
    Batch::Histogram read = builder_.open_distribution();
    if (type == MetricType::summary) read.observed.sum = 0;  // without presence: not sent is 0
    for (std::size_t i = 0; in.next();) {
      if (in.field() == numbers.attributes) {
        TRY_VOID(attribute(row.attributes, in, "attributes", i++));
      } else if (in.field() == numbers.flags) {
        row.point.no_recorded_value = (in.uint32() & field::point::no_recorded_value) != 0;
      } else if (in.field() == field::distribution::start_time_unix_nano) {
        row.point.start = to_timestamp(in.fixed64());
      } else if (in.field() == field::distribution::time_unix_nano) {
        row.point.time = to_timestamp(in.fixed64());
      } else if (in.field() == field::distribution::count) {
        read.observed.count = in.fixed64();
      } else if (in.field() == field::distribution::sum) {
        read.observed.sum = in.float64();
      } else if (type != MetricType::summary) {
        TRY_VOID(histogram_field(read, in, type));
      }
    }
    TRY_VOID(in.finish());
    return builder_.add_distribution(row, read);
  }

  // One field of those that only histograms have.
  Result<void> histogram_field(Batch::Histogram& read, Reader& in, MetricType type) {
    const auto numbers = numbers_of(type);
    if (in.field() == numbers.min) {
      read.observed.min = in.float64();
    } else if (in.field() == numbers.max) {
      read.observed.max = in.float64();
    } else if (in.field() == numbers.exemplars) {
      builder_.add_exemplars(1);
    } else if (type == MetricType::histogram) {
      explicit_field(in);
    } else {
      return exponential_field(read, in);
    }
    return {};
  }

  void explicit_field(Reader& in) {
    if (in.field() == field::explicit_buckets::bucket_counts) {
      in.each_fixed64<std::uint64_t>([this](std::uint64_t count) { builder_.add_count(count); });
    } else if (in.field() == field::explicit_buckets::explicit_bounds) {
      in.each_fixed64<double>([this](double bound) { builder_.add_bound(bound); });
    }
  }

  Result<void> exponential_field(Batch::Histogram& read, Reader& in) {
    switch (in.field()) {
      case field::exponential_buckets::scale:
        read.scale = in.sint32();
        break;
      case field::exponential_buckets::zero_count:
        read.zero_count = in.fixed64();
        break;
      case field::exponential_buckets::zero_threshold:
        read.zero_threshold = in.float64();
        break;
      case field::exponential_buckets::positive:
        return buckets(in.message(), read.positive_offset,
                       [this](std::uint64_t count) { builder_.add_count(count); });
      case field::exponential_buckets::negative:
        return buckets(in.message(), read.negative_offset,
                       [this](std::uint64_t count) { builder_.add_negative_count(count); });
      default:
        break;
    }
    return {};
  }

  template <class Take>
  static Result<void> buckets(Reader in, std::int32_t& offset, Take take) {
    while (in.next()) {
      if (in.field() == field::buckets::offset) {
        offset = in.sint32();
      } else if (in.field() == field::buckets::bucket_counts) {
        in.each_uint64(take);
      }
    }
    return in.finish();
  }

  Result<void> attribute(Batch::Attributes& set, Reader& in, std::string_view list,
                         std::size_t index) {
    place_.enter(list, index);
    TRY_VOID(attributes_.take(set, in));
    place_.leave();
    return {};
  }

  BatchBuilder& builder_;
  Attributes attributes_;
  tsdb::WantedView* const wanted_;  // nullptr: all are
  typename Attributes::Place place_;
};

tsdb::Digest digest_of(const Batch::Scope& scope, const tsdb::Hasher& hasher) {
  using tsdb::Hasher;
  using tsdb::Part;
  return Hasher::sealed(scope.attributes.digest +
                            Hasher::sealed(hasher.of(scope.name), Part::scope_name) +
                            Hasher::sealed(hasher.of(scope.version), Part::scope_version),
                        Part::scope);
}

// The digest of each row's series: its labels', and all that its metric's have in common.
void add_digests(Batch& batch, const tsdb::Hasher& hasher) {
  using tsdb::Hasher;
  using tsdb::Part;
  std::uint32_t known_scope = 0;
  tsdb::Digest scope_digest;  // with its resource
  batch.digests.reserve(batch.rows.size());
  for (const Batch::Metric& metric : batch.metrics) {
    if (batch.digests.empty() || metric.scope != known_scope) {
      const Batch::Scope& scope = batch.scopes[metric.scope];
      known_scope = metric.scope;
      scope_digest = digest_of(scope, hasher) +
                     Hasher::sealed(batch.resources[scope.resource].digest, Part::resource);
    }
    const tsdb::Digest common = scope_digest + Hasher::sealed(hasher.of(metric.name), Part::metric);
    for (const Batch::Row& row : batch.rows_of(metric))
      batch.digests.push_back(row.attributes.digest + common);
  }
}

}  // namespace

Result<void> decode(std::string_view body, Batch& batch, const DecodeOptions& options) {
  batch.clear();
  BatchBuilder builder(batch, options.limits);
  Decoder decoder(builder, Labels(builder), options.wanted);
  const auto decoded = decoder.request(Reader(body, message_nesting_max));
  if (decoded) return {};
  batch.clear();
  return std::unexpected(decoder.locate(decoded.error()));
}

Result<void> digest(std::string_view body, Batch& batch, const tsdb::Hasher& hasher,
                    const DecodeOptions& options) {
  batch.clear();
  batch.body = body.data() ? body : std::string_view("");
  BatchBuilder builder(batch, options.limits);
  Decoder decoder(builder, Digests(batch.body, hasher, options.limits), options.wanted);
  // Of several errors the first counts, also one within an attribute.
  if (!decoder.request(Reader(batch.body, message_nesting_max)))
    return decode(body, batch, options);
  add_digests(batch, hasher);
  return {};
}

}  // namespace otlp
