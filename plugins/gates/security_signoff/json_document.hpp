// JSON out of a stranger's file: bounded in depth, and without duplicate keys, of which readers keep different ones.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

namespace penstock::gates::security {

// Nothing when it is not JSON, deeper than `max_depth`, or has an object with the same key twice.
std::optional<nlohmann::json> read_json(std::string_view text, int max_depth);

}  // namespace penstock::gates::security
