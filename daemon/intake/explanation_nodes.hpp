// The branches of an explanation's tree, and what they share.
#pragma once

#include "daemon/core/delivery_opening.hpp"
#include "daemon/intake/explanation.hpp"
#include "daemon/intake/explanation_node.hpp"

namespace penstock::intake {

// That it is the candidate that was seen.
Node candidate_node(const Explained& explained);
Node stage_node(const Explained& explained, const core::Stage& stage);
Node approvals_node(const Explained& explained);
// Windows, limits, stops, soaking, and how old answers may be.
Node time_node(const Explained& explained);
// That the audit log is kept elsewhere first; only where the policy says so.
Node acknowledgement_node(const Explained& explained);
// Its turn, what holds the lane, vetoes.
Node lane_node(const Explained& explained);
Node deliveries_node(const Explained& explained);
Node watch_node(const Explained& explained, const core::WatchSpec& watch);
// Shown only where the policy says that drift is looked for.
Node drift_node(const Explained& explained, const core::DriftSpec& drift);
// That a person must say how it goes on; that it has ended.
Node hold_node(const Explained& explained, const core::Held& held);
Node end_node(const Explained& explained);

// Its deliveries have begun, or it is or was live: what had to be so until then was so.
bool has_begun(const core::Promotion& promotion);
// Who decides what becomes of it; nobody once it has ended.
std::vector<std::string> deciders(const core::Promotion& promotion);
// "penstock VERB prm_…"
std::string command_for(const core::Promotion& promotion, const std::string& verb);
// "penstock VERB prm_… --digest sha256:…": what is decided on is what is explained.
std::string decision_for(const core::Promotion& promotion, const std::string& verb);
// For a command line, quoted where that is needed.
std::string shell_word(const std::string& word);
std::string lane_words(const core::LaneKey& lane);
core::DeliveryOpening opening_for(const Explained& explained);

// Goes on, or went on, without it behind broken glass: "gate smoke-test", "approvals", "windows", "stops".
bool is_gone_without(const Explained& explained, const std::string& what);
// The condition that stands in for what is gone without.
Node glass_node(const Explained& explained, const std::string& what);
// What the branch is made of is shown and decides nothing: it is gone without.
void go_without(const Explained& explained, Node& branch, const std::string& what);

// The paragraph: where it stands and what is needed next by whom until when, then how, then every condition.
std::string paragraph(const Explained& explained, const Node& root);

}  // namespace penstock::intake
