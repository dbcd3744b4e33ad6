#include "daemon/intake/api_dossier.hpp"

#include "daemon/audit/dossier.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/intake/api_promotions.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// A promotion that moves while it is read is read again.
constexpr int most_readings = 5;

core::Problem no_key() {
  return {"no-audit-log", "this daemon has no audit key, and nothing is attested unsigned", "",
          "make a key with `penstock audit keygen`, name it in penstock.yaml as `audit.key`, and start penstockd again",
          false};
}

// What is not there is asked for wrongly or too early; a file or a journal that is not right is our fault.
Response refusal(const core::Problem& problem) {
  for (const auto* code : {"no-audit-log", "not-decided", "not-in-log", "unknown-promotion"})
    if (problem.code == code) return problem_response(404, problem);
  if (problem.code == "not-published" || problem.code == "conflict") return problem_response(503, problem);
  if (!problem.code.starts_with("audit-")) return problem_response(problem);
  return problem_response(503, {problem.code, "what the audit log keeps of it cannot be read or written", "",
                                "see the daemon's log, and `penstock audit verify`", problem.transient});
}

asio::awaitable<Response> get_attestation(const AuditApi& log, Request request) {
  if (log.attester == nullptr) co_return refusal(no_key());
  auto work = [attester = log.attester, id = request.parameters.at("id")] { return attester->attestation(id); };
  auto envelope = co_await log.pool.run(std::move(work));
  if (!envelope) co_return refusal(envelope.error());
  Response response;
  response.content_type = "application/vnd.dsse.envelope.v1+json";
  response.headers = {{"Cache-Control", "private, immutable, max-age=31536000"}};
  response.body = std::move(*envelope);
  co_return response;
}

// Everything that the answer is made of, but for what the engine alone can tell.
struct Told {
  core::PromotionId id;
  json promotion, explanation;
  core::Time now{};
  std::vector<audit::Framework> frameworks;
};

core::Problem moved() { return {"conflict", "the promotion moved on while it was read", "", "ask again", true}; }

core::Result<std::string> dossier_text(const AuditApi& log, Told told) {
  audit::DossierFacts facts;
  auto attestation = log.attester->attestation(told.id);
  if (!attestation) return attestation.error();
  auto record = audit::read_record(log.journal, told.id);
  if (!record) return record.error();
  // The same promotion at the same instant, by its own account, by the journal's and by the log's.
  for (const auto* member : {"phase", "changed_at"})
    if (record->promotion.at(member) != told.promotion.at(member)) return moved();
  if (audit::phase_after(record->entries) != audit::text_in(told.promotion, "phase")) return moved();
  auto proofs = prove(log, record->entries, facts.checkpoint);
  if (!proofs) return proofs.error();
  facts.record = std::move(*record);
  facts.promotion = std::move(told.promotion);
  facts.explanation = std::move(told.explanation);
  facts.attestation = std::move(*attestation);
  facts.proofs = std::move(*proofs);
  facts.verifier = log.attester->verifier();
  facts.written = told.now;
  facts.frameworks = std::move(told.frameworks);
  auto dossier = audit::make_dossier(facts);
  if (!dossier) return dossier.error();
  dossier->files[audit::dossier_files::statement] = log.attester->sealed(dossier->statement);
  auto evidence = json::array();
  for (const auto& one : dossier->evidence)
    evidence.push_back({{"path", audit::dossier_files::evidence + one.digest.hex()},
                        {"digest", one.digest.text()},
                        {"size", one.size},
                        {"media_type", one.media_type}});
  return core::json_text({{"promotion", told.id}, {"files", dossier->files}, {"evidence", std::move(evidence)}});
}

asio::awaitable<Response> get_dossier(const ApiParts& parts, const AuditApi& log, Request request) {
  if (log.attester == nullptr) co_return refusal(no_key());
  const auto id = request.parameters.at("id");
  core::Problem problem = moved();
  for (int reading = 0; reading < most_readings && problem.code == "conflict"; ++reading) {
    const auto promotion = co_await parts.engine.promotion(id);
    if (!promotion) co_return problem_response(promotion.error());
    auto explanation = co_await explanation_of(parts, id);
    if (!explanation) co_return problem_response(explanation.error());
    Told told{id, promotion_json(*promotion), std::move(*explanation), parts.clock.now(), {}};
    if (parts.definitions.frameworks) told.frameworks = parts.definitions.frameworks();
    auto work = [&log, told = std::move(told)] { return dossier_text(log, told); };
    auto text = co_await parts.pool.run(std::move(work));
    if (text) {
      Response response;
      response.headers = {{"Cache-Control", "no-store"}};
      response.body = std::move(*text);
      co_return response;
    }
    problem = text.error();
  }
  co_return refusal(problem);
}

}  // namespace

Routes dossier_routes(const ApiParts& parts, const AuditApi& log) {
  Route attestation;
  attestation.method = "GET";
  attestation.path = "/v1/promotions/{id}/attestation";
  attestation.operation = "getAttestation";
  attestation.summary = "What was attested when it was decided: a signed SLSA verification summary (DSSE, in-toto).";
  attestation.answers = {
      {200, "The envelope."},
      {404, "There is no such promotion, it is not decided or older than the log, or the daemon has no key."},
      {503, "The audit log's files cannot be read or written."}};
  attestation.handler = [&log](Request request) { return get_attestation(log, std::move(request)); };
  Route dossier;
  dossier.method = "GET";
  dossier.path = "/v1/promotions/{id}/dossier";
  dossier.operation = "getDossier";
  dossier.summary = "Everything about a promotion that is decided, as signed files; `penstock dossier` writes them.";
  dossier.answers = {
      {200, "`files`: their texts by path; `evidence`: what to get from /v1/evidence, and where it goes."},
      {404, "There is no such promotion, it is not decided or older than the log, or the daemon has no key."},
      {503, "The newest entries are not published yet, it moved on meanwhile, or the log cannot be read."}};
  dossier.handler = [&parts, &log](Request request) { return get_dossier(parts, log, std::move(request)); };
  return {std::move(attestation), std::move(dossier)};
}

Routes log_routes(const ApiParts& parts, const AuditApi& log) {
  auto routes = audit_routes(log);
  for (auto& route : dossier_routes(parts, log)) routes.push_back(std::move(route));
  return routes;
}

}  // namespace penstock::intake
