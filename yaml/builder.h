#pragma once

// Turns yaml-cpp's events of one document into a JSON value and its lines. Only yaml.cpp uses it.

#include <yaml-cpp/eventhandler.h>

#include <cstddef>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "yaml/yaml.h"

namespace yaml {

// A text that cannot be taken. Thrown through yaml-cpp and caught by parse(); nobody else sees it.
class Refused : public std::runtime_error {
 public:
  Refused(int where, const std::string& message) : std::runtime_error(message), line(where) {}
  int line;
};

// What all documents of a text may use together.
struct Budget {
  std::size_t nodes;
  std::size_t alias_bytes;  // of texts that aliases repeat
  std::size_t path_bytes;   // of all paths in Lines
};

// Confined to its owner; limits, budget and problems outlive it.
class Builder final : public YAML::EventHandler {
 public:
  Builder(const Limits& limits, Budget& budget, std::vector<Problem>& problems)
      : limits_(limits), budget_(budget), problems_(problems) {}

  // The document; none when it was empty.
  std::optional<Document> take();

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override;
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override;

 private:
  // A map or list that is still open.
  struct Frame {
    json::Value value;
    std::string path;
    YAML::anchor_t anchor = 0;
    std::optional<std::string> key;   // of the value that comes next, in a map
    bool duplicate = false;           // its key was there already
    bool merges = false;              // its key is "<<"
    std::vector<json::Value> merged;  // what "<<" brought in
  };
  struct Anchored {
    json::Value value;
    std::size_t nodes = 1;
    std::size_t bytes = 0;
  };

  bool awaits_key() const;
  void read_key(int line, const std::string& tag, const std::string& text);
  void open(int line, YAML::anchor_t anchor, json::Value empty);
  void close();
  void place(json::Value value, int line);
  void merge(Frame& frame, const json::Value& value, int line);
  std::string next_path(const Frame& frame) const;
  void note_line(std::string path, int line);
  void spend(std::size_t& budget, std::size_t amount, int line, const char* what) const;
  void remember(YAML::anchor_t anchor, const json::Value& value);

  const Limits& limits_;
  Budget& budget_;
  std::vector<Problem>& problems_;
  std::vector<Frame> frames_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  std::optional<json::Value> root_;
  Lines lines_;
  int first_line_ = 1;
  int last_line_ = 1;
};

}  // namespace yaml
