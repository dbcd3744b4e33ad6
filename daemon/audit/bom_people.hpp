// What people have done for a promotion, as claims and counter-claims: approvals, broken glass.
#pragma once

#include "daemon/audit/bom_claims.hpp"

namespace penstock::audit::bom {

// The evidence of broken glass, `evidence/break-glass`, to which gates and approvals point. Nothing when it is whole.
void add_break_glass(const BomFacts& facts, Claims& claims);
// Whether the delivery began without it, behind glass that two people had broken: "gate smoke-test", "approvals".
bool is_gone_without(const json& promotion, const std::string& what);

Said said_of_approvals(const BomFacts& facts, Claims& claims);
// Whether nobody whose approval counts submitted or made the candidate.
Said said_of_independence(const BomFacts& facts, Claims& claims);
// Whether the glass was left whole, or the lane owes no review any more.
Said said_of_emergency(const BomFacts& facts, Claims& claims);

// Who approved, as signatories of `declarations.affirmation`; null when nobody did.
json affirmation_of(const BomFacts& facts);

}  // namespace penstock::audit::bom
