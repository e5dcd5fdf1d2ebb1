#pragma once

// Where in a request a decoder is, for its error messages.

#include <array>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/result.h"

namespace otlp {

// A path of repeated fields: "resource_metrics[2].scope_metrics[0].metrics[5]". A walk that fails
// does not leave, so the path ends at what was wrong. Confined to its owner.
class Place {
 public:
  void enter(std::string_view field, std::size_t index) {
    CHECK(depth_ < steps_.size());
    steps_[depth_++] = {field, index};
  }
  void leave() { --depth_; }

  // The error with the place in front, when there is one.
  Error locate(Error error) const {
    std::string path;
    for (std::size_t i = 0; i < depth_; ++i) {
      if (i > 0) path += '.';
      path.append(steps_[i].field).append("[").append(std::to_string(steps_[i].index)).append("]");
    }
    if (!path.empty()) error.what = path + ": " + error.what;
    return error;
  }

 private:
  struct Step {
    std::string_view field;
    std::size_t index = 0;
  };

  std::array<Step, 6> steps_;
  std::size_t depth_ = 0;
};

}  // namespace otlp
