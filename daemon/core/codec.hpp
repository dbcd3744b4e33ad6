// Promotions to and from the form that the journal keeps. Shapes only grow: a member that is absent has its default.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "daemon/core/command.hpp"
#include "daemon/core/promotion.hpp"

namespace penstock::core {

// The promotion names its policy by digest only; decode_promotion() asks for it. nullptr when there is none; a Problem
// when that could not be found out, which is decode_promotion()'s then.
using PolicyOf = std::function<Result<std::shared_ptr<const Policy>>(const Digest&)>;

std::string encode(const Promotion& promotion);
Result<Promotion> decode_promotion(const std::string& document, const PolicyOf& policy_of);
// For the API: everything in the promotion, its wait, and its decision digest's parts, with names instead of codes.
nlohmann::json to_json(const Promotion& promotion);

std::string encode(const Command& command);
Result<Command> decode_command(const std::string& document);

}  // namespace penstock::core
