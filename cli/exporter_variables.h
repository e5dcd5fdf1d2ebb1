#pragma once

// What `tidewheel generate` takes from the environment of an OpenTelemetry SDK: trust, certificates
// and headers. Not the endpoint, so that a load goes only where a flag points it.
// Source: OpenTelemetry protocol exporter specification, "Configuration options".

#include <string_view>

#include "base/result.h"
#include "cli/destination.h"
#include "cli/settings.h"
#include "net/message.h"

namespace cli {

// OTEL_EXPORTER_OTLP_METRICS_X where it is set, else OTEL_EXPORTER_OTLP_X.
struct ExporterVariables {
  OptionText certificate;
  OptionText client_certificate;
  OptionText client_key;
  OptionText headers;
};

ExporterVariables read_exporter_variables(const Environment& environment);

// The files of the environment where no flag says otherwise; none of them for a plain address.
DestinationOptions completed(DestinationOptions options, const ExporterVariables& variables);

// "key=value,key2=value2", values percent-encoded; names in lower case. Errors: invalid, naming the
// variable and which item, never what it holds: it may be secret.
Result<net::http::Headers> parse_headers(const OptionText& headers);

}  // namespace cli
