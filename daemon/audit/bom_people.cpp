#include "daemon/audit/bom_people.hpp"

#include <algorithm>

namespace penstock::audit::bom {
namespace {

constexpr int deepest = 64;  // of an explanation's tree

// Those that count: given and not void.
std::vector<const json*> approvals_of(const json& promotion) {
  std::vector<const json*> counting;
  for (const auto& approval : list_at(object_at(promotion, "approvals"), "given"))
    if (!text_at(approval, "person").empty() && text_at(approval, "voided").empty() && counting.size() < most_items)
      counting.push_back(&approval);
  return counting;
}

std::string joined(const json& names) {
  std::string text;
  for (const auto& name : names)
    if (name.is_string()) text += (text.empty() ? "" : ", ") + bounded(name.get_ref<const std::string&>(), 200);
  return bounded(text, 500);
}

std::string behalf(const json& approval) {
  const auto principal = text_at(approval, "on_behalf_of");
  return principal.empty() ? "" : " in the stead of " + bounded(principal, 200);
}

bool is_broken(const json& promotion) { return !text_at(object_at(promotion, "break_glass"), "confirmed_by").empty(); }

bool has_node(const json& node, const std::string& kind, int depth) {
  if (text_at(node, "kind") == kind) return true;
  const auto& children = list_at(node, "children");
  return depth < deepest && std::any_of(children.begin(), children.end(),
                                        [&](const json& child) { return has_node(child, kind, depth + 1); });
}

json data_about(const Files& files, const char* path) {
  const auto* file = files.at(path);
  return file != nullptr ? json::array({data_of(*file)}) : json::array();
}

// What is not met of the policy's rules, and whether there is a rule that must be.
struct Rules {
  bool demanded = false;
  bool met = true;
  std::string told;
};
Rules rules_of(const json& promotion) {
  Rules rules;
  for (const auto& rule : list_at(object_at(promotion, "approvals"), "rules")) {
    if (!is_true_at(rule, "required")) continue;
    rules.demanded = true;
    const auto& given = list_at(rule, "given_by");
    const auto needed = rule.contains("needed") && rule["needed"].is_number_integer() ? rule["needed"].dump() : "?";
    rules.met = rules.met && is_true_at(rule, "met");
    rules.told += (rules.told.empty() ? "" : "; ") + bounded(text_at(rule, "group"), 200) + ": " +
                  std::to_string(given.size()) + " of " + needed + (given.empty() ? "" : " (" + joined(given) + ")");
  }
  return rules;
}

// A rejection or a veto speaks against every approval.
void add_end(const BomFacts& facts, Claims& claims, Said& said) {
  const auto phase = text_at(facts.promotion, "phase");
  if (phase != "rejected" && phase != "vetoed") return;
  const auto reason = text_at(facts.promotion, "reason");
  const auto proof = claims.add_evidence("end", "the promotion was " + phase + ": " + reason,
                                         data_about(Files(facts.files), "promotion.json"));
  said.counter_claims.push_back(claims.add_counter_claim("end", "the promotion was " + phase, reason, {proof}));
  said.met = false;
}

}  // namespace

void add_break_glass(const BomFacts& facts, Claims& claims) {
  const auto& glass = object_at(facts.promotion, "break_glass");
  if (!is_broken(facts.promotion)) return;
  json more{{"author", contact(text_at(glass, "asked_by"))}};
  put_instant(more, "created", instant_at(glass, "asked_at"));
  put_instant(more, "expires", instant_at(glass, "until"));
  claims.add_evidence("break-glass",
                      text_at(glass, "asked_by") + " and " + text_at(glass, "confirmed_by") + " broke the glass: " +
                          text_at(glass, "reason") + "; gone without: " + joined(list_at(glass, "skipped")),
                      data_about(Files(facts.files), "promotion.json"), std::move(more));
}

bool is_gone_without(const json& promotion, const std::string& what) {
  return is_broken(promotion) && holds(list_at(object_at(promotion, "break_glass"), "skipped"), what);
}

Said said_of_approvals(const BomFacts& facts, Claims& claims) {
  const Files files(facts.files);
  std::vector<std::string> evidence;
  for (const auto* approval : approvals_of(facts.promotion)) {
    const auto person = text_at(*approval, "person");
    json more{{"author", contact(person)}};
    put_instant(more, "created", instant_at(*approval, "at"));
    auto text = person + " approved" + behalf(*approval) + " as a member of " + joined(list_at(*approval, "groups"));
    if (const auto note = text_at(*approval, "note"); !note.empty()) text += ": " + note;
    if (const auto condition = text_at(*approval, "condition"); !condition.empty())
      text += "; on the condition: " + condition;
    evidence.push_back(claims.add_evidence("approval/" + std::to_string(evidence.size() + 1), text,
                                           data_about(files, "promotion.json"), std::move(more)));
  }
  const auto rules = rules_of(facts.promotion);
  Said said{rules.demanded && rules.met && !evidence.empty(), rules.told, {}, {}, {}};
  add_end(facts, claims, said);
  if (said.met) {
    said.claims.push_back(
        claims.add_claim("approvals", "everybody whom the policy requires has approved", rules.told, evidence));
    return said;
  }
  if (!rules.demanded) said.why = "the policy requires no approval";
  if (rules.demanded && !rules.met) said.why = "approvals that the policy requires are missing: " + rules.told;
  if (is_gone_without(facts.promotion, "approvals")) {
    said.counter_claims.push_back(claims.add_counter_claim("approvals", "approvals were gone without in an emergency",
                                                           rules.told, {"evidence/break-glass"}));
    said.why += "; they were gone without behind broken glass";
  }
  if (!said.counter_claims.empty()) said.why += "; the promotion is " + text_at(facts.promotion, "phase");
  return said;
}

Said said_of_independence(const BomFacts& facts, Claims& claims) {
  Said said;
  const auto approvals = approvals_of(facts.promotion);
  if (approvals.empty()) {
    said.why = "nobody has approved";
    return said;
  }
  const auto& authors = list_at(facts.promotion, "authors");
  const auto submitter = text_at(facts.promotion, "submitter");
  std::vector<std::string> evidence;
  std::string involved;
  for (const auto* approval : approvals) {
    evidence.push_back("evidence/approval/" + std::to_string(evidence.size() + 1));
    for (const auto& name : {text_at(*approval, "person"), text_at(*approval, "on_behalf_of")})
      if (!name.empty() && (name == submitter || holds(authors, name)))
        involved += (involved.empty() ? "" : ", ") + bounded(name, 200);
  }
  const auto told = "submitted by " + bounded(submitter, 200) + "; made by " +
                    (authors.empty() ? "nobody who is known" : joined(authors)) + "; " +
                    count_of(approvals.size(), "approval");
  said.met = involved.empty();
  said.why = said.met ? told : bounded(involved, 500) + " approved and had a hand in it";
  auto& refs = said.met ? said.claims : said.counter_claims;
  refs.push_back(
      said.met
          ? claims.add_claim("independence", "nobody who submitted or made it approved it", told, evidence)
          : claims.add_counter_claim("independence", "somebody who had a hand in it approved it", said.why, evidence));
  return said;
}

Said said_of_emergency(const BomFacts& facts, Claims& claims) {
  Said said;
  if (!is_broken(facts.promotion)) {
    said.met = true;
    said.why = "the glass was not broken";
    const auto proof = claims.add_evidence("glass-whole", "the promotion's record tells of no broken glass",
                                           data_about(Files(facts.files), "promotion.json"));
    said.claims.push_back(
        claims.add_claim("glass-whole", "nothing was gone without in an emergency", said.why, {proof}));
    return said;
  }
  const auto& tree = object_at(facts.explanation, "tree");
  const bool is_used = !list_at(object_at(facts.promotion, "break_glass"), "skipped").empty();
  const bool is_reviewed = is_used && !tree.empty() && !has_node(tree, "review", 0);
  const std::string what = is_reviewed ? "the glass was broken, and the lane owes no review any more"
                           : is_used   ? "the glass was broken, and its review is owed"
                                       : "the glass was broken, and nothing was delivered behind it yet";
  said.met = is_reviewed;
  said.why = what;
  said.counter_claims.push_back(
      claims.add_counter_claim("break-glass", "the policy was gone without in an emergency",
                               "gone without: " + joined(list_at(object_at(facts.promotion, "break_glass"), "skipped")),
                               {"evidence/break-glass"}));
  if (said.met) said.claims.push_back(claims.add_claim("review", what, what, {"evidence/break-glass"}));
  return said;
}

json affirmation_of(const BomFacts& facts) {
  const auto approvals = approvals_of(facts.promotion);
  if (approvals.empty()) return nullptr;
  const Files files(facts.files);
  const auto* file = files.at("promotion.json");
  auto signatories = json::array();
  for (const auto* approval : approvals) {
    json reference{{"type", "evidence"},
                   {"url", url_of_path(file != nullptr ? file->path : "promotion.json")},
                   {"comment", "approved at " + instant_at(*approval, "at").value_or("an unknown time")}};
    if (file != nullptr) put_hash(reference, *file);
    const auto groups = joined(list_at(*approval, "groups"));
    signatories.push_back({{"name", bounded(text_at(*approval, "person"), 200)},
                           {"role", "approver" + behalf(*approval)},
                           {"organization", {{"name", groups}}},
                           {"externalReference", std::move(reference)}});
  }
  return {{"statement", "These people approved candidate " + text_at(facts.promotion, "candidate") + " under policy " +
                            text_at(object_at(facts.promotion, "policy"), "digest") +
                            ". They affirm nothing else of this document. The promotion is " +
                            text_at(facts.promotion, "phase") + "."},
          {"signatories", std::move(signatories)}};
}

}  // namespace penstock::audit::bom
