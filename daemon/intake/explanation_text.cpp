// The paragraph of an explanation.
#include "daemon/intake/explanation_nodes.hpp"

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

// " by ann until 2026-… (the reference data is late)", for each.
std::string waivers_text(const json& gate) {
  std::string text;
  for (const auto& waiver : gate.value("waivers", json::array()))
    text += (text.empty() ? " by " : " and by ") + waiver["granter"].get<std::string>() + " until " +
            waiver["ends"].get<std::string>() + " (" + waiver["reason"].get<std::string>() + ")";
  return text;
}

std::string gate_sentence(const json& gate) {
  auto text = gate["name"].get<std::string>() + " " + gate["state"].get<std::string>() + waivers_text(gate);
  if (!gate["blocking"].get<bool>()) text += " (advisory)";
  if (!gate.contains("source") && !gate["met"].get<bool>()) return text;
  text += ": observed " + gate["observed"].get<std::string>();
  if (!gate["needed"].get_ref<const std::string&>().empty()) text += ", needed " + gate["needed"].get<std::string>();
  return text;
}

std::string leaf_sentence(const std::string& kind, const json& leaf) {
  if (kind == "stage" || kind == "watch") return gate_sentence(leaf);
  auto text = leaf["name"].get<std::string>() + " " + leaf["observed"].get<std::string>();
  if (leaf.contains("escalation")) {
    const auto& escalation = leaf["escalation"];
    const auto group = escalation["group"].get<std::string>();
    const auto at = escalation["at"].get<std::string>();
    text += escalation["escalated"].get<bool>() ? " (" + group + " may answer as well since " + at + ")"
                                                : " (" + group + " may answer as well from " + at + ")";
  }
  return text;
}

// What is to be known of approvals besides how many there are.
std::string given_sentences(const json& branch) {
  std::string text;
  for (const auto& one : branch.value("given", json::array())) {
    const auto person = one["person"].get<std::string>();
    if (one.contains("voided"))
      text += " The approval of " + person + " no longer counts: " + one["voided"].get<std::string>() + ".";
    else if (one.contains("condition"))
      text += " " + person + " approves on a condition: " + one["condition"].get<std::string>() + ".";
  }
  return text;
}

std::string title_of(const json& branch) {
  const auto kind = branch["kind"].get<std::string>();
  const auto verb = [&](const char* is) { return is + std::string(branch["met"].get<bool>() ? " met" : " not met"); };
  if (kind == "stage") return "Stage " + branch["name"].get<std::string>() + verb(" is");
  if (kind == "approvals") return "Approvals" + verb(" are");
  if (kind == "window") return "The window" + verb(" is");
  if (kind == "deliveries") return "Deliveries" + verb(" are");
  if (!branch.contains("round")) return "The watch is over";
  return "The watch is in round " + std::to_string(branch["round"].get<int>()) + ", " +
         std::to_string(branch["failed"].get<int>()) + " of the last " + std::to_string(branch["looks"].get<int>()) +
         " looks failed";
}

std::string branch_sentence(const json& branch) {
  std::vector<std::string> leaves;
  for (const auto& leaf : branch["conditions"]) leaves.push_back(leaf_sentence(branch["kind"], leaf));
  return title_of(branch) + (leaves.empty() ? "" : ": " + joined(leaves, "; ")) + "." + given_sentences(branch);
}

bool was_reached(const json& branch) {
  for (const auto& leaf : branch["conditions"]) {
    const auto state = leaf.value("state", "");
    if (state != "not asked yet" && state != "never asked" && state != "not reached") return true;
  }
  return branch["conditions"].empty();
}

}  // namespace

std::string paragraph(const Explained& explained, const json& tree) {
  const auto& promotion = explained.promotion;
  const auto count = count_of(tree);
  std::string told;
  std::string open;
  for (const auto& branch : tree) {
    if (was_reached(branch))
      told += " " + branch_sentence(branch);
    else
      open += (open.empty() ? "" : ", ") + branch["name"].get<std::string>();
  }
  auto text = promotion.lane.model + " " + promotion.version + " " + std::visit(Opening{promotion}, promotion.phase) +
              ": " + std::to_string(count.met) + " of " + std::to_string(count.all) + " conditions of policy " +
              promotion.policy->name + " are met.";
  if (!promotion.takes_back.empty()) text += " It takes back " + promotion.takes_back + " (" + promotion.trigger + ").";
  text += told;
  if (!open.empty()) text += " Not reached: " + open + ".";
  if (const auto wait = core::wait_in(explained.lane, promotion))
    text += " It waits for " + wait->what + "; this can be ended by " + joined(wait->who, ", ") + ", until " +
            core::to_text(wait->until) + ".";
  if (const auto* held = std::get_if<core::Held>(&promotion.phase); held != nullptr && !held->next.empty())
    text += " Next: " + held->next + ".";
  return text;
}

}  // namespace penstock::intake
