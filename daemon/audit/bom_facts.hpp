// Every fact that frameworks can name, as what a promotion says of it.
#pragma once

#include <map>

#include "daemon/audit/bom_gates.hpp"

namespace penstock::audit::bom {

std::map<definitions::Fact, Said> facts_of(const BomFacts& facts, const std::vector<Gate>& gates, Claims& claims);

// The candidate's own document, of either form in which the facts may hold it.
const json& candidate_of(const BomFacts& facts);

}  // namespace penstock::audit::bom
