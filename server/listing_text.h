#pragma once

// otel-add-on's listings as text, piece by piece: the pieces together are one document, indented by
// four spaces. Free of coroutines.

#include <span>
#include <string>

#include "tsdb/listing.h"

namespace server {

// {name: [series...], ...}, or {} without any; a series is what server/samples.h makes of it.
// Series of one metric come together.
class SeriesText {
 public:
  std::string piece(std::span<const tsdb::SeriesRow> rows);
  std::string end() const;

 private:
  std::string head_of(const std::string& metric);

  bool empty_ = true;
  std::string metric_;  // whose array is open
};

// [name, ...], or null without any.
class NameText {
 public:
  std::string piece(std::span<const std::string> names);
  std::string end() const;

 private:
  bool empty_ = true;
};

}  // namespace server
