#pragma once

// Lists, in pages: what one answer holds, and where the next one begins. Pure.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cluster/history.h"
#include "cluster/kinds.h"
#include "json/json.h"
#include "kube/label_selector.h"

namespace cluster {

// Where a page begins. All pages of a list carry the version of the first: a watch from there
// tells what changed while they were read.
struct PageStart {
  kube::Key after;  // the last object of the page before
  std::uint64_t version = 0;
};

// Reads a token of to_page(); an empty one is the beginning of a list at `version`. Errors:
// invalid.
Result<PageStart> read_continue(std::string_view token, std::uint64_t version);

struct PageOptions {
  std::size_t limit = 0;  // objects; 0: all
  std::uint64_t version = 0;
};

// The list object that holds those of `objects`, sorted by key, that are selected.
json::Value to_page(const Kind& kind, const std::vector<Stored>& objects,
                    const kube::LabelSelector& selector, const PageOptions& options);

}  // namespace cluster
