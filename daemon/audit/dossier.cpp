#include "daemon/audit/dossier.hpp"

#include "daemon/audit/dossier_page.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;
namespace files = dossier_files;

std::string media_type_of(const std::string& path) {
  if (path.ends_with(".jsonl")) return "application/jsonl";
  if (path.ends_with(".cdx.json")) return "application/vnd.cyclonedx+json";
  if (path.ends_with(".json")) return "application/json";
  return path.ends_with(".html") ? "text/html" : "text/plain";
}

json listed(const std::string& path, const std::string& bytes) {
  return {{"path", path},
          {"size", bytes.size()},
          {"sha256", runtime::sha256(bytes).hex()},
          {"media_type", media_type_of(path)}};
}

// Every file that is there by now, by path.
json list_of(const Dossier& dossier) {
  std::map<std::string, json> all;
  for (const auto& [path, bytes] : dossier.files) all[path] = listed(path, bytes);
  for (const auto& one : dossier.evidence) {
    const auto path = files::evidence + one.digest.hex();
    all[path] = {{"path", path}, {"size", one.size}, {"sha256", one.digest.hex()}, {"media_type", one.media_type}};
  }
  auto list = json::array();
  for (auto& [path, one] : all) list.push_back(std::move(one));
  return list;
}

core::Result<std::string> bom_of(const DossierFacts& facts, const json& files) {
  BomFacts bom;
  bom.promotion = facts.promotion;
  bom.explanation = facts.explanation;
  bom.waivers = waivers_in(facts.promotion);
  bom.written = facts.written;
  bom.attestation_sha256 = runtime::sha256(facts.attestation).hex();
  for (auto [document, text] :
       {std::pair(&bom.candidate, &facts.record.candidate), {&bom.policy, &facts.record.policy}}) {
    auto read = core::read_json(*text);
    if (!read) return read.error();
    *document = std::move(*read);
  }
  for (const auto& one : files)
    bom.files.push_back({text_in(one, "path"), text_in(one, "sha256"), one.at("size").get<std::uint64_t>(),
                         text_in(one, "media_type")});
  const auto document = model_bom(bom, facts.frameworks);
  if (!document) return document.error();
  return bom_text(*document);
}

std::string lines_of(const std::vector<std::string>& events) {
  std::string text;
  for (const auto& event : events) text += event + "\n";
  return text;
}

}  // namespace

core::Result<Dossier> make_dossier(const DossierFacts& facts) {
  const auto findings = findings_of(facts.record.events);
  if (!findings) return findings.error();
  Dossier dossier;
  dossier.evidence = evidence_behind(*findings);
  dossier.files = {{files::promotion, readable(facts.promotion)},
                   {files::explanation, readable(facts.explanation)},
                   {files::candidate, facts.record.candidate},
                   {files::policy, facts.record.policy},
                   {files::events, lines_of(facts.record.events)},
                   {files::findings, readable(*findings)},
                   {files::approvals, readable(facts.promotion.value("approvals", json::object()))},
                   {files::waivers, readable(waivers_in(facts.promotion))},
                   {files::attestation, facts.attestation},
                   {files::proofs, readable(facts.proofs)},
                   {files::checkpoint, facts.checkpoint},
                   {files::key, facts.verifier.text() + "\n"}};
  auto bom = bom_of(facts, list_of(dossier));
  if (!bom) return bom.error();
  dossier.files[files::bom] = std::move(*bom);
  auto page = page_of(facts, *findings, dossier.evidence, list_of(dossier));
  if (!page) return page.error();
  dossier.files[files::page] = std::move(*page);
  const json index{{"schema", dossier_type},
                   {"promotion", text_in(facts.promotion, "id")},
                   {"model", text_in(facts.promotion, "model")},
                   {"environment", text_in(facts.promotion, "environment")},
                   {"version", text_in(facts.promotion, "version")},
                   {"phase", text_in(facts.promotion, "phase")},
                   {"written", core::to_text(facts.written)},
                   {"penstock", PENSTOCK_VERSION},
                   {"log", facts.verifier.name},
                   // The log has more of it than a dossier tells.
                   {"is_whole", facts.record.left_out == 0},
                   {"entries_left_out", facts.record.left_out},
                   {"files", list_of(dossier)}};
  dossier.files[files::index] = readable(index);
  const json subject{{"name", files::index},
                     {"digest", {{"sha256", runtime::sha256(dossier.files[files::index]).hex()}}}};
  dossier.statement = {
      {"_type", statement_type},
      {"subject", json::array({subject})},
      {"predicateType", dossier_type},
      {"predicate", {{"promotion", text_in(facts.promotion, "id")}, {"written", core::to_text(facts.written)}}}};
  return dossier;
}

}  // namespace penstock::audit
