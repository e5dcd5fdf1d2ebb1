#pragma once

// The small query language of otel-add-on: `agg(name{label=value,...})` over one operation on a
// window of time. Immutable values and pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace tsdb {

enum class Aggregation : std::uint8_t { sum, avg, min, max, count };
enum class Operation : std::uint8_t { last_one, min, max, avg, count, rate };
enum class MatchType : std::uint8_t { equal, not_equal, regex, not_regex };

// A missing label counts as "". Regular expressions are anchored at both ends.
struct Matcher {
  std::string label;
  MatchType type = MatchType::equal;
  std::string value;
  bool operator==(const Matcher&) const = default;
};

struct MetricQuery {
  Aggregation aggregation = Aggregation::sum;
  std::string metric;
  std::vector<Matcher> matchers;
  bool operator==(const MetricQuery&) const = default;
};

// Reads a metricQuery. Errors: invalid, naming the byte (from 0) where it went wrong.
//
//   query    = [ "sum" | "avg" | "min" | "max" | "count" "(" ] name [ "{" matcher { "," matcher }
//   "}" ] [ ")" ] name     = letters, digits, "_" ":" "." "/" "-"; a letter, "_" or ":" first;
//   bytes beyond ASCII are letters matcher  = label ( "=" | "!=" | "=~" | "!~" ) value label, value
//   = in single or double quotes, without escapes; or bare
//
// A bare value runs to the next "," or the closing "}", without blanks at its ends; it holds no
// "=", "," or quote. Blanks are allowed between all parts but a function and its parenthesis.
// Source: otel-add-on's grammar with its defects 24 to 26 absent.
Result<MetricQuery> parse_metric_query(std::string_view text);
// The text that reads back as the same query. No text can hold a value with both kinds of quotes.
std::string to_string(const MetricQuery& query);

// The spelling under which metrics are looked up: '.' and '/' become '_'.
std::string fold_name(std::string_view metric);

// "last_one", "min", "max", "avg", "count", "rate". Errors: invalid, listing them.
Result<Operation> parse_operation(std::string_view text);
std::string_view to_string(Operation operation);

// One trigger's question to the store.
struct Question {
  MetricQuery query;
  Operation operation = Operation::last_one;
  std::optional<Duration> window;  // none: the store's retention
  bool operator==(const Question&) const = default;
};

}  // namespace tsdb
