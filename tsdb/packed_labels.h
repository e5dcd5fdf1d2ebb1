#pragma once

// A label set as one run of bytes: sorted by name, names unique. Equal sets are equal bytes.
//
//   per label:  varint length | name | varint length | value

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tsdb/types.h"

namespace tsdb {

// Walks packed bytes. The bytes outlive it.
class PackedCursor {
 public:
  explicit PackedCursor(std::string_view bytes) : rest_(bytes) {}
  // The next label; nullopt at the end.
  std::optional<LabelView> next();

 private:
  std::string_view take();

  std::string_view rest_;
};

// The value of `name` in packed bytes; nullopt when it is missing.
std::optional<std::string_view> find_label(std::string_view packed, std::string_view name);

// Whether these bytes are a packed set. All others here take it for granted.
bool is_packed(std::string_view bytes);

Labels unpacked(std::string_view packed);

// Packs label sets into a buffer of its own, which the next call overwrites. Confined to its owner.
class Packer {
 public:
  // `labels` in any order; of two equal names the last wins.
  std::string_view pack(std::span<const LabelView> labels);
  // Whether names of the last call were equal.
  bool repeated() const { return repeated_; }

 private:
  std::vector<const LabelView*> order_;
  std::string bytes_;
  bool repeated_ = false;
};

// Owns packed bytes without room to grow. An immutable value that moves.
class PackedLabels {
 public:
  PackedLabels() = default;
  explicit PackedLabels(std::string_view bytes)
      : bytes_(std::make_unique_for_overwrite<char[]>(bytes.size())),
        size_(static_cast<std::uint32_t>(bytes.size())) {
    std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }

  std::string_view bytes() const { return {bytes_.get(), size_}; }
  std::optional<std::string_view> find(std::string_view name) const {
    return find_label(bytes(), name);
  }

 private:
  std::unique_ptr<char[]> bytes_;
  std::uint32_t size_ = 0;
};

}  // namespace tsdb
