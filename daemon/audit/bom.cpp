#include "daemon/audit/bom.hpp"

#include "daemon/audit/bom_attestations.hpp"
#include "daemon/audit/bom_facts.hpp"
#include "daemon/audit/bom_model.hpp"
#include "daemon/audit/bom_people.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using namespace bom;

core::Result<void> check(const BomFacts& facts) {
  const auto refuse = [](const char* what, const char* needed) {
    return core::Problem{"invalid-document",
                         std::string("the ") + what + " of the dossier is not what was needed: " + needed, what,
                         "take it from the daemon as it answers", false};
  };
  for (const auto* key : {"id", "model", "environment", "version", "candidate", "phase"})
    if (text_at(facts.promotion, key).empty())
      return refuse("promotion", "an object with id, model, environment, version, candidate and phase");
  if (text_at(candidate_of(facts), "model") != text_at(facts.promotion, "model") ||
      text_at(candidate_of(facts), "version") != text_at(facts.promotion, "version"))
    return refuse("candidate", "an object with the model and the version that the promotion names");
  if (!facts.policy.is_object() || !facts.policy.contains("stages") || !facts.policy["stages"].is_array())
    return refuse("policy", "an object with stages");
  return {};
}

json references_of(const BomFacts& facts) {
  auto references = json::array();
  const auto* attestation = Files(facts.files).of(facts.attestation_sha256);
  for (const auto& file : facts.files) {
    json reference{{"type", &file == attestation ? "attestation" : "evidence"},
                   {"url", url_of_path(file.path)},
                   {"comment", bounded(file.media_type, 200) + ", " + std::to_string(file.size) + " bytes"}};
    put_hash(reference, file);
    references.push_back(std::move(reference));
  }
  return references;
}

json metadata_of(const BomFacts& facts) {
  const json tool{{"type", "application"}, {"name", "penstock"}, {"version", PENSTOCK_VERSION}};
  const auto& policy = object_at(facts.promotion, "policy");
  auto properties = json::array();
  for (const auto* key : {"id", "environment", "phase", "reason", "submitter", "trigger", "decide_on"})
    if (const auto text = text_at(facts.promotion, key); !text.empty())
      properties.push_back(property(std::string(key) == "id" ? "promotion" : key, text));
  properties.push_back(property("policy", text_at(policy, "name")));
  properties.push_back(property("policy_digest", text_at(policy, "digest")));
  return {{"timestamp", core::to_text(facts.written)},
          {"tools", {{"components", json::array({tool})}}},
          {"component", model_component(facts)},
          {"properties", std::move(properties)}};
}

json declarations_of(const BomFacts& facts, const std::vector<Framework>& frameworks) {
  Claims claims(model_ref);
  add_break_glass(facts, claims);
  const auto gates = gates_of(facts, claims);
  const auto said = facts_of(facts, gates, claims);
  const json assessor{
      {"bom-ref", assessor_ref}, {"thirdParty", false}, {"organization", {{"name", "Penstock (the daemon itself)"}}}};
  json declarations{{"assessors", json::array({assessor})},
                    {"attestations", attestations_of(facts, frameworks, gates, said)},
                    {"claims", claims.claims()},
                    {"evidence", claims.evidence()}};
  if (auto affirmation = affirmation_of(facts); !affirmation.is_null())
    declarations["affirmation"] = std::move(affirmation);
  return declarations;
}

json dependencies_of(const json& components) {
  auto refs = json::array();
  for (const auto& component : components) refs.push_back(component["bom-ref"]);
  return json::array({{{"ref", model_ref}, {"dependsOn", std::move(refs)}}});
}

// Of the document's own bytes, as UUID version 8 (RFC 9562 §5.8): other facts, another number.
std::string serial_number(const std::string& bytes) {
  auto hex = runtime::sha256(bytes).hex().substr(0, 32);
  constexpr std::string_view variants = "89ab";
  hex[12] = '8';
  hex[16] = variants[static_cast<std::size_t>(hex[16] < 'a' ? hex[16] - '0' : hex[16] - 'a' + 10) % 4];
  return "urn:uuid:" + hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) +
         "-" + hex.substr(20);
}

}  // namespace

core::Result<json> model_bom(const BomFacts& facts, const std::vector<Framework>& frameworks) {
  if (const auto good = check(facts); !good) return good.error();
  auto components = data_components(facts);
  json document{{"$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json"},
                {"bomFormat", "CycloneDX"},
                {"specVersion", "1.6"},
                {"version", 1},
                {"metadata", metadata_of(facts)},
                {"externalReferences", references_of(facts)},
                {"dependencies", dependencies_of(components)},
                {"declarations", declarations_of(facts, frameworks)},
                {"definitions", {{"standards", standards_of(frameworks)}}}};
  if (!components.empty()) document["components"] = std::move(components);
  // What is no UTF-8 is replaced here once, so that whoever writes the document can.
  const auto bytes = core::json_text(document);
  document = json::parse(bytes);
  document["serialNumber"] = serial_number(bytes);
  return document;
}

std::string bom_text(const nlohmann::json& document) { return document.dump(2) + "\n"; }

}  // namespace penstock::audit
