// What the external scaler decodes reads back equal once encoded, whatever bytes it came from.

#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "server/external_scaler_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto object = server::decode_object(bytes)) {
    CHECK(server::decode_object(server::encode(*object)) == object);
  }
  if (const auto request = server::decode_metrics_request(bytes)) {
    CHECK(server::decode_metrics_request(server::encode(*request)) == request);
  }
  return 0;
}
