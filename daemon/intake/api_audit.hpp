// The audit log over HTTP: entries, proofs, and the files themselves as https://c2sp.org/tlog-tiles names them.
#pragma once

#include <filesystem>
#include <optional>

#include "daemon/audit/attester.hpp"
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
  audit::Attester* attester = nullptr;  // where there are files
};

// The handlers refer to `parts`, which must outlive them.
Routes audit_routes(const AuditApi& parts);

// {"size", "entries": [{"index", "entry", "hashes": [base64]}]}: that the entries are in the tree of the newest
// checkpoint, which is put into `checkpoint`. Blocks. Problems: "no-audit-log", "not-published" (transient), and those
// of the files.
core::Result<nlohmann::json> prove(const AuditApi& parts, const std::vector<journal::AuditRow>& entries,
                                   std::string& checkpoint);

}  // namespace penstock::intake
