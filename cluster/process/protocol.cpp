#include "cluster/process/protocol.h"

#include <cstring>

namespace cluster::process {
namespace {

void put(std::string& out, std::uint64_t number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

void put(std::string& out, std::string_view text) {
  put(out, std::uint64_t{text.size()});
  out += text;
}

void put(std::string& out, const std::vector<std::string>& texts) {
  put(out, std::uint64_t{texts.size()});
  for (const auto& text : texts) put(out, std::string_view(text));
}

Result<void> take(std::string_view& in, std::uint64_t& number) {
  if (in.size() < sizeof number) return fail(Code::bad_data, "truncated");
  std::memcpy(&number, in.data(), sizeof number);
  in.remove_prefix(sizeof number);
  return {};
}

Result<void> take(std::string_view& in, std::string& text) {
  std::uint64_t size = 0;
  TRY_VOID(take(in, size));
  if (size > in.size()) return fail(Code::bad_data, "truncated");
  text = in.substr(0, size);
  in.remove_prefix(size);
  return {};
}

Result<void> take(std::string_view& in, std::vector<std::string>& texts) {
  std::uint64_t count = 0;
  TRY_VOID(take(in, count));
  for (std::uint64_t i = 0; i < count; ++i) TRY_VOID(take(in, texts.emplace_back()));
  return {};
}

}  // namespace

std::string encode(const Spec& spec) {
  std::string out;
  put(out, std::string_view(spec.name));
  put(out, spec.command);
  put(out, spec.env);
  put(out, std::string_view(spec.working_dir));
  put(out, std::string_view(spec.log_file));
  put(out, spec.log_bytes_max);
  return out;
}

Result<Spec> decode(std::string_view bytes) {
  Spec spec;
  TRY_VOID(take(bytes, spec.name));
  TRY_VOID(take(bytes, spec.command));
  TRY_VOID(take(bytes, spec.env));
  TRY_VOID(take(bytes, spec.working_dir));
  TRY_VOID(take(bytes, spec.log_file));
  TRY_VOID(take(bytes, spec.log_bytes_max));
  if (!bytes.empty()) return fail(Code::bad_data, "bytes left over");
  if (spec.command.empty()) return fail(Code::bad_data, "no command");
  return spec;
}

}  // namespace cluster::process
