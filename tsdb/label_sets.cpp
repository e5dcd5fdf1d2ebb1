#include "tsdb/label_sets.h"

#include <xxhash.h>

#include <algorithm>

#include "base/check.h"
#include "base/random.h"
#include "tsdb/footprint.h"

namespace tsdb {
namespace {

std::size_t bytes_of(const LabelSet& set) {
  return block_bytes(sizeof set) + block_bytes(set.labels.bytes().size());
}

}  // namespace

LabelSets::LabelSets() {
  base::fill_secure({reinterpret_cast<char*>(&key_), sizeof key_});
}

LabelSets::~LabelSets() {
  CHECK(sets_.empty());
}

LabelSet* LabelSets::hold(std::span<const LabelView> labels) {
  return hold_packed(packer_.pack(labels));
}

LabelSet* LabelSets::hold_packed(std::string_view bytes) {
  const Probe probe{bytes, XXH3_64bits_withSeed(bytes.data(), bytes.size(), key_)};
  if (const auto found = sets_.find(probe); found != sets_.end()) return hold(*found);
  auto* set = new LabelSet{.labels = PackedLabels(bytes), .hash = probe.hash, .holders = 1};
  sets_.insert(set);
  bytes_ += bytes_of(*set);
  return set;
}

LabelSet* LabelSets::hold(LabelSet* set) {
  ++set->holders;
  return set;
}

void LabelSets::release(LabelSet* set) {
  if (--set->holders > 0) return;
  sets_.erase(set);
  shrink_table(sets_);
  bytes_ -= bytes_of(*set);
  delete set;
}

std::size_t LabelSets::bytes() const {
  return bytes_ + table_bytes(sets_);
}

LabelSet* LastSet::find(std::span<const LabelView> labels) {
  if (set_ && std::ranges::equal(labels, labels_)) return set_;
  LabelSet* next = sets_.hold(labels);
  repeated_ = sets_.repeated();
  forget();
  set_ = next;
  remember(labels);
  return set_;
}

void LastSet::forget() {
  if (set_) sets_.release(set_);
  set_ = nullptr;
}

void LastSet::remember(std::span<const LabelView> labels) {
  std::size_t size = 0;
  for (const auto& label : labels) size += label.name.size() + label.value.size();
  text_.clear();
  text_.reserve(size);  // so that the views stay valid
  const auto keep = [this](std::string_view text) {
    text_ += text;
    return std::string_view(text_).substr(text_.size() - text.size());
  };
  labels_.clear();
  for (const auto& label : labels) {
    const std::string_view name = keep(label.name);
    labels_.push_back({name, keep(label.value)});
  }
}

}  // namespace tsdb
