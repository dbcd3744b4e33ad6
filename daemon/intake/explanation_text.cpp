// The paragraph of an explanation.
#include "daemon/intake/explanation.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

// "fraud 7 is …", by phase.
struct Opening {
  const core::Promotion& promotion;
  std::string in() const { return " in " + promotion.lane.environment; }

  std::string operator()(const core::Queued&) const { return "waits" + in() + " for its turn"; }
  std::string operator()(const core::Checking& phase) const {
    return "is being checked" + in() + ", stage " + promotion.policy->stages[phase.stage].name;
  }
  std::string operator()(const core::AwaitingApproval&) const { return "is awaiting approval" + in(); }
  std::string operator()(const core::AwaitingWindow& phase) const {
    return "is ready" + in() + " and waits for deliveries to be open (" + phase.reason + ")";
  }
  std::string operator()(const core::Delivering&) const {
    return "is being delivered to " + promotion.lane.environment;
  }
  std::string operator()(const core::Watching& phase) const {
    return "is live" + in() + " since " + core::to_text(phase.since) + " and watched until " +
           core::to_text(phase.until);
  }
  std::string operator()(const core::Live& phase) const {
    return "is live" + in() + " since " + core::to_text(phase.since);
  }
  std::string operator()(const core::Held& phase) const { return "is held" + in() + " because " + phase.reason; }
  std::string operator()(const core::Rejected& phase) const {
    return "was rejected" + in() + " by " + phase.by + " (" + phase.reason + ")";
  }
  std::string operator()(const core::Expired& phase) const { return "expired" + in() + ": " + phase.what; }
  std::string operator()(const core::Superseded& phase) const { return "was superseded" + in() + " by " + phase.by; }
  std::string operator()(const core::Withdrawn& phase) const {
    return "was withdrawn" + in() + " by " + phase.by + " (" + phase.reason + ")";
  }
  std::string operator()(const core::Vetoed& phase) const {
    return "was vetoed" + in() + " by " + phase.by + " (" + phase.reason + ")";
  }
  std::string operator()(const core::RolledBack& phase) const {
    return "was live" + in() + " and has been rolled back by " + phase.by;
  }
  std::string operator()(const core::Replaced& phase) const {
    return "was live" + in() + " and has been replaced by " + phase.by;
  }
};

std::string gate_sentence(const json& gate) {
  auto text = gate["name"].get<std::string>() + " " + gate["state"].get<std::string>();
  if (!gate["blocking"].get<bool>()) text += " (advisory)";
  if (!gate.contains("source") && !gate["met"].get<bool>()) return text;
  text += ": observed " + gate["observed"].get<std::string>();
  if (!gate["needed"].get_ref<const std::string&>().empty()) text += ", needed " + gate["needed"].get<std::string>();
  return text;
}

std::string branch_sentence(const json& branch) {
  std::vector<std::string> leaves;
  const auto kind = branch["kind"].get<std::string>();
  for (const auto& leaf : branch["conditions"]) {
    if (kind == "stage")
      leaves.push_back(gate_sentence(leaf));
    else
      leaves.push_back(leaf["name"].get<std::string>() + " " + leaf["observed"].get<std::string>());
  }
  const auto what = kind == "stage"       ? "Stage " + branch["name"].get<std::string>()
                    : kind == "approvals" ? "Approvals"
                                          : "Deliveries";
  return what + std::string(kind == "stage" ? " is" : " are") + (branch["met"].get<bool>() ? " met" : " not met") +
         (leaves.empty() ? "" : ": " + joined(leaves, "; ")) + ".";
}

bool was_reached(const json& branch) {
  for (const auto& leaf : branch["conditions"]) {
    const auto state = leaf.value("state", "");
    if (state != "not asked yet" && state != "never asked" && state != "not reached") return true;
  }
  return branch["conditions"].empty();
}

}  // namespace

std::string paragraph(const core::Promotion& promotion, const json& tree) {
  int met = 0;
  int all = 0;
  std::string told;
  std::string open;
  for (const auto& branch : tree) {
    for (const auto& leaf : branch["conditions"]) {
      if (!leaf.value("blocking", true)) continue;
      ++all;
      met += leaf["met"].get<bool>() ? 1 : 0;
    }
    if (was_reached(branch))
      told += " " + branch_sentence(branch);
    else
      open += (open.empty() ? "" : ", ") + branch["name"].get<std::string>();
  }
  auto text = promotion.lane.model + " " + promotion.version + " " + std::visit(Opening{promotion}, promotion.phase) +
              ": " + std::to_string(met) + " of " + std::to_string(all) + " conditions of policy " +
              promotion.policy->name + " are met." + told;
  if (!open.empty()) text += " Not reached: " + open + ".";
  if (const auto wait = core::wait_of(promotion))
    text += " It waits for " + wait->what + "; this can be ended by " + joined(wait->who, ", ") + ", until " +
            core::to_text(wait->until) + ".";
  if (const auto* held = std::get_if<core::Held>(&promotion.phase); held != nullptr && !held->next.empty())
    text += " Next: " + held->next + ".";
  return text;
}

}  // namespace penstock::intake
