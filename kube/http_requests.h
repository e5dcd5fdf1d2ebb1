#pragma once

// Requests of kube/client.h as HTTP, and what answers mean. Free of coroutines. Source: Kubernetes
// API concepts, 1.36.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "kube/client.h"
#include "net/message.h"

namespace kube {

// Method, target (path and query, percent-encoded, behind `prefix`), content type and body. A watch
// asks for bookmarks, and to be ended after `watch_timeout`.
net::http::Request to_http(const Request& request, std::string_view prefix = {},
                           Duration watch_timeout = std::chrono::minutes(5));

// The failure that an answer says: a Status object with its reason, or else the HTTP status and
// the beginning of the text. `status` is no success.
Error to_error(int status, std::string_view body);

// One line of a watch.
struct WatchLine {
  std::optional<WatchEvent> event;  // none: a bookmark
  std::string resource_version;     // everything up to it has been told; empty: unknown
};

// Errors: that of a Status, such as unavailable when changes have been forgotten (410); bad_data.
Result<WatchLine> read_watch_line(std::string_view line);

}  // namespace kube
