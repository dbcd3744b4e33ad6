// The core schema of YAML 1.2: what a plain scalar means. Internal to the reader.
#pragma once

#include <string>

#include "daemon/core/declared_value.hpp"

namespace penstock::definitions {

// What `text`, written without quotes, stands for (YAML 1.2.2 §10.3.2). A whole number beyond 64 bits, or a
// floating-point number beyond a double, is a Problem: neither may turn into another number silently.
core::Result<core::declared::Value> resolve_plain(const std::string& text);

}  // namespace penstock::definitions
