#include "daemon/audit/bom_facts.hpp"

#include "daemon/audit/bom_model.hpp"
#include "daemon/audit/bom_people.hpp"

namespace penstock::audit::bom {
namespace {

using definitions::Fact;

class AllFacts {
 public:
  AllFacts(const BomFacts& facts, Claims& claims)
      : facts_(facts), claims_(claims), files_(facts.files), candidate_(candidate_of(facts)) {}

  Said candidate() {
    const auto digest = text_at(object_at(candidate_, "artifact"), "digest");
    return digest.empty() ? missing("the candidate names no artifact")
                          : shown("candidate", "the candidate and its artifact are known by their digests",
                                  "candidate " + text_at(facts_.promotion, "candidate") + ", artifact " + digest,
                                  {"candidate.json"});
  }
  Said data_sets() {
    const auto& sets = object_at(candidate_, "data_sets");
    return sets.empty() ? missing("the candidate names no data set")
                        : shown("data-sets", "the candidate names its data sets", count_of(sets.size(), "data set"),
                                {"candidate.json"});
  }
  Said source_commit() {
    const auto& git = object_at(candidate_, "git");
    return git.empty() ? missing("the candidate names no commit")
                       : shown("source-commit", "the candidate names the commit that made it",
                               text_at(git, "commit") + " of " + text_at(git, "repository"), {"candidate.json"});
  }
  Said metrics() {
    const auto& metrics = object_at(candidate_, "metrics");
    return metrics.empty() ? missing("the candidate carries no metrics")
                           : shown("metrics", "the candidate carries metrics", count_of(metrics.size(), "metric"),
                                   {"candidate.json"});
  }
  Said considerations() {
    return says_what_it_is_for(candidate_)
               ? shown("considerations", "the candidate says what it is for and where its limits are",
                       "its labels tell use cases and limitations", {"candidate.json"})
               : missing("the candidate's labels do not tell both `use_cases` and `limitations`");
  }
  Said policy() {
    const auto& policy = object_at(facts_.promotion, "policy");
    bool can_stop = !list_at(facts_.policy, "approvals").empty();
    for (const auto& stage : list_at(facts_.policy, "stages"))
      for (const auto& gate : list_at(stage, "gates"))
        can_stop = can_stop || !gate.is_object() || !gate.contains("blocking") || is_true_at(gate, "blocking");
    const auto digest = text_at(policy, "digest");
    return digest.empty() || !can_stop
               ? missing("the policy has neither a gate nor an approval that could stop a candidate")
               : shown("policy", "it was decided under one policy, known by its digest",
                       text_at(policy, "name") + " (" + digest + ")", {"policy.json"});
  }
  Said explanation() {
    const auto paragraph = text_at(facts_.explanation, "paragraph");
    return paragraph.empty() ? missing("there is no explanation")
                             : shown("explanation", "every condition is told with what was observed and needed",
                                     paragraph, {"explanation.json"});
  }
  Said delivery() {
    const auto& deliveries = list_at(facts_.promotion, "deliveries");
    std::string told;
    bool all = !deliveries.empty();
    for (const auto& step : deliveries) {
      all = all && text_at(step, "state") == "confirmed";
      told += (told.empty() ? "" : ", ") + bounded(text_at(step, "name"), 100) + ": " + text_at(step, "state");
    }
    if (phase() == "rolled_back")
      return against("rolled-back", "what was delivered was rolled back", text_at(facts_.promotion, "reason"));
    return all ? shown("delivery", "every delivery was confirmed", told, {"promotion.json"})
               : missing(deliveries.empty() ? "nothing was delivered" : "not every delivery was confirmed: " + told);
  }
  Said watch() {
    const auto& watch = object_at(facts_.policy, "watch");
    if (watch.empty()) return missing("the policy has no watch");
    if (!was_live()) return missing("it was never live, so the watch had nothing to look at");
    if (phase() == "rolled_back")
      return against("watch", "what was newly live was taken back", text_at(facts_.promotion, "reason"));
    return shown("watch", "it is looked at while it is newly live",
                 "every " + text_at(watch, "every") + " for " + text_at(watch, "for") + "; it is " + phase(),
                 {"policy.json", "promotion.json"});
  }
  Said roll_back() {
    return text_at(object_at(facts_.policy, "watch"), "on_failure") == "roll-back"
               ? shown("roll-back", "what the watch finds takes it back by itself", "on_failure: roll-back",
                       {"policy.json"})
               : missing("the policy does not go back by itself");
  }
  Said drift() {
    if (object_at(facts_.policy, "drift").empty()) return missing("the policy does not look for drift");
    std::string kept;
    for (const auto& step : list_at(facts_.promotion, "deliveries")) {
      const auto& look = object_at(step, "look");
      const auto name = bounded(text_at(step, "name"), 100);
      if (text_at(look, "effect") == "drifted")
        return against("drift", "what was delivered was changed by somebody else",
                       name + ": " + text_at(look, "observed"));
      if (text_at(look, "effect") == "kept") kept += (kept.empty() ? "" : ", ") + name;
    }
    return kept.empty() ? missing("no look has found yet that what was delivered is still there")
                        : shown("drift", "what was delivered is still there", kept, {"promotion.json"});
  }
  Said audit_log() {
    std::vector<std::string> paths;
    for (const auto* file : files_.below("audit/"))
      if (paths.size() < most_items) paths.push_back(file->path);
    return paths.empty() ? missing("the dossier holds nothing of the audit log")
                         : shown("audit-log", "the decisions are in the audit log, with proofs",
                                 count_of(paths.size(), "file"), paths);
  }
  Said attestation() {
    const auto* file = files_.of(facts_.attestation_sha256);
    return file == nullptr ? missing("the dossier holds no signed summary")
                           : shown("attestation", "the decision is told in a signed summary",
                                   "sha256:" + bounded(hex_of(facts_.attestation_sha256), 100), {file->path});
  }

