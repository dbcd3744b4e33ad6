// What is stored is read back as it was.
#include <nlohmann/json.hpp>

#include "daemon/core/codec.hpp"
#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

using Broken = std::optional<std::string>;

Broken read_back_differently(const Instant& i) {
  if (!i.is_sampled) return std::nullopt;
  for (const auto& promotion : i.after().promotions) {
    const auto* was = find(i.before, promotion.id);
    if (was != nullptr && *was == promotion) continue;
    const auto policy_of = [&](const Digest& digest) {
      return digest == promotion.policy->digest ? promotion.policy : nullptr;
    };
    const auto read = decode_promotion(encode(promotion), policy_of);
    if (!read) return promotion.id + " cannot be read back: " + to_text(read.error());
    if (!(*read == promotion)) return promotion.id + " is read back as " + encode(*read);
    if (was != nullptr) continue;
    auto policy = policy_from_json(to_json(*promotion.policy));
    if (!policy) return "the policy of " + promotion.id + " cannot be read back: " + to_text(policy.error());
    policy->digest = promotion.policy->digest;
    if (!(*policy == *promotion.policy)) return "the policy of " + promotion.id + " is read back differently";
  }
  const auto state = lane_state_from_json(to_json(i.after().state).dump());
  if (!state) return "the state of the lane cannot be read back: " + to_text(state.error());
  if (!(*state == i.after().state)) return "the state of the lane is read back as " + to_json(*state).dump();
  for (const auto& command : i.decision.commands) {
    // These two are carried out at once, and never stored.
    if (std::holds_alternative<ClearTimer>(command) || std::holds_alternative<CallOff>(command)) continue;
    const auto read = decode_command(encode(command));
    if (!read || !(*read == command)) return key_of(command) + " is not read back as it was";
  }
  return std::nullopt;
}

constexpr Property of_storage[] = {{"what is stored is read back as it was", read_back_differently}};

}  // namespace

std::span<const Property> properties_of_storage() { return of_storage; }

}  // namespace penstock::property
