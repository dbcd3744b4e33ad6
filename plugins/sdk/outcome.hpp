// What became of an act on another system when it did not work.
#pragma once

#include <optional>

#include "daemon/core/result.hpp"
#include "daemon/core/words.hpp"

namespace penstock::sdk {

// Not now: try again, not before `after` when that is given (Retry-After).
struct TryLater {
  core::Problem problem;
  std::optional<core::Duration> after;
};
// Never, until a person changes something.
struct Refused {
  core::Problem problem;
};

}  // namespace penstock::sdk
