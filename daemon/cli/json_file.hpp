// JSON documents that a person hands over: a file, or stdin.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "daemon/core/result.hpp"

namespace penstock::cli {

// "-" is stdin. Problem "usage": not readable, larger than 16 MiB, or not one JSON value of reasonable depth.
core::Result<nlohmann::json> read_json_file(const std::string& file);

}  // namespace penstock::cli
