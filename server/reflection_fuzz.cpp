// Any bytes are answered, and the answer is a message.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "proto/reader.h"
#include "server/reflection.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const server::Descriptors descriptors(server::schema::files());
  const std::string_view request(reinterpret_cast<const char*>(data), size);
  const std::string answer = server::answer_reflection(descriptors, {"a.A"}, request);
  proto::Reader in(answer);
  bool answered = false;
  while (in.next()) answered = answered || in.field() >= 4;
  CHECK(in.finish() && answered);
  return 0;
}
