#pragma once

// Result<T>: the one idiom for failures that the world can cause. Exceptions do not cross our
// functions.

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace base {

// What kind of failure it is; code_row() maps each to what peers see.
enum class Code : std::uint8_t {
  invalid,          // the caller's input is wrong and will stay wrong
  not_found,        // the thing named does not exist
  already_exists,   // the thing to be made is there
  conflict,         // somebody else changed it meanwhile
  denied,           // not allowed
  unavailable,      // cannot be answered now; trying again may help
  exhausted,        // a limit of ours is reached
  timeout,          // a deadline passed
  bad_data,         // a peer answered with something that cannot be understood
  unimplemented,    // known, and not offered
  cancelled,        // the caller gave up, or we are stopping
  internal,         // a bug or a broken environment on our side
  unauthenticated,  // nobody knows who asks
};

struct Error {
  Code code = Code::internal;
  std::string what;  // lower case, no full stop; context is prepended: "trigger 2: missing query"

  bool operator==(const Error&) const = default;
};

template <class T>
using Result = std::expected<T, Error>;

struct CodeRow {
  Code code;
  std::string_view name;  // as in logs and JSON
  int grpc_status;        // google.rpc.Code
  int http_status;
};

// The row of `code` in the one table of codes.
const CodeRow& code_row(Code code);

// The first code whose gRPC status is `grpc_status`; internal when there is none.
Code code_from_grpc(int grpc_status);

// std::unexpected, spelled shorter: `return fail(Code::invalid, "...")`.
inline std::unexpected<Error> fail(Code code, std::string what) {
  return std::unexpected(Error{code, std::move(what)});
}

// The same error with context in front: "while reading x: file not found".
inline std::unexpected<Error> fail(std::string_view context, Error error) {
  error.what = std::string(context) + ": " + error.what;
  return std::unexpected(std::move(error));
}

}  // namespace base

// The vocabulary of every folder, spelled without a prefix.
using base::Code;
using base::Error;
using base::fail;
using base::Result;

#define TIDEWHEEL_CONCAT_(a, b) a##b
#define TIDEWHEEL_CONCAT(a, b) TIDEWHEEL_CONCAT_(a, b)
#define TIDEWHEEL_TRY_(result, declaration, expression, leave)   \
  auto result = (expression);                                    \
  if (!result) leave std::unexpected(std::move(result).error()); \
  declaration = *std::move(result)
#define TIDEWHEEL_CHECKED_(result, expression, leave) \
  if (auto result = (expression); !result) leave std::unexpected(std::move(result).error())

// TRY(auto x, expr): x is the value of expr, or the function returns its error.
#define TRY(declaration, ...) \
  TIDEWHEEL_TRY_(TIDEWHEEL_CONCAT(try_result_, __LINE__), declaration, (__VA_ARGS__), return)
// CO_TRY: the same in a coroutine.
#define CO_TRY(declaration, ...) \
  TIDEWHEEL_TRY_(TIDEWHEEL_CONCAT(try_result_, __LINE__), declaration, (__VA_ARGS__), co_return)
// TRY_VOID(expr), CO_TRY_VOID(expr): for Result<void>.
#define TRY_VOID(...) \
  TIDEWHEEL_CHECKED_(TIDEWHEEL_CONCAT(try_result_, __LINE__), (__VA_ARGS__), return)
#define CO_TRY_VOID(...) \
  TIDEWHEEL_CHECKED_(TIDEWHEEL_CONCAT(try_result_, __LINE__), (__VA_ARGS__), co_return)
