// That the audit log is kept elsewhere before anything is delivered, where the policy says so.
#include <algorithm>

#include "tests/property/properties.hpp"

namespace penstock::property {
namespace {

using Broken = std::optional<std::string>;

bool goes_without(const Promotion& promotion) {
  return promotion.glass && std::find(promotion.glass->skipped.begin(), promotion.glass->skipped.end(),
                                      "acknowledgements") != promotion.glass->skipped.end();
}

Broken begins_without(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    if (promotion.policy->audit.acknowledged_by.empty() || goes_without(promotion)) continue;
    if (!is_beyond_approval(promotion.phase) || i.ledger.of(promotion.id).began) continue;
    const auto is = promotion.id + " is " + std::string(phase_name(promotion.phase)) + ", and ";
    const auto& asked = promotion.acknowledgement;
    if (!asked || !asked->given_at) return is + "nobody has acknowledged its entries";
    // What a watch asks comes with going live. Times say nothing of the order: clocks are set back.
    auto judged = promotion;
    std::erase_if(judged.checks, [](const Check& check) { return check.stage == "watch"; });
    if (asked->facts != facts_of(judged))
      return is + "there are " + std::to_string(facts_of(judged)) + " facts, of which " + std::to_string(asked->facts) +
             " are acknowledged";
  }
  return std::nullopt;
}

// As long as it is waited for, somebody is asked.
Broken waits_unasked(const Instant& i) {
  for (const auto& promotion : i.after().promotions) {
    const auto* waiting = std::get_if<AwaitingWindow>(&promotion.phase);
    if (waiting == nullptr || !waiting->acknowledgement) continue;
    if (!promotion.acknowledgement) return promotion.id + " waits for an acknowledgement that it never asked for";
    const auto key = key_of(AskAcknowledgement{promotion.id, promotion.acknowledgement->number});
    if (promotion.acknowledgement->given_at) return promotion.id + " waits for an acknowledgement that was given";
    if (i.outbox.find(key) == nullptr)
      return promotion.id + " waits for an acknowledgement, and " + key + " is not due";
  }
  return std::nullopt;
}

constexpr Property of_acknowledgements[] = {
    {"a delivery begins only when what was decided is acknowledged, where the policy says so", begins_without},
    {"nobody waits for an acknowledgement that is not asked for", waits_unasked},
};

}  // namespace

std::span<const Property> properties_of_acknowledgements() { return of_acknowledgements; }

}  // namespace penstock::property
