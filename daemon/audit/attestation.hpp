// What Penstock attests of a promotion: a verification summary (https://slsa.dev/spec/v1.0/verification_summary) in an
// in-toto statement (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md). Pure.
#pragma once

#include <optional>

#include "daemon/audit/note.hpp"
#include "daemon/audit/record.hpp"

namespace penstock::audit {

constexpr const char* statement_type = "https://in-toto.io/Statement/v1";
constexpr const char* summary_type = "https://slsa.dev/verification_summary/v1";
// The member of the predicate that holds what the summary has no member for.
constexpr const char* decision_member = "penstock:decision/v1";

// The entry by which a promotion was decided: the first one after which it was live, or after which it had ended.
struct Deciding {
  std::size_t number = 0;  // among the record's entries
  nlohmann::json entry;
  bool passed = false;
};
// Nothing while it is under way. A promotion that is no longer live stays one that has passed.
std::optional<Deciding> deciding_entry(const std::vector<journal::AuditRow>& entries);
// The same of one entry alone: whether it could be the one.
bool may_decide(const nlohmann::json& entry);
// A look at its text alone, before it is read: false only where may_decide() is.
bool may_decide_by_text(std::string_view entry);

// The statement; `log` is the audit log's name. It is made of journalled facts alone, so that it is the same whenever
// it is made. Its subjects are the candidate's artifact, where it has one, and the candidate. Problems: "not-decided",
// "journal-damaged".
core::Result<nlohmann::json> attestation_of(const Record& record, const std::string& log);

// What binds an attestation to the log: the deciding entry, and what that says.
struct Attested {
  core::PromotionId promotion;
  std::uint64_t entry = 0;  // its index
  std::string event;        // the deciding event's digest, as entries write it
  std::string phase;
};
// Opens the envelope that is kept as the attestation of `promotion`. Problem "bad-envelope": this key has not sealed
// it, it is no verification summary by Penstock, or it is that of another promotion.
core::Result<Attested> open_attestation(std::string_view envelope, const core::PromotionId& promotion,
                                        const Verifier& verifier);

}  // namespace penstock::audit
