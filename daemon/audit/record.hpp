// What the journal keeps of one promotion, with the log's entry for each thing that happened to it: what attestations
// and dossiers are made of.
//
// Everything until it was decided is in it, and everything later that a person did or that moved it. What repeats
// without end while it is live (looks, repairs, rounds of a watch) is not, so that a record stays small for years:
// looks of a delivery that say the same, with only looks between them, are told by the first and the newest of them;
// and of whatever else repeats there are the first and the newest.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/core/promotion.hpp"
#include "daemon/journal/journal.hpp"

namespace penstock::audit {

// So much of what repeats is in a record, half of it from the beginning: a dossier of it stays below the 64 MiB that
// `penstock dossier` takes.
constexpr std::size_t most_repeated = 5000;

struct Record {
  nlohmann::json promotion;                // core::to_json
  std::string candidate;                   // core::canonical_bytes: its SHA-256 is the candidate's id
  std::string policy;                      // core::canonical_bytes: its SHA-256 is the policy's digest
  std::vector<journal::AuditRow> entries;  // oldest first, the newest one among them
  std::vector<std::string> events;         // the journalled document of each entry, whose SHA-256 is in the entry
  std::int64_t left_out = 0;               // entries that are not among these
};

// Blocks on the journal. Problems: "unknown-promotion"; "not-in-log" when it is older than the audit log; those of the
// journal.
core::Result<Record> read_record(journal::Journal& journal, const core::PromotionId& promotion);

// The promotion's phase after the newest entry that tells it: what was decided elsewhere for it, as the return of its
// place at a semaphore, tells none.
std::string phase_after(const std::vector<journal::AuditRow>& entries);

// JSON for people to read; what is no UTF-8 is replaced.
std::string readable(const nlohmann::json& document);

// The member of an audit entry, or of any JSON object: a text, or "".
std::string text_in(const nlohmann::json& object, const char* name);

// The answers that gates gave, oldest first, out of the events' documents: [{"gate", "attempt", "finding"}]. Problem
// "journal-damaged" for a document that cannot be read.
core::Result<nlohmann::json> findings_of(const std::vector<std::string>& events);
// What approvals are given for, over such a list (core::findings_text). Problem "journal-damaged".
core::Result<core::Digest> findings_digest(const nlohmann::json& findings);

// A document of evidence, and the gate whose answer it stands behind.
struct Evidence {
  core::Digest digest;
  std::uint64_t size = 0;  // bytes
  std::string gate, name, media_type;
};
// Those behind such a list of findings, each digest once.
std::vector<Evidence> evidence_behind(const nlohmann::json& findings);

// The waivers by which a promotion went on, out of its document; each once.
nlohmann::json waivers_in(const nlohmann::json& promotion);

}  // namespace penstock::audit
