#include "scale/formula/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "scale/formula/limits.h"
#include "scale/formula/utf8.h"

namespace scale::formula {
namespace {

constexpr std::array<std::string_view, 11> word_operators = {
    "not", "in", "or", "and", "matches", "contains", "startsWith", "endsWith", "let", "if", "else"};

bool is_word_operator(std::string_view text) {
  return std::ranges::find(word_operators, text) != word_operators.end();
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// A letter is an ASCII one or anything beyond ASCII.
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_word(char c) {
  return is_letter(c) || is_digit(c);
}

bool is_space(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  Result<std::vector<Token>> run() {
    for (;;) {
      TRY_VOID(skip_blanks());
      start_ = next_;
      if (done()) return finish();
      TRY_VOID(token());
    }
  }

 private:
  bool done() const { return next_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[next_]; }
  bool starts(std::string_view with) const { return text_.substr(next_).starts_with(with); }

  bool accept(std::string_view set) {
    if (done() || !set.contains(peek())) return false;
    ++next_;
    return true;
  }

  std::unexpected<Error> error(std::string_view what) const {
    return fail_at(text_, static_cast<std::uint32_t>(start_), what);
  }

  void add(TokenKind kind, std::string text) {
    tokens_.push_back({kind, std::move(text), static_cast<std::uint32_t>(start_)});
  }

  void add(TokenKind kind) { add(kind, std::string(text_.substr(start_, next_ - start_))); }

  std::vector<Token> finish() {
    add(TokenKind::end, "");
    return std::move(tokens_);
  }

  Result<void> skip_blanks() {
    for (;;) {
      if (is_space(peek())) {
        ++next_;
      } else if (starts("//")) {
        next_ = std::min(text_.find('\n', next_), text_.size());
      } else if (starts("/*")) {
        start_ = next_;
        const std::size_t end = text_.find("*/", next_ + 2);
        if (end == std::string_view::npos) return error("this comment is not closed");
        next_ = end + 2;
      } else {
        return {};
      }
    }
  }

  Result<void> token() {
    const char c = peek();
    if (is_digit(c) || (c == '.' && next_ + 1 < text_.size() && is_digit(text_[next_ + 1])))
      return number();
    if (is_letter(c)) return word(), Result<void>();
    if (c == '"' || c == '\'') return quoted();
    if (c == '`') return raw();
    return symbol();
  }

  void word() {
    while (is_word(peek())) ++next_;
    const auto text = text_.substr(start_, next_ - start_);
    add(is_word_operator(text) ? TokenKind::symbol : TokenKind::name);
  }

  std::string_view digits_of_base() {
    if (!accept("0")) return "0123456789_";
    if (accept("xX")) return "0123456789abcdefABCDEF_";
    if (accept("oO")) return "01234567_";
    if (accept("bB")) return "01_";
    return "0123456789_";
  }

  void run_of(std::string_view set) {
    while (accept(set)) {
    }
  }

  Result<void> number() {
    const auto digits = digits_of_base();
    run_of(digits);
    if (starts("..")) return add(TokenKind::number), Result<void>();  // 1..3 is a range
    if (accept(".")) run_of(digits);
    if (accept("eE")) {
      accept("+-");
      run_of(digits);
    }
    if (is_word(peek())) return error("this is no number");
    return add(TokenKind::number), Result<void>();
  }

  Result<void> quoted() {
    const char quote = text_[next_++];
    std::string decoded;
    while (peek() != quote || done()) {
      if (done() || peek() == '\n') return error("this string is not closed");
      if (peek() == '\\') {
        TRY_VOID(escape(quote, decoded));
      } else {
        decoded += text_[next_++];
      }
    }
    ++next_;
    return add(TokenKind::string, std::move(decoded)), Result<void>();
  }

  Result<void> raw() {
    const std::size_t end = text_.find('`', next_ + 1);
    if (end == std::string_view::npos) return error("this string is not closed");
    next_ = end + 1;
    add(TokenKind::string, std::string(text_.substr(start_ + 1, end - start_ - 1)));
    return {};
  }

  Result<void> escape(char quote, std::string& decoded) {
    ++next_;
    constexpr std::string_view letters = "abfnrtv\\", meaning = "\a\b\f\n\r\t\v\\";
    if (const auto i = letters.find(peek()); i != std::string_view::npos && !done()) {
      decoded += meaning[i];
      ++next_;
      return {};
    }
    if (peek() == quote) return decoded += quote, ++next_, Result<void>();
    if (accept("x")) return code_point(16, 2, decoded);
    if (accept("u")) return code_point(16, 4, decoded);
    if (accept("U")) return code_point(16, 8, decoded);
    return code_point(8, 3, decoded);
  }

  Result<void> code_point(std::uint32_t base, int digits, std::string& decoded) {
    std::uint32_t value = 0;
    for (; digits > 0; --digits) {
      const auto digit = std::string_view("0123456789abcdef").find(lower(peek()));
      if (done() || digit >= base) return error("a string has an unknown escape");
      value = value * base + static_cast<std::uint32_t>(digit);
      ++next_;
    }
    if (!append_utf8(value, decoded)) return error("a string escapes what is no character");
    return {};
  }

  static char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

  // One or two characters; which pairs exist is for the parser.
  Result<void> symbol() {
    const char c = text_[next_++];
    if (c == '?') {
      accept(".?");
    } else if (c == '.' || c == '|' || c == ':' || c == '#') {
      accept(std::string_view(&c, 1));
    } else if (std::string_view("&!=*<>").contains(c)) {
      accept("&=*");
    } else if (!std::string_view("()[]{},;%+-^/").contains(c)) {
      return error(fmt::format("unexpected character {}", static_cast<unsigned char>(c) < 0x20
                                                              ? fmt::format("{:#04x}", c)
                                                              : std::string(1, c)));
    }
    return add(TokenKind::symbol), Result<void>();
  }

  std::string_view text_;
  std::size_t start_ = 0;
  std::size_t next_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

Result<std::vector<Token>> tokenize(std::string_view text) {
  if (text.size() > text_bytes_max)
    return fail(Code::invalid, fmt::format("formula: longer than {} bytes", text_bytes_max));
  if (const auto bad = first_bad_utf8(text); bad < text.size())
    return fail_at(text, static_cast<std::uint32_t>(bad), "this is not UTF-8");
  return Lexer(text).run();
}

std::string place(std::string_view text, std::uint32_t at) {
  const auto before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return fmt::format("formula:{}:{}", line, characters(before.substr(begin)) + 1);
}

std::unexpected<Error> fail_at(std::string_view text, std::uint32_t at, std::string_view what,
                               Code code) {
  return fail(code, fmt::format("{}: {}", place(text, at), what));
}

bool is_name(std::string_view text) {
  return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_word) &&
         !is_word_operator(text);
}

}  // namespace scale::formula
