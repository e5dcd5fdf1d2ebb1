#include "scale/hpa/members.h"

#include <array>
#include <limits>

namespace scale::hpa {
namespace {

constexpr std::array<std::string_view, 5> type_names = {"Required", "Invalid", "NotSupported",
                                                        "Forbidden", "TypeInvalid"};

std::string_view view(const boost::json::string& text) {
  return {text.data(), text.size()};
}

}  // namespace

std::string_view to_string(FieldErrorType type) {
  return type_names[static_cast<std::size_t>(type)];
}

Members::Members(const json::Value* value, std::string path, FieldErrors& errors)
    : path_(std::move(path)), errors_(&errors) {
  if (!value || value->is_null()) return;
  object_ = value->if_object();
  if (!object_) wrong_type(path_, "an object");
}

const json::Value* Members::find(std::string_view key) const {
  if (!object_) return nullptr;
  const json::Value* value = object_->if_contains({key.data(), key.size()});
  return value && !value->is_null() ? value : nullptr;
}

void Members::add(std::string path, FieldErrorType type, std::string detail) const {
  errors_->push_back({std::move(path), type, std::move(detail)});
}

void Members::wrong_type(std::string path, std::string_view wanted) const {
  add(std::move(path), FieldErrorType::type_invalid, "must be " + std::string(wanted));
}

std::optional<std::string> Members::text(std::string_view key) const {
  const json::Value* value = find(key);
  if (!value) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string(view(*text));
  wrong_type(path(key), "a string");
  return std::nullopt;
}

std::optional<std::int32_t> Members::integer(std::string_view key) const {
  using Limits = std::numeric_limits<std::int32_t>;
  const json::Value* value = find(key);
  if (!value) return std::nullopt;
  const auto* number = value->if_int64();
  if (number && *number >= Limits::min() && *number <= Limits::max()) {
    return static_cast<std::int32_t>(*number);
  }
  wrong_type(path(key), "a 32-bit integer");
  return std::nullopt;
}

std::optional<base::Quantity> Members::quantity(std::string_view key) const {
  const json::Value* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_string() && !value->is_number()) {
    wrong_type(path(key), "a quantity");
    return std::nullopt;
  }
  const std::string text =
      value->is_string() ? std::string(view(value->get_string())) : json::print(*value);
  const auto quantity = base::parse_quantity(text);
  if (quantity) return *quantity;
  add(path(key), FieldErrorType::type_invalid, quantity.error().what);
  return std::nullopt;
}

Members Members::object(std::string_view key) const {
  return {find(key), path(key), *errors_};
}

std::vector<Members> Members::items(std::string_view key) const {
  std::vector<Members> out;
  const json::Value* value = find(key);
  if (!value) return out;
  const json::Array* list = value->if_array();
  if (!list) wrong_type(path(key), "a list");
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    std::string place = path(key) + "[" + std::to_string(i) + "]";
    if ((*list)[i].is_null()) wrong_type(place, "an object");
    out.emplace_back(&(*list)[i], std::move(place), *errors_);
  }
  return out;
}

std::vector<std::string> Members::texts(std::string_view key) const {
  std::vector<std::string> out;
  const json::Value* value = find(key);
  if (!value) return out;
  const json::Array* list = value->if_array();
  if (!list) wrong_type(path(key), "a list");
  for (std::size_t i = 0; list && i < list->size(); ++i) {
    if (const auto* text = (*list)[i].if_string()) {
      out.emplace_back(view(*text));
    } else {
      wrong_type(path(key) + "[" + std::to_string(i) + "]", "a string");
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> Members::pairs(std::string_view key) const {
  std::vector<std::pair<std::string, std::string>> out;
  const Members inner = object(key);
  if (!inner.object_) return out;
  for (const auto& member : *inner.object_) {
    const std::string name(member.key());
    if (const auto* text = member.value().if_string()) {
      out.emplace_back(name, view(*text));
    } else {
      wrong_type(inner.path() + "[" + name + "]", "a string");
    }
  }
  return out;
}

}  // namespace scale::hpa