 private:
  std::string phase() const { return text_at(facts_.promotion, "phase"); }
  bool was_live() const {
    const auto now = phase();
    return now == "watching" || now == "live" || now == "replaced" || now == "rolled_back";
  }

  static Said missing(std::string why) { return {false, std::move(why), {}, {}, {}}; }

  std::string evidence(const std::string& ref, const std::string& told, const std::vector<std::string>& paths) {
    auto data = json::array();
    for (const auto& path : paths)
      if (const auto* file = files_.at(path); file != nullptr) data.push_back(data_of(*file));
    json more = json::object();
    put_instant(more, "created", created(ref));
    return claims_.add_evidence(ref, told, std::move(data), std::move(more));
  }
  std::optional<std::string> created(const std::string& ref) const {
    if (ref == "explanation") return instant_at(facts_.explanation, "at");
    if (ref == "policy" || ref == "roll-back") return instant_at(facts_.promotion, "opened_at");
    if (ref == "attestation" || ref == "audit-log") return core::to_text(facts_.written);
    if (ref == "delivery" || ref == "drift" || ref == "watch" || ref.starts_with("counter/"))
      return instant_at(facts_.promotion, "changed_at");
    return instant_at(facts_.candidate, "seen_at");
  }
  Said shown(const std::string& ref, const std::string& predicate, const std::string& told,
             const std::vector<std::string>& paths) {
    const auto proof = evidence(ref, told, paths);
    return {true, bounded(told, 500), {claims_.add_claim(ref, predicate, told, {proof})}, {}, {}};
  }
  Said against(const std::string& ref, const std::string& predicate, const std::string& told) {
    const auto proof = evidence("counter/" + ref, told, {"promotion.json"});
    return {false,
            predicate + ": " + bounded(told, 500),
            {},
            {claims_.add_counter_claim(ref, predicate, told, {proof})},
            {}};
  }

  const BomFacts& facts_;
  Claims& claims_;
  Files files_;
  const json& candidate_;
};

}  // namespace

const json& candidate_of(const BomFacts& facts) {
  const auto& inner = object_at(facts.candidate, "candidate");
  return inner.empty() ? facts.candidate : inner;
}

std::map<Fact, Said> facts_of(const BomFacts& facts, const std::vector<Gate>& gates, Claims& claims) {
  AllFacts all(facts, claims);
  std::map<Fact, Said> said;
  said[Fact::candidate] = all.candidate();
  said[Fact::data_sets] = all.data_sets();
  said[Fact::source_commit] = all.source_commit();
  said[Fact::metrics] = all.metrics();
  said[Fact::considerations] = all.considerations();
  said[Fact::policy] = all.policy();
  said[Fact::gates] = all_gates(gates);
  said[Fact::approvals] = said_of_approvals(facts, claims);
  said[Fact::independence] = said_of_independence(facts, claims);
  said[Fact::explanation] = all.explanation();
  said[Fact::delivery] = all.delivery();
  said[Fact::watch] = all.watch();
  said[Fact::roll_back] = all.roll_back();
  said[Fact::drift] = all.drift();
  said[Fact::emergency_review] = said_of_emergency(facts, claims);
  said[Fact::audit_log] = all.audit_log();
  said[Fact::attestation] = all.attestation();
  return said;
}

}  // namespace penstock::audit::bom
