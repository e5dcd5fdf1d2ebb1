#include "server/info.h"

#include "server/platform.h"

namespace server {

std::vector<std::pair<std::string, std::string>> runtime_info(const Info& info) {
  const auto retention = std::chrono::duration_cast<std::chrono::seconds>(info.retention).count();
  return {
      {"version", std::string(platform::version)},
      {"goVersion", std::string(platform::compiler)},
      {"arch", std::string(platform::arch)},
      {"os", std::string(platform::os)},
      {"gitSha", std::string(platform::commit())},
      {"retentionSeconds", std::to_string(retention)},
      {"scalerPort", std::to_string(info.scaler_port)},
      {"otlpPort", std::to_string(info.otlp_port)},
      {"internalMetricsPort", std::to_string(info.metrics_port)},
      {"restApiPort", std::to_string(info.rest_port)},
  };
}

}  // namespace server
