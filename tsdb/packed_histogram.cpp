#include "tsdb/packed_histogram.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "tsdb/codec.h"

namespace tsdb {
namespace {

enum Flag : std::uint8_t {
  exponential = 1,
  has_sum = 2,
  has_min = 4,
  has_max = 8,
  has_zero_threshold = 16,
  all_flags = 31,
};

void put_byte(std::string& bytes, std::uint8_t value) {
  bytes.push_back(static_cast<char>(value));
}

void put_zigzag(std::string& bytes, std::int32_t value) {
  const auto bits = static_cast<std::uint32_t>(value);
  put_varint(bytes, bits << 1 ^ static_cast<std::uint32_t>(value >> 31));
}

void put_number(std::string& bytes, double value) {
  char raw[sizeof value];
  std::memcpy(raw, &value, sizeof value);
  bytes.append(raw, sizeof raw);
}

void put_number(std::string& bytes, const std::optional<double>& value) {
  if (value) put_number(bytes, *value);
}

void put_run(std::string& bytes, const Buckets& buckets) {
  put_varint(bytes, buckets.counts.size());
  if (buckets.counts.empty()) return;
  put_zigzag(bytes, buckets.offset);
  for (const std::uint64_t count : buckets.counts) put_varint(bytes, count);
}

std::uint8_t byte(Bytes& in) {
  const std::string_view raw = in.raw(1);
  return raw.empty() ? 0 : static_cast<std::uint8_t>(raw.front());
}

std::int32_t zigzag(Bytes& in) {
  const auto bits = static_cast<std::uint32_t>(in.varint());
  return static_cast<std::int32_t>(bits >> 1 ^ (0 - (bits & 1)));
}

double number(Bytes& in) {
  double value = 0;
  in.raw(sizeof value).copy(reinterpret_cast<char*>(&value), sizeof value);
  return value;
}

std::vector<std::uint64_t> counts(Bytes& in, std::size_t n) {
  std::vector<std::uint64_t> counts(n);
  for (std::uint64_t& count : counts) count = in.varint();
  return counts;
}

Buckets run(Bytes& in) {
  Buckets buckets;
  const std::size_t n = in.varint();
  if (n == 0) return buckets;
  buckets.offset = zigzag(in);
  buckets.counts = counts(in, n);
  return buckets;
}

std::uint8_t flags_of(const Observed& observed) {
  return static_cast<std::uint8_t>((observed.sum ? has_sum : 0) | (observed.min ? has_min : 0) |
                                   (observed.max ? has_max : 0));
}

void pack(const Observed& observed, std::uint8_t flags, std::string& bytes) {
  put_byte(bytes, flags_of(observed) | flags);
  put_varint(bytes, observed.count);
  put_number(bytes, observed.sum);
  put_number(bytes, observed.min);
  put_number(bytes, observed.max);
}

void pack(const Observed& observed, const ExplicitView& buckets, std::string& bytes) {
  pack(observed, 0, bytes);
  for (const std::uint64_t count : buckets.counts) put_varint(bytes, count);
}

void pack(const ExponentialHistogram& histogram, std::string& bytes) {
  const bool wide = histogram.zero_threshold != 0;
  pack(histogram.observed, exponential | (wide ? has_zero_threshold : 0), bytes);
  put_zigzag(bytes, histogram.scale);
  put_varint(bytes, histogram.zero_count);
  if (wide) put_number(bytes, histogram.zero_threshold);
  put_run(bytes, histogram.positive);
  put_run(bytes, histogram.negative);
}

bool skip_counts(Bytes& in, std::size_t n) {
  for (; n > 0 && !in.failed(); --n) in.varint();
  return !in.failed();
}

// Goes over a run as it is kept: few buckets, none of them beyond 32 bits, the outermost not empty.
bool skip_run(Bytes& in) {
  const std::size_t n = in.varint();
  if (n == 0 || n > exponential_buckets_max) return n == 0;
  const auto last = std::int64_t{zigzag(in)} + static_cast<std::int64_t>(n) - 1;
  if (last > std::numeric_limits<std::int32_t>::max()) return false;
  if (in.varint() == 0) return false;
  if (n == 1) return true;
  return skip_counts(in, n - 2) && in.varint() != 0;
}

bool skip_exponential(Bytes& in, std::uint8_t flags) {
  const std::int32_t scale = zigzag(in);
  if (scale < scale_min || scale > scale_max) return false;
  in.varint();
  if (flags & has_zero_threshold) {
    const double threshold = number(in);
    if (!std::isfinite(threshold) || threshold <= 0) return false;
  }
  return skip_run(in) && skip_run(in);
}

}  // namespace

void pack(const HistogramView& view, std::string& bytes) {
  if (const auto* buckets = std::get_if<ExplicitView>(&view.buckets))
    return pack(view.observed, *buckets, bytes);
  pack(std::get<ExponentialHistogram>(to_histogram(view)), bytes);
}

Histogram unpack(std::string_view bytes, std::span<const double> bounds) {
  Bytes in(bytes);
  const std::uint8_t flags = byte(in);
  Observed observed{.count = in.varint()};
  if (flags & has_sum) observed.sum = number(in);
  if (flags & has_min) observed.min = number(in);
  if (flags & has_max) observed.max = number(in);
  if (!(flags & exponential)) {
    return ExplicitHistogram{.observed = observed,
                             .bounds = {bounds.begin(), bounds.end()},
                             .counts = counts(in, bounds.size() + 1)};
  }
  ExponentialHistogram out{.observed = observed, .scale = zigzag(in)};
  out.zero_count = in.varint();
  if (flags & has_zero_threshold) out.zero_threshold = number(in);
  out.positive = run(in);
  out.negative = run(in);
  return out;
}

bool is_packed_histogram(std::string_view bytes, std::optional<std::size_t> bounds) {
  Bytes in(bytes);
  const std::uint8_t flags = byte(in);
  if ((flags & ~all_flags) != 0 || ((flags & exponential) != 0) == bounds.has_value()) return false;
  if (bounds && (flags & has_zero_threshold)) return false;
  in.varint();
  for (const Flag flag : {has_sum, has_min, has_max}) {
    if (flags & flag) number(in);
  }
  const bool whole = bounds ? skip_counts(in, *bounds + 1) : skip_exponential(in, flags);
  return whole && in.empty() && !in.failed();
}

}  // namespace tsdb
