// How times, people and single conditions are said in an explanation's paragraph.
#pragma once

#include "daemon/intake/explanation_nodes.hpp"

namespace penstock::intake {

std::string joined(const std::vector<std::string>& parts, const std::string& between);
// "2026-11-24 00:00 UTC": without seconds where they are none.
std::string clock_text(core::Time time);
// "in 3 days", "in 2 hours", "5 minutes ago".
std::string distance_text(core::Time time, core::Time now);
// "release-managers or any person".
std::string who_text(const std::vector<std::string>& who);
// One condition of a branch; empty when it says nothing that a person needs.
std::string condition_text(const Node& condition);
// When deliveries are open and closed.
std::string window_sentence(const Explained& explained);

}  // namespace penstock::intake
