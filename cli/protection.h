#pragma once

// Who may use which port: what the settings of TLS and tokens mean together.

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "cli/settings.h"
#include "net/bearer_token.h"
#include "net/server.h"
#include "net/tls_files.h"

namespace cli {

enum class Port : std::uint8_t { otlp, scaler, rest, metrics };

// The port's TLS; nullopt: it is plain. Errors: invalid when the settings contradict each other
// (one of certificate and key, authorities without them, TLS asked for without files), naming the
// one that is missing.
Result<std::optional<net::tls::Files>> tls_files(const Options& options, Port port);

// Whether what belongs to a port with `home` may be answered on one with `other` too: only if that
// asks no less of its clients. Otherwise the other port would be a way around.
bool protects_as_well(const std::optional<net::tls::Files>& other,
                      const std::optional<net::tls::Files>& home);

// Gives `server`, which does not listen yet, the port's TLS. Errors: those of tls_files and of
// net::Server::secure, naming the setting.
Result<void> protect(net::Server& server, const Options& options, Port port);

// The token that requests of the port must carry, OTLP or REST; nullptr: none. Errors: those of
// net::BearerToken::open, naming the setting.
Result<std::unique_ptr<net::BearerToken>> open_token(const Options& options, Port port,
                                                     const Clock& clock, Log log);

}  // namespace cli
