// The audit log over HTTP: entries, proofs, and the files themselves as https://c2sp.org/tlog-tiles names them.
#pragma once

#include <filesystem>
#include <optional>

#include "daemon/audit/note.hpp"
#include "daemon/intake/http.hpp"
#include "daemon/journal/journal.hpp"
#include "daemon/runtime/blocking_pool.hpp"

namespace penstock::intake {

struct AuditApi {
  journal::Journal& journal;
  runtime::BlockingPool& pool;
  // Where the files are, and whose they are; nothing when the daemon publishes none: then there are entries alone.
  std::optional<std::filesystem::path> folder;
  std::optional<audit::Verifier> verifier;
};

// The handlers refer to `parts`, which must outlive them.
Routes audit_routes(const AuditApi& parts);

}  // namespace penstock::intake
