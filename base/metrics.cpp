#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/check.h"

namespace base::metrics {
namespace {

constexpr std::string_view type_names[] = {"counter", "gauge", "histogram"};

std::string escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || c == '"') out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string number(double v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", v);
}

std::string label_text(const Labels& labels, std::string_view bound = {}) {
  std::string out;
  const auto append = [&out](std::string_view name, std::string_view value) {
    out += fmt::format("{}{}=\"{}\"", out.empty() ? "" : ",", name, escape(value));
  };
  for (const auto& [name, value] : labels) append(name, value);
  if (!bound.empty()) append("le", bound);
  return out.empty() ? out : "{" + out + "}";
}

void append_histogram(std::string& out, std::string_view name, const Labels& labels,
                      const Histogram& h) {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i <= h.bounds().size(); ++i) {
    total += h.bucket(i);
    const std::string bound = i < h.bounds().size() ? number(h.bounds()[i]) : "+Inf";
    out += fmt::format("{}_bucket{} {}\n", name, label_text(labels, bound), total);
  }
  out += fmt::format("{}_sum{} {}\n", name, label_text(labels), number(h.sum()));
  out += fmt::format("{}_count{} {}\n", name, label_text(labels), total);
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(bounds.size() + 1) {
  CHECK(std::ranges::is_sorted(bounds_));
}

void Histogram::observe(double v) {
  const auto bucket = std::ranges::lower_bound(bounds_, v) - bounds_.begin();
  counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(v, std::memory_order_relaxed);
}

void Histogram::add(std::span<const std::uint64_t> counts, double sum) {
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts[i] > 0) counts_[i].fetch_add(counts[i], std::memory_order_relaxed);
  sum_.fetch_add(sum, std::memory_order_relaxed);
}

Registry::Series& Registry::series(std::string_view name, std::string_view help, Type type,
                                   Labels labels) {
  std::ranges::sort(labels);
  auto family = families_.find(name);
  if (family == families_.end()) {
    family = families_.emplace(std::string(name), Family{type, std::string(help), {}}).first;
  }
  CHECK(family->second.type == type);
  return family->second.series[std::move(labels)];
}

Counter& Registry::counter(std::string_view name, std::string_view help, Labels labels) {
  const Lock lock(mutex_);
  Series& s = series(name, help, Type::counter, std::move(labels));
  if (!s.counter) s.counter = std::make_unique<Counter>();
  return *s.counter;
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, Labels labels) {
  const Lock lock(mutex_);
  Series& s = series(name, help, Type::gauge, std::move(labels));
  if (!s.gauge) s.gauge = std::make_unique<Gauge>();
  return *s.gauge;
}

Histogram& Registry::histogram(std::string_view name, std::string_view help,
                               std::span<const double> bounds, Labels labels) {
  const Lock lock(mutex_);
  Series& s = series(name, help, Type::histogram, std::move(labels));
  if (!s.histogram) s.histogram = std::make_unique<Histogram>(bounds);
  return *s.histogram;
}

void Registry::remove(std::string_view name, const Labels& labels) {
  const Lock lock(mutex_);
  const auto family = families_.find(name);
  if (family == families_.end()) return;
  Labels sorted = labels;
  std::ranges::sort(sorted);
  family->second.series.erase(sorted);
}

std::string Registry::render() const {
  const Lock lock(mutex_);
  std::string out;
  for (const auto& [name, family] : families_) {
    if (family.series.empty()) continue;
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, family.help, name,
                       type_names[static_cast<int>(family.type)]);
    for (const auto& [labels, s] : family.series) {
      if (s.counter) out += fmt::format("{}{} {}\n", name, label_text(labels), s.counter->value());
      if (s.gauge)
        out += fmt::format("{}{} {}\n", name, label_text(labels), number(s.gauge->value()));
      if (s.histogram) append_histogram(out, name, labels, *s.histogram);
    }
  }
  return out;
}

}  // namespace base::metrics
