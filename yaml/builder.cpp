#include "yaml/builder.h"

#include <yaml-cpp/mark.h>

#include <cmath>
#include <utility>

#include "yaml/path.h"
#include "yaml/scalar.h"

namespace yaml {
namespace {

constexpr std::size_t problems_max = 100;
constexpr std::string_view standard_tag = "tag:yaml.org,2002:";

int line_of_mark(const YAML::Mark& mark) {
  return mark.line + 1;
}

boost::json::string_view view(std::string_view text) {
  return {text.data(), text.size()};
}

// Plain scalars, and those tagged with one of YAML's own types but for text, are resolved; all
// others are texts.
bool is_plain(std::string_view tag) {
  if (tag == "?") return true;
  return tag == std::string(standard_tag) + "int" || tag == std::string(standard_tag) + "float" ||
         tag == std::string(standard_tag) + "bool" || tag == std::string(standard_tag) + "null";
}

json::Value scalar(std::string_view tag, const std::string& text) {
  if (is_plain(tag)) return resolve_plain(text);
  return view(text);
}

struct Size {
  std::size_t nodes = 1;
  std::size_t bytes = 0;
};

Size size_of(const json::Value& value) {
  Size size;
  const auto add = [&size](const json::Value& inner) {
    const Size more = size_of(inner);
    size.nodes += more.nodes;
    size.bytes += more.bytes;
  };
  if (value.is_string()) size.bytes = value.get_string().size();
  if (value.is_array()) {
    for (const json::Value& item : value.get_array()) add(item);
  }
  if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      size.bytes += member.key().size();
      add(member.value());
    }
  }
  return size;
}

}  // namespace

std::optional<Document> Builder::take() {
  if (!root_ || root_->is_null()) return std::nullopt;
  return Document{.value = *std::move(root_), .line = first_line_, .lines = std::move(lines_)};
}

void Builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  if (awaits_key()) throw Refused(line_of_mark(mark), "a key must not be empty");
  if (anchor != 0) remember(anchor, nullptr);
  place(nullptr, line_of_mark(mark));
}

void Builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const int line = line_of_mark(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) throw Refused(line, "an alias stands inside its own anchor");
  const Anchored& anchored = found->second;
  if (awaits_key()) {
    if (!anchored.value.is_string()) throw Refused(line, "a key must be a text");
    return read_key(line, "!", key_text(anchored.value));
  }
  spend(budget_.nodes, anchored.nodes, line, "too many values, aliases expanded");
  spend(budget_.alias_bytes, anchored.bytes, line, "aliases repeat too much text");
  place(anchored.value, line);
}

void Builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       const std::string& text) {
  const int line = line_of_mark(mark);
  if (awaits_key()) {
    if (anchor != 0) remember(anchor, view(text));
    return read_key(line, tag, text);
  }
  json::Value value = scalar(tag, text);
  if (value.is_double() && !std::isfinite(value.get_double())) {
    throw Refused(line, "\"" + text + "\" is not a number that JSON knows; put it in quotes");
  }
  if (anchor != 0) remember(anchor, value);
  place(std::move(value), line);
}

void Builder::OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                              YAML::EmitterStyle::value) {
  open(line_of_mark(mark), anchor, json::Array{});
}

void Builder::OnSequenceEnd() {
  close();
}

void Builder::OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) {
  open(line_of_mark(mark), anchor, json::Object{});
}

void Builder::OnMapEnd() {
  Frame& frame = frames_.back();
  json::Object& object = frame.value.get_object();
  // What a map says itself outranks what it merges in, and of that the first.
  for (const json::Value& source : frame.merged) {
    for (const auto& member : source.get_object()) {
      if (!object.contains(member.key())) object.emplace(member.key(), member.value());
    }
  }
  close();
}

bool Builder::awaits_key() const {
  return !frames_.empty() && frames_.back().value.is_object() && !frames_.back().key;
}

void Builder::read_key(int line, const std::string& tag, const std::string& text) {
  Frame& frame = frames_.back();
  frame.merges = text == "<<" && (tag == "?" || tag == std::string(standard_tag) + "merge");
  frame.key = frame.merges ? text : key_text(scalar(tag, text));
  frame.duplicate = !frame.merges && frame.value.get_object().contains(view(*frame.key));
  if (frame.merges) return;
  std::string path = next_path(frame);
  if (!frame.duplicate) return note_line(std::move(path), line);
  if (problems_.size() >= problems_max) return;
  const auto first = lines_.find(path);
  std::string message = "duplicate key";
  if (first != lines_.end()) message += ", first in line " + std::to_string(first->second);
  problems_.push_back({line, std::move(path), std::move(message)});
}

void Builder::open(int line, YAML::anchor_t anchor, json::Value empty) {
  if (awaits_key()) throw Refused(line, "a key must be a text");
  if (static_cast<int>(frames_.size()) >= limits_.depth_max) {
    throw Refused(line, "nested deeper than " + std::to_string(limits_.depth_max) + " levels");
  }
  spend(budget_.nodes, 1, line, "too many values");
  std::string path;
  if (frames_.empty()) {
    first_line_ = line;
  } else {
    path = next_path(frames_.back());
    if (frames_.back().value.is_array()) note_line(path, line);
  }
  last_line_ = line;
  frames_.push_back({.value = std::move(empty), .path = std::move(path), .anchor = anchor});
}

void Builder::close() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (frame.anchor != 0) remember(frame.anchor, frame.value);
  place(std::move(frame.value), 0);
}

// `line` is 0 for a map or list, whose line was noted when it was opened.
void Builder::place(json::Value value, int line) {
  if (line != 0) spend(budget_.nodes, 1, line, "too many values");
  if (frames_.empty()) {
    if (line != 0) first_line_ = line;
    root_ = std::move(value);
    return;
  }
  Frame& frame = frames_.back();
  if (frame.value.is_array()) {
    if (line != 0) note_line(next_path(frame), line);
    frame.value.get_array().push_back(std::move(value));
    return;
  }
  const std::string key = *std::exchange(frame.key, std::nullopt);
  if (frame.merges) {
    merge(frame, value, line != 0 ? line : last_line_);
  } else if (!frame.duplicate) {
    frame.value.get_object().emplace(view(key), std::move(value));
  }
}

void Builder::merge(Frame& frame, const json::Value& value, int line) {
  if (value.is_object()) {
    frame.merged.push_back(value);
    return;
  }
  if (!value.is_array()) throw Refused(line, "\"<<\" wants a map or a list of maps");
  for (const json::Value& item : value.get_array()) {
    if (!item.is_object()) throw Refused(line, "\"<<\" wants a map or a list of maps");
    frame.merged.push_back(item);
  }
}

std::string Builder::next_path(const Frame& frame) const {
  if (frame.value.is_array()) return item_path(frame.path, frame.value.get_array().size());
  return member_path(frame.path, *frame.key);
}

void Builder::note_line(std::string path, int line) {
  last_line_ = line;
  spend(budget_.path_bytes, path.size(), line, "keys are too long");
  lines_.emplace(std::move(path), line);
}

void Builder::spend(std::size_t& budget, std::size_t amount, int line, const char* what) const {
  if (amount > budget) throw Refused(line, what);
  budget -= amount;
}

void Builder::remember(YAML::anchor_t anchor, const json::Value& value) {
  const Size size = size_of(value);
  anchors_.insert_or_assign(anchor, Anchored{value, size.nodes, size.bytes});
}

}  // namespace yaml
