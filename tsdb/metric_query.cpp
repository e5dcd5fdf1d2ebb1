#include "tsdb/metric_query.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tsdb/selector.h"

namespace tsdb {
namespace {

constexpr std::size_t query_bytes_max = 64u << 10;
constexpr std::size_t matchers_max = 256;

struct AggregationRow {
  Aggregation aggregation;
  std::string_view name;
};
constexpr std::array aggregations{
    AggregationRow{Aggregation::sum, "sum"},     AggregationRow{Aggregation::avg, "avg"},
    AggregationRow{Aggregation::min, "min"},     AggregationRow{Aggregation::max, "max"},
    AggregationRow{Aggregation::count, "count"},
};

struct OperationRow {
  Operation operation;
  std::string_view name;
};
constexpr std::array operations{
    OperationRow{Operation::last_one, "last_one"}, OperationRow{Operation::min, "min"},
    OperationRow{Operation::max, "max"},           OperationRow{Operation::avg, "avg"},
    OperationRow{Operation::count, "count"},       OperationRow{Operation::rate, "rate"},
};

struct MatchRow {
  MatchType type;
  std::string_view text;
};
// Longest first, as they are tried.
constexpr std::array match_types{
    MatchRow{MatchType::regex, "=~"},
    MatchRow{MatchType::not_equal, "!="},
    MatchRow{MatchType::not_regex, "!~"},
    MatchRow{MatchType::equal, "="},
};

constexpr std::string_view blanks = " \t\r\n";

bool is_blank(char c) {
  return blanks.contains(c);
}
bool is_letter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || byte >= 0x80;
}
bool is_name_char(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-';
}
bool is_label_char(char c) {
  constexpr std::string_view reserved = "=!~<>,{}()[]\"'";
  return static_cast<unsigned char>(c) > ' ' && c != '\x7f' && !reserved.contains(c);
}

std::string_view name_of(Aggregation aggregation) {
  return aggregations[static_cast<std::size_t>(aggregation)].name;
}

std::string in_quotes(std::string_view text) {
  const char quote = text.contains('"') ? '\'' : '"';
  return fmt::format("{}{}{}", quote, text, quote);
}

// Reads from left to right; `at_` is the next byte.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<MetricQuery> whole() {
    if (text_.size() > query_bytes_max) {
      return fail(Code::invalid, fmt::format("longer than {} bytes", query_bytes_max));
    }
    skip_blanks();
    const std::size_t start = at_;
    const std::string_view word = take_while(is_name_char);
    TRY(MetricQuery query, at('(') ? aggregated(word, start) : selector(word, start));
    if (at_ < text_.size()) return unexpected("the end");
    return query;
  }

 private:
  // `word` is in front of the parenthesis.
  Result<MetricQuery> aggregated(std::string_view word, std::size_t start) {
    const auto* row = std::ranges::find(aggregations, word, &AggregationRow::name);
    if (row == aggregations.end()) {
      return error(start,
                   fmt::format("unknown function \"{}\", want sum, avg, min, max or count", word));
    }
    ++at_;
    skip_blanks();
    const std::size_t inner = at_;
    const std::string_view name = take_while(is_name_char);
    if (at('(')) return error(at_, "functions do not nest");
    TRY(MetricQuery query, selector(name, inner));
    if (!take(')')) return unexpected("\")\"");
    skip_blanks();
    query.aggregation = row->aggregation;
    return query;
  }

  Result<MetricQuery> selector(std::string_view name, std::size_t start) {
    at_ = start;
    if (name.empty()) return unexpected("a metric name");
    if (!is_letter(name.front())) return error(start, "a metric name begins with a letter");
    at_ = start + name.size();
    if (at('[')) return error(at_, "no ranges here: use operationOverTime and window");
    skip_blanks();
    MetricQuery query{.metric = std::string(name)};
    if (!take('{')) return query;
    do {
      TRY(Matcher next, matcher());
      query.matchers.push_back(std::move(next));
      if (query.matchers.size() > matchers_max) return error(at_, "too many matchers");
    } while (take(','));
    if (!take('}')) return unexpected("\",\" or \"}\"");
    skip_blanks();
    return query;
  }

  Result<Matcher> matcher() {
    skip_blanks();
    TRY(std::string label, label_name());
    skip_blanks();
    const auto* row = std::ranges::find_if(match_types, [this](const MatchRow& candidate) {
      return text_.substr(at_).starts_with(candidate.text);
    });
    if (row == match_types.end()) return unexpected("one of = != =~ !~");
    at_ += row->text.size();
    skip_blanks();
    const std::size_t start = at_;
    TRY(std::string text, at('"') || at('\'') ? quoted_text() : bare_value());
    skip_blanks();
    Matcher result{.label = std::move(label), .type = row->type, .value = std::move(text)};
    if (auto wrong = pattern_error(result))
      return error(start, "bad regular expression: " + *wrong);
    return result;
  }

  Result<std::string> label_name() {
    const std::size_t start = at_;
    TRY(std::string name,
        at('"') || at('\'') ? quoted_text() : std::string(take_while(is_label_char)));
    if (!name.empty()) return name;
    at_ = start;
    return unexpected("a label name");
  }

  // There are no escapes: a backslash is a backslash, as regular expressions and paths want it.
  Result<std::string> quoted_text() {
    const std::size_t start = at_;
    const std::size_t end = text_.find(text_[start], start + 1);
    if (end == text_.npos) return error(start, "the quote is never closed");
    at_ = end + 1;
    return std::string(text_.substr(start + 1, end - start - 1));
  }

  // Up to the next comma or the closing brace; blanks and balanced braces inside belong to it:
  // route=/users/{id}.
  Result<std::string> bare_value() {
    const std::size_t start = at_;
    for (int depth = 0; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == '}')) break;
      if (c == '{') ++depth;
      if (c == '}') --depth;
      if (c == ',' || c == '=' || c == '"' || c == '\'') {
        return error(at_, fmt::format("unexpected {}: quote values that hold it", shown()));
      }
    }
    std::string_view value = text_.substr(start, at_ - start);
    value = value.substr(0, value.find_last_not_of(blanks) + 1);
    return std::string(value);
  }

  bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }

  bool take(char c) {
    if (!at(c)) return false;
    ++at_;
    return true;
  }

  template <class Accepts>
  std::string_view take_while(Accepts accepts) {
    const std::size_t start = at_;
    while (at_ < text_.size() && accepts(text_[at_])) ++at_;
    return text_.substr(start, at_ - start);
  }

  void skip_blanks() { take_while(is_blank); }

  std::string shown() const {
    return at_ < text_.size() ? fmt::format("\"{}\"", text_[at_]) : std::string("end of text");
  }

  std::unexpected<Error> error(std::size_t where, std::string_view what) const {
    return fail(Code::invalid, fmt::format("at byte {}: {}", where, what));
  }
  std::unexpected<Error> unexpected(std::string_view wanted) const {
    return error(at_, fmt::format("unexpected {}, want {}", shown(), wanted));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::string matcher_text(const Matcher& matcher) {
  const bool bare = !matcher.label.empty() && std::ranges::all_of(matcher.label, is_label_char);
  const auto* row = std::ranges::find(match_types, matcher.type, &MatchRow::type);
  return (bare ? matcher.label : in_quotes(matcher.label)) + std::string(row->text) +
         in_quotes(matcher.value);
}

}  // namespace

Result<MetricQuery> parse_metric_query(std::string_view text) {
  return Parser(text).whole();
}

std::string to_string(const MetricQuery& query) {
  std::string matchers;
  for (const auto& matcher : query.matchers) {
    matchers += (matchers.empty() ? "" : ",") + matcher_text(matcher);
  }
  const std::string braces = matchers.empty() ? "" : "{" + matchers + "}";
  return fmt::format("{}({}{})", name_of(query.aggregation), query.metric, braces);
}

Result<Operation> parse_operation(std::string_view text) {
  const auto* row = std::ranges::find(operations, text, &OperationRow::name);
  if (row != operations.end()) return row->operation;
  return fail(
      Code::invalid,
      fmt::format("unknown operation \"{}\", want last_one, min, max, avg, count or rate", text));
}

std::string_view to_string(Operation operation) {
  return operations[static_cast<std::size_t>(operation)].name;
}

std::string fold_name(std::string_view metric) {
  std::string folded(metric);
  std::ranges::replace_if(folded, [](char c) { return c == '.' || c == '/'; }, '_');
  return folded;
}

}  // namespace tsdb
