#pragma once

// A text that is written once and then only handed on.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace scale {

// Empty costs nothing; a copy shares. Immutable, so several threads may read one.
class SharedText {
 public:
  SharedText() = default;
  SharedText(std::string text)
      : text_(text.empty() ? nullptr : std::make_shared<const std::string>(std::move(text))) {}
  SharedText(const char* text) : SharedText(std::string(text)) {}

  bool empty() const { return !text_; }
  std::string_view view() const { return text_ ? std::string_view(*text_) : std::string_view(); }

  bool operator==(const SharedText& other) const {
    return text_ == other.text_ || view() == other.view();
  }

 private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace scale
