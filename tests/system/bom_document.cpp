// bom_document DEFINITIONS < FACTS > DOCUMENT: the CycloneDX document of facts as the HTTP API answered them, held
// against the frameworks of a folder of definitions. For tests/system/bom.py.
#include <iostream>
#include <iterator>

#include "daemon/audit/bom.hpp"
#include "daemon/loading.hpp"
#include "plugins/catalog.hpp"

using namespace penstock;

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const auto facts_text = std::string(std::istreambuf_iterator<char>(std::cin), {});
  const auto facts_json = nlohmann::json::parse(facts_text);
  audit::BomFacts facts;
  facts.promotion = facts_json.at("promotion");
  facts.candidate = facts_json.at("candidate");
  facts.policy = facts_json.at("policy");
  facts.explanation = facts_json.at("explanation");
  facts.waivers = facts_json.at("waivers");
  facts.written = core::parse_time(facts_json.at("written").get<std::string>()).value();
  facts.attestation_sha256 = facts_json.at("attestation_sha256");
  for (const auto& file : facts_json.at("files"))
    facts.files.push_back({file.at("path"), file.at("sha256"), file.at("size"), file.at("media_type")});

  const auto loaded = definitions::load(arguments[1], options_for(arguments[1], plugins::catalog()));
  for (const auto& lint : loaded.lints) std::cerr << definitions::to_text(lint) << "\n";
  if (!loaded.usable()) return 1;
  const auto document = audit::model_bom(facts, loaded.frameworks);
  if (!document) {
    std::cerr << core::to_text(document.error()) << "\n";
    return 1;
  }
  std::cout << audit::bom_text(*document);
  return 0;
}
