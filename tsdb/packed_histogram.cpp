#include "tsdb/packed_histogram.h"

#include <bit>
#include <cstring>

namespace tsdb {
namespace {

enum Flag : std::uint8_t {
  exponential = 1,
  has_sum = 2,
  has_min = 4,
  has_max = 8,
  has_zero_threshold = 16,
};

class Writer {
 public:
  explicit Writer(std::vector<std::uint8_t>& bytes) : bytes_(bytes) {}

  void byte(std::uint8_t value) { bytes_.push_back(value); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  void zigzag(std::int32_t value) {
    const auto bits = static_cast<std::uint32_t>(value);
    varint(bits << 1 ^ static_cast<std::uint32_t>(value >> 31));
  }
  void number(double value) {
    std::uint8_t raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    bytes_.insert(bytes_.end(), raw, raw + sizeof raw);
  }
  void number(const std::optional<double>& value) {
    if (value) number(*value);
  }
  void run(const Buckets& buckets) {
    varint(buckets.counts.size());
    if (buckets.counts.empty()) return;
    zigzag(buckets.offset);
    for (const std::uint64_t count : buckets.counts) varint(count);
  }

 private:
  std::vector<std::uint8_t>& bytes_;
};

class Reader {
 public:
  explicit Reader(const std::uint8_t* at) : at_(at) {}

  std::uint8_t byte() { return *at_++; }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t part = *at_++;
      value |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if (part < 0x80) return value;
    }
  }
  std::int32_t zigzag() {
    const auto bits = static_cast<std::uint32_t>(varint());
    return static_cast<std::int32_t>(bits >> 1 ^ (0 - (bits & 1)));
  }
  double number() {
    double value = 0;
    std::memcpy(&value, at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::vector<std::uint64_t> counts(std::size_t n) {
    std::vector<std::uint64_t> counts(n);
    for (std::uint64_t& count : counts) count = varint();
    return counts;
  }
  Buckets run() {
    Buckets buckets;
    const std::size_t n = varint();
    if (n == 0) return buckets;
    buckets.offset = zigzag();
    buckets.counts = counts(n);
    return buckets;
  }

 private:
  const std::uint8_t* at_;
};

std::uint8_t flags_of(const Observed& observed) {
  return static_cast<std::uint8_t>((observed.sum ? has_sum : 0) | (observed.min ? has_min : 0) |
                                   (observed.max ? has_max : 0));
}

void pack(Writer& out, const Observed& observed, std::uint8_t flags) {
  out.byte(flags_of(observed) | flags);
  out.varint(observed.count);
  out.number(observed.sum);
  out.number(observed.min);
  out.number(observed.max);
}

void pack(Writer& out, const Observed& observed, const ExplicitView& buckets) {
  pack(out, observed, 0);
  for (const std::uint64_t count : buckets.counts) out.varint(count);
}

void pack(Writer& out, const ExponentialHistogram& histogram) {
  const bool wide = histogram.zero_threshold != 0;
  pack(out, histogram.observed, exponential | (wide ? has_zero_threshold : 0));
  out.zigzag(histogram.scale);
  out.varint(histogram.zero_count);
  if (wide) out.number(histogram.zero_threshold);
  out.run(histogram.positive);
  out.run(histogram.negative);
}

}  // namespace

void pack(const HistogramView& view, std::vector<std::uint8_t>& bytes) {
  Writer out(bytes);
  if (const auto* buckets = std::get_if<ExplicitView>(&view.buckets))
    return pack(out, view.observed, *buckets);
  pack(out, std::get<ExponentialHistogram>(to_histogram(view)));
}

Histogram unpack(std::span<const std::uint8_t> bytes, std::span<const double> bounds) {
  Reader in(bytes.data());
  const std::uint8_t flags = in.byte();
  Observed observed{.count = in.varint()};
  if (flags & has_sum) observed.sum = in.number();
  if (flags & has_min) observed.min = in.number();
  if (flags & has_max) observed.max = in.number();
  if (!(flags & exponential)) {
    return ExplicitHistogram{.observed = observed,
                             .bounds = {bounds.begin(), bounds.end()},
                             .counts = in.counts(bounds.size() + 1)};
  }
  ExponentialHistogram out{.observed = observed, .scale = in.zigzag()};
  out.zero_count = in.varint();
  if (flags & has_zero_threshold) out.zero_threshold = in.number();
  out.positive = in.run();
  out.negative = in.run();
  return out;
}

}  // namespace tsdb
