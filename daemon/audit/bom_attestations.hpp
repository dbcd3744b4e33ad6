// Frameworks as standards, and for each an attestation that goes through all its clauses.
#pragma once

#include <map>

#include "daemon/audit/bom_gates.hpp"

namespace penstock::audit::bom {

constexpr const char* assessor_ref = "assessor/penstock";

json standards_of(const std::vector<Framework>& frameworks);
json attestations_of(const BomFacts& facts, const std::vector<Framework>& frameworks, const std::vector<Gate>& gates,
                     const std::map<definitions::Fact, Said>& said);

}  // namespace penstock::audit::bom
