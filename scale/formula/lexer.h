#pragma once

// Text to tokens, by the lexical rules of expr-lang.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace scale::formula {

enum class TokenKind : std::uint8_t { end, name, number, string, symbol };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string text;      // as written; the decoded characters of a string
  std::uint32_t at = 0;  // byte offset in the formula

  bool operator==(const Token&) const = default;
};

// The tokens of `text`, comments and spaces dropped, the last of kind `end`. Words that are
// operators (`not`, `in`, `let`, ...) are symbols.
// Errors: invalid, with the place; text must be UTF-8 of at most text_bytes_max.
Result<std::vector<Token>> tokenize(std::string_view text);

// "formula:LINE:COLUMN", both from 1, of a byte offset; columns count characters.
std::string place(std::string_view text, std::uint32_t at);

// The error `what` at a place of `text`.
std::unexpected<Error> fail_at(std::string_view text, std::uint32_t at, std::string_view what,
                               Code code = Code::invalid);

// Whether `text` is one identifier.
bool is_name(std::string_view text);

}  // namespace scale::formula
