// What was attested of a promotion, and its dossier: everything about it, signed, to be verified elsewhere.
#pragma once

#include "daemon/intake/api_audit.hpp"
#include "daemon/intake/api_parts.hpp"

namespace penstock::intake {

// The handlers refer to `parts` and `log`, which must outlive them.
Routes dossier_routes(const ApiParts& parts, const AuditApi& log);
// Those, behind audit_routes().
Routes log_routes(const ApiParts& parts, const AuditApi& log);

}  // namespace penstock::intake
