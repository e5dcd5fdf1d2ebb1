#pragma once

// YAML text to JSON values, with the line of every field. A thin face of yaml-cpp, reading as
// `kubectl` does.
//
// Scalars are typed as YAML 1.1 in Go's yaml.v2, which Kubernetes' tools read with: plain
// true/false, yes/no, on/off, y/n are booleans; ~, null and nothing are null; 0x1F, 0b1, 0o7, 017
// and 1_000 are integers; quoted text and timestamps are texts. Keys are always texts. "<<" joins
// maps in.

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "json/json.h"

namespace yaml {

struct Limits {
  std::size_t bytes_max = 4u << 20;
  std::size_t nodes_max = 200'000;  // after aliases are expanded
  int depth_max = 64;
};

// Field path (yaml/path.h) -> line, counted from 1. What an alias brings in has no entry of its
// own.
using Lines = std::map<std::string, int, std::less<>>;

struct Document {
  json::Value value;
  int line = 1;  // where it begins
  Lines lines;

  // The line of a field, or of the nearest part of its path that is there.
  int line_of(std::string_view path) const;
};

struct Problem {
  int line = 1;
  std::string path;  // empty: the text as a whole
  std::string message;
  bool operator==(const Problem&) const = default;
};

// Everything up to the first syntax error, which is a problem; a duplicate key is one too, and the
// first value stays.
struct Parsed {
  std::vector<Document> documents;  // without empty ones
  std::vector<Problem> problems;
};

Parsed parse(std::string_view text, const Limits& limits = {});

}  // namespace yaml
