#include "base/result.h"

#include <algorithm>
#include <array>

#include "base/check.h"

namespace base {
namespace {

constexpr std::array code_rows = {
    CodeRow{Code::invalid, "invalid", 3, 400},
    CodeRow{Code::not_found, "not_found", 5, 404},
    CodeRow{Code::already_exists, "already_exists", 6, 409},
    CodeRow{Code::conflict, "conflict", 10, 409},
    CodeRow{Code::denied, "denied", 7, 403},
    CodeRow{Code::unavailable, "unavailable", 14, 503},
    CodeRow{Code::exhausted, "exhausted", 8, 429},
    CodeRow{Code::timeout, "timeout", 4, 504},
    CodeRow{Code::bad_data, "bad_data", 13, 502},
    CodeRow{Code::unimplemented, "unimplemented", 12, 501},
    CodeRow{Code::cancelled, "cancelled", 1, 499},
    CodeRow{Code::internal, "internal", 13, 500},
    CodeRow{Code::unauthenticated, "unauthenticated", 16, 401},
};

}  // namespace

const CodeRow& code_row(Code code) {
  const auto row = std::ranges::find(code_rows, code, &CodeRow::code);
  CHECK(row != code_rows.end());
  return *row;
}

Code code_from_grpc(int grpc_status) {
  const auto row = std::ranges::find(code_rows, grpc_status, &CodeRow::grpc_status);
  return row == code_rows.end() ? Code::internal : row->code;
}

}  // namespace base
