// A framework that promotions are held against: its clauses, and what of a promotion speaks for each. Data, read from
// gate-definitions/frameworks/; nothing here says that a law is kept.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/core/words.hpp"

namespace penstock::definitions {

// What can speak for a clause beside what gates of a kind found. Each is met or not by one promotion.
enum class Fact {
  candidate,         // the candidate is known by its digest, and its artifact by its own
  data_sets,         // the candidate names its data sets
  source_commit,     // the candidate names the commit that made it
  metrics,           // the candidate carries metrics
  considerations,    // the candidate says what it is for and where its limits are
  policy,            // it was decided under a policy, known by its digest, with gates or approvals that can stop it
  gates,             // every blocking gate of the stages passed
  approvals,         // every approval that the policy requires was given
  independence,      // nobody whose approval counts submitted or made the candidate
  explanation,       // every condition is told with what was observed and needed
  delivery,          // every delivery was confirmed
  watch,             // it is looked at while it is newly live
  roll_back,         // what the watch finds takes it back by itself
  drift,             // it is looked at whether what was delivered is still there
  emergency_review,  // the glass was not broken, or the review that it owes was filed
  audit_log,         // the dossier holds the audit log's entries or proofs
  attestation,       // the dossier holds a signed summary of the decision
};

struct ClauseEvidence {
  std::vector<std::string> gates;  // kinds; of a gate of one of them, or
  std::string named;               // only those whose name matches; empty: all
  std::optional<Fact> fact;        // one of the facts above
  std::string shows;               // what of the clause it shows
};

struct Clause {
  std::string id;     // as the framework's own text numbers it, or a word where it does not
  std::string title;  // in words of our own
  std::vector<ClauseEvidence> evidence;
};

struct Framework {
  std::string name;
  std::string version;
  std::string title;
  std::string owner;
  std::string source;     // the address of the text, https
  std::string read;       // the day on which the clauses were compared with a text
  std::string effective;  // since when it is to be kept; empty when that is not a day
  std::string note;
  std::vector<Clause> clauses;
  std::string file;     // below the definitions' folder
  core::Digest digest;  // SHA-256 of the file
};

}  // namespace penstock::definitions

namespace penstock::core {
template <>
struct EnumNames<definitions::Fact> {
  using F = definitions::Fact;
  static constexpr std::array<std::pair<F, const char*>, 17> names{{{F::candidate, "candidate"},
                                                                    {F::data_sets, "data-sets"},
                                                                    {F::source_commit, "source-commit"},
                                                                    {F::metrics, "metrics"},
                                                                    {F::considerations, "considerations"},
                                                                    {F::policy, "policy"},
                                                                    {F::gates, "gates"},
                                                                    {F::approvals, "approvals"},
                                                                    {F::independence, "independence"},
                                                                    {F::explanation, "explanation"},
                                                                    {F::delivery, "delivery"},
                                                                    {F::watch, "watch"},
                                                                    {F::roll_back, "roll-back"},
                                                                    {F::drift, "drift"},
                                                                    {F::emergency_review, "emergency-review"},
                                                                    {F::audit_log, "audit-log"},
                                                                    {F::attestation, "attestation"}}};
};
}  // namespace penstock::core
