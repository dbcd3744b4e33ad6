#include "daemon/audit/bom_gates.hpp"

#include <algorithm>
#include <set>

#include "daemon/audit/bom_people.hpp"

namespace penstock::audit::bom {
namespace {

// The newest check of a gate; an empty object when it was never asked.
const json& check_of(const json& promotion, const std::string& gate) {
  static const json none = json::object();
  const json* newest = &none;
  for (const auto& check : list_at(promotion, "checks"))
    if (text_at(check, "gate") == gate) newest = &check;
  return *newest;
}

std::string told(const json& finding) {
  auto text = "observed: " + text_at(finding, "observed");
  if (const auto needed = text_at(finding, "needed"); !needed.empty()) text += "; needed: " + needed;
  if (const auto source = text_at(finding, "source"); !source.empty()) text += "; from: " + source;
  return text;
}

class OneGate {
 public:
  OneGate(const BomFacts& facts, Claims& claims, const json& spec)
      : facts_(facts),
        claims_(claims),
        files_(facts.files),
        spec_(spec),
        gate_(text_at(spec, "name")),
        check_(check_of(facts.promotion, gate_)),
        finding_(object_at(check_, "finding")) {}

  Said said() {
    const auto verdict = text_at(finding_, "verdict");
    std::vector<std::string> evidence;
    if (!finding_.empty()) evidence.push_back(finding_evidence());
    if (verdict == "passed") {
      const auto ref = claims_.add_claim("gate/" + gate_, "gate " + gate_ + " passed", told(finding_), evidence);
      return {true, "gate " + gate_ + " passed", {ref}, {}, {}};
    }
    const auto was = verdict.empty()
                         ? "was never asked"
                         : "was not passed (" + verdict + ": " + bounded(text_at(finding_, "observed"), 300) + ")";
    Said said{false, "gate " + gate_ + " " + was, {}, {}, {}};
    for (const auto& waiver : waivers()) add_waiver(waiver, evidence, said);
    if (is_gone_without(facts_.promotion, "gate " + gate_)) add_glass(evidence, said);
    if (said.counter_claims.empty() && !verdict.empty())
      said.counter_claims.push_back(
          claims_.add_counter_claim("gate/" + gate_, "gate " + gate_ + " " + was, told(finding_), evidence));
    return said;
  }

 private:
  std::string finding_evidence() {
    auto data = json::array();
    for (const auto& document : list_at(finding_, "evidence")) {
      if (data.size() >= most_items) break;
      const auto digest = text_at(document, "digest");
      if (const auto* file = files_.of(digest); file != nullptr) {
        data.push_back(data_of(*file));
        data.back()["name"] = text_at(document, "name") + ": " + data.back()["name"].get<std::string>();
      } else {
        data.push_back({{"name", text_at(document, "name") + " (" + digest + "), not in this dossier"}});
      }
    }
    if (const auto* file = files_.at("promotion.json"); file != nullptr) data.push_back(data_of(*file));
    json more = json::object();
    put_instant(more, "created", instant_at(finding_, "at"));
    const auto at = core::parse_time(text_at(finding_, "at"));
    const auto age = core::parse_duration(text_at(spec_, "max_age"));
    if (at && age) more["expires"] = core::to_text(*at + *age);
    return claims_.add_evidence("gate/" + gate_, told(finding_), std::move(data), std::move(more));
  }

  std::vector<json> waivers() const {
    std::vector<json> found;
    std::set<std::string> known;
    const auto take = [&](const json& list) {
      for (const auto& waiver : list)
        if (text_at(waiver, "gate") == gate_ && !text_at(waiver, "granter").empty() && found.size() < 50 &&
            known.insert(text_at(waiver, "id")).second)
          found.push_back(waiver);
    };
    take(list_at(check_, "waivers"));
    if (facts_.waivers.is_array()) take(facts_.waivers);
    return found;
  }

