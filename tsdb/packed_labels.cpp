#include "tsdb/packed_labels.h"

#include <algorithm>

namespace tsdb {
namespace {

void append_text(std::string& bytes, std::string_view text) {
  std::size_t length = text.size();
  for (; length >= 0x80; length >>= 7) bytes.push_back(static_cast<char>(length | 0x80));
  bytes.push_back(static_cast<char>(length));
  bytes += text;
}

}  // namespace

std::optional<LabelView> PackedCursor::next() {
  if (rest_.empty()) return std::nullopt;
  const std::string_view name = take();
  return LabelView{name, take()};
}

std::string_view PackedCursor::take() {
  std::size_t length = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  const std::string_view text = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return text;
}

std::optional<std::string_view> find_label(std::string_view packed, std::string_view name) {
  PackedCursor cursor(packed);
  while (const auto label = cursor.next()) {
    if (label->name == name) return label->value;
    if (label->name > name) break;
  }
  return std::nullopt;
}

std::string_view Packer::pack(std::span<const LabelView> labels) {
  order_.clear();
  for (const auto& label : labels) order_.push_back(&label);
  // Equal names keep the order of arrival, which is the order of their addresses.
  std::ranges::sort(order_, [](const LabelView* a, const LabelView* b) {
    const auto by_name = a->name <=> b->name;
    return by_name != 0 ? by_name < 0 : a < b;
  });
  bytes_.clear();
  repeated_ = false;
  for (std::size_t i = 0; i < order_.size(); ++i) {
    if (i + 1 < order_.size() && order_[i]->name == order_[i + 1]->name) {
      repeated_ = true;
      continue;
    }
    append_text(bytes_, order_[i]->name);
    append_text(bytes_, order_[i]->value);
  }
  return bytes_;
}

}  // namespace tsdb
