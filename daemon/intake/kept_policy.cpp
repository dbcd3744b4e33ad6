#include "daemon/intake/kept_policy.hpp"

namespace penstock::intake {

std::optional<std::string> covered_now_by(const core::Promotion& promotion, const core::World& world) {
  if (core::is_end(promotion.phase) || !promotion.takes_back.empty()) return std::nullopt;
  if (!world.policy) return "no policy";
  if (world.policy->digest == promotion.policy->digest) return std::nullopt;
  return "policy " + world.policy->name + " (" + world.policy->digest.text() + ")";
}

nlohmann::json kept_policy_json(const core::Promotion& promotion, const core::World& world) {
  nlohmann::json document{{"name", promotion.policy->name}, {"digest", promotion.policy->digest.text()}};
  if (const auto now = covered_now_by(promotion, world)) {
    document["in_force"] = false;
    document["now"] = *now;
  }
  return document;
}

}  // namespace penstock::intake