  void add_waiver(const json& waiver, std::vector<std::string> evidence, Said& said) {
    const auto id = text_at(waiver, "id");
    const auto rule = text_at(waiver, "rule");
    const auto what = "waiver " + id + " of " + (rule.empty() ? "gate " + gate_ : "rule " + rule + " of gate " + gate_);
    json more{{"author", contact(text_at(waiver, "requester"))}, {"reviewer", contact(text_at(waiver, "granter"))}};
    put_instant(more, "created", instant_at(waiver, "asked_at"));
    put_instant(more, "expires", instant_at(waiver, "ends"));
    auto data = json::array();
    if (const auto* file = files_.at("waivers.json"); file != nullptr) data.push_back(data_of(*file));
    const auto proof = claims_.add_evidence("waiver/" + gate_ + "/" + id,
                                            what + ", asked for by " + text_at(waiver, "requester") + " (" +
                                                text_at(waiver, "reason") + "), granted by " +
                                                text_at(waiver, "granter") + "; instead: " + text_at(waiver, "control"),
                                            std::move(data), std::move(more));
    evidence.push_back(proof);
    said.counter_claims.push_back(claims_.add_counter_claim(
        "waiver/" + gate_ + "/" + id, "gate " + gate_ + " was not passed but waived",
        text_at(waiver, "granter") + " let it through although the gate had not passed: " + text_at(waiver, "reason"),
        evidence, {proof}));
    said.mitigations.push_back(proof);
    said.why += ", and was waived by " + bounded(text_at(waiver, "granter"), 200) + " (" + bounded(id, 100) + ")";
  }

  void add_glass(std::vector<std::string> evidence, Said& said) {
    const auto& glass = object_at(facts_.promotion, "break_glass");
    evidence.emplace_back("evidence/break-glass");
    said.counter_claims.push_back(
        claims_.add_counter_claim("glass/" + gate_, "gate " + gate_ + " was gone without in an emergency",
                                  text_at(glass, "asked_by") + " and " + text_at(glass, "confirmed_by") +
                                      " broke the glass: " + text_at(glass, "reason"),
                                  evidence));
    said.why += ", and was gone without behind broken glass";
  }

  const BomFacts& facts_;
  Claims& claims_;
  Files files_;
  const json& spec_;
  std::string gate_;
  const json& check_;
  const json& finding_;
};

Gate gate_of(const BomFacts& facts, Claims& claims, const json& spec, bool in_watch) {
  Gate gate;
  gate.name = text_at(spec, "name");
  gate.kind = text_at(spec, "kind");
  gate.blocking = !spec.is_object() || !spec.contains("blocking") || is_true_at(spec, "blocking");
  gate.in_watch = in_watch;
  gate.has_answered = !object_at(check_of(facts.promotion, gate.name), "finding").empty();
  gate.said = OneGate(facts, claims, spec).said();
  return gate;
}

// Met when there is one and all of them are.
Said together(const std::vector<const Gate*>& gates, const std::string& missing) {
  Said sum{!gates.empty(), gates.empty() ? missing : "", {}, {}, {}};
  const auto add = [](auto& all, const auto& more) { all.insert(all.end(), more.begin(), more.end()); };
  for (const auto* gate : gates) {
    sum.met = sum.met && gate->said.met;
    sum.why += (sum.why.empty() ? "" : ", ") + gate->said.why;
    add(sum.claims, gate->said.claims);
    add(sum.counter_claims, gate->said.counter_claims);
    add(sum.mitigations, gate->said.mitigations);
  }
  sum.why = bounded(sum.why, 1000);
  return sum;
}

}  // namespace

std::vector<Gate> gates_of(const BomFacts& facts, Claims& claims) {
  std::vector<Gate> gates;
  std::set<std::string> names;
  const auto take = [&](const json& list, bool in_watch) {
    for (const auto& spec : list)
      if (names.insert(text_at(spec, "name")).second) gates.push_back(gate_of(facts, claims, spec, in_watch));
  };
  for (const auto& stage : list_at(facts.policy, "stages")) take(list_at(stage, "gates"), false);
  take(list_at(object_at(facts.policy, "watch"), "gates"), true);
  return gates;
}

Said said_of(const definitions::ClauseEvidence& wanted, const std::vector<Gate>& gates) {
  std::vector<const Gate*> matching;
  for (const auto& gate : gates)
    if ((!gate.in_watch || gate.has_answered) &&
        std::find(wanted.gates.begin(), wanted.gates.end(), gate.kind) != wanted.gates.end() &&
        (wanted.named.empty() || core::glob_match(wanted.named, gate.name)))
      matching.push_back(&gate);
  std::string kinds;
  for (const auto& kind : wanted.gates) kinds += (kinds.empty() ? "" : " or ") + kind;
  return together(
      matching, "the policy has no gate of the kind " + kinds + (wanted.named.empty() ? "" : " named " + wanted.named));
}

Said all_gates(const std::vector<Gate>& gates) {
  std::vector<const Gate*> blocking;
  for (const auto& gate : gates)
    if (gate.blocking && !gate.in_watch) blocking.push_back(&gate);
  return together(blocking, "the policy has no gate that could stop it");
}

}  // namespace penstock::audit::bom
