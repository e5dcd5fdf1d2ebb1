#include "tsdb/packed_labels.h"

#include <algorithm>

#include "tsdb/codec.h"

namespace tsdb {
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

bool is_packed(std::string_view bytes) {
  Bytes rest(bytes);
  std::optional<std::string_view> last;
  while (!rest.empty()) {
    const std::string_view name = rest.text();
    rest.text();
    if (rest.failed() || (last && name <= *last)) return false;
    last = name;
  }
  return !rest.failed();
}

Labels unpacked(std::string_view packed) {
  Labels labels;
  PackedCursor cursor(packed);
  while (const auto label = cursor.next())
    labels.push_back({std::string(label->name), std::string(label->value)});
  return labels;
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
    put_text(bytes_, order_[i]->name);
    put_text(bytes_, order_[i]->value);
  }
  return bytes_;
}

}  // namespace tsdb
