// How many of the journal's entries the attester has looked at, as it keeps it between two starts: sealed by the log's
// key, so that no other number can make it pass over what was decided. An older one costs only another look.
#pragma once

#include "daemon/audit/dsse.hpp"

namespace penstock::audit {

// Below the attestations' folder.
constexpr const char* looked_at_file = "looked-at";

// The envelope: its payload is {"looked_at": entries} in canonical JSON.
std::string seal_looked_at(const Signer& signer, std::uint64_t entries);
// Problem "bad-envelope": this key has not sealed it, or it holds no such number.
core::Result<std::uint64_t> unseal_looked_at(std::string_view envelope, const Verifier& verifier);

}  // namespace penstock::audit
