// Attestations and dossiers over HTTP: what there is when, and that what comes verifies.
#include "daemon/intake/api_dossier.hpp"

#include "daemon/audit/dossier_verify.hpp"
#include "daemon/audit/entry.hpp"
#include "daemon/audit/publisher.hpp"
#include "tests/audit/log.hpp"
#include "tests/intake/api_story.hpp"
#include "tests/intake/openapi_table.hpp"

namespace penstock::intake {
namespace {

namespace fs = std::filesystem;
namespace files = audit::testing;
using audit::dossier_files::evidence;

const std::string evidence_bytes = "18 rows\n";

// The story's daemon with an audit log, unless it is without a key.
struct LogStory {
  explicit LogStory(bool has_key = true) {
    if (!has_key) return;
    const auto at = folder / "log";
    audit::Publisher::Parts parts{*story.journal, at, files::signer()};
    parts.pause = std::chrono::milliseconds(1);
    parts.idle = std::chrono::milliseconds(5);
    publisher = audit::Publisher::open(std::move(parts)).value();
    attester = audit::Attester::open({*story.journal, at, files::signer()}).value();
    api.folder = at;
    api.verifier = files::signer().verifier();
    api.attester = attester.get();
  }
  Response get(const std::string& target) {
    const auto found = router.find("GET", target);
    const auto& match = std::get<Router::Match>(found);
    Request request;
    request.method = "GET";
    request.path = match.path;
    request.parameters = match.parameters;
    request.caller = ci;
    return story.run(match.route->handler(std::move(request)));
  }
  Response get(const std::string& promotion, const std::string& what) {
    return get("/v1/promotions/" + promotion + "/" + what);
  }
  std::string code_of(const std::string& promotion, const std::string& what, int status) {
    const auto response = get(promotion, what);
    INFO(response.body);
    CHECK(response.status == status);
    return json::parse(response.body).value("code", "");
  }
  // Once everything is published.
  json dossier(const std::string& promotion) {
    for (const auto until = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < until;
         std::this_thread::sleep_for(2ms)) {
      const auto response = get(promotion, "dossier");
      if (response.status == 200) return json::parse(response.body);
      INFO(response.body);
      REQUIRE(json::parse(response.body).at("code") == "not-published");
    }
    return {};
  }
  // As `penstock dossier` puts it on the disk.
  audit::DossierReport verified(const json& dossier) {
    const fs::path at = folder / "dossier";
    fs::remove_all(at);
    for (const auto& [path, text] : dossier.at("files").items()) files::write(at / path, text.get<std::string>());
    for (const auto& one : dossier.at("evidence"))
      files::write(at / one.at("path").get<std::string>(),
                   story.evidence.at(core::Digest::parse(one.at("digest").get<std::string>()).value()));
    return audit::verify_dossier(at, files::signer().verifier());
  }
  // Brought live, with evidence behind one of its findings.
  std::string live() {
    const auto promotion = story.submit();
    const auto digest = runtime::sha256(evidence_bytes);
    story.evidence[digest] = evidence_bytes;
    core::Finding finding;
    finding.verdict = core::Verdict::passed;
    finding.at = story.clock.now();
    finding.evidence = {{"rows.txt", "text/plain", digest, evidence_bytes.size()}};
    core::Event event = core::CheckReported{promotion, "contract", 1, finding};
    REQUIRE(story.run(story.engine.submit(std::move(event))));
    for (const auto* gate : {"scan", "style"}) story.answer(promotion, gate, core::Verdict::passed);
    CHECK(story.decide(promotion, {{"decision", "approve"}, {"note", "<b>yes</b>"}}, ana).status == 200);
    CHECK(story.decide(promotion, {{"decision", "approve"}}, bo).status == 200);
    core::Event confirmed = core::DeliveryConfirmed{promotion, "serving", 1, "204"};
    REQUIRE(story.run(story.engine.submit(std::move(confirmed))));
    return promotion;
  }

  // As the engine journals what leaves the promotion as it is; an event that another lane decides tells no phase.
  void happen(const std::string& promotion, const core::Event& event, const std::string& phase) {
    const auto document = core::to_json(event).dump();
    const std::string name(core::event_name(event));
    journal::Write write;
    write.events = {{0, story.clock.now(), {"fraud", "production"}, promotion, name, document}};
    audit::Entry entry;
    entry.what = name;
    entry.promotion = promotion;
    entry.phase = phase;
    entry.event = runtime::sha256(document);
    write.audit = {{0, promotion, audit::text_of(entry, {story.clock.now(), core::Duration(), "d"})}};
    bool is_kept = false;
    story.journal->commit({write}, [&](const auto& receipts) { is_kept = receipts.at(0).has_value(); });
    story.until([&] { return is_kept; });
  }

  files::TemporaryFolder folder;
  ApiStory story;
  AuditApi api{*story.journal, story.pool, std::nullopt, std::nullopt};
  std::unique_ptr<audit::Publisher> publisher;
  std::unique_ptr<audit::Attester> attester;
  Router router{log_routes(story.parts, api)};
};

std::string told(const audit::DossierReport& report) {
  std::string text;
  for (const auto& fault : report.faults) text += fault.where + ": " + fault.what + "\n";
  return text;
}

}  // namespace

TEST_CASE("a promotion that is live has its attestation, the same bytes at every asking") {
  LogStory log;
  const auto promotion = log.live();
  const auto response = log.get(promotion, "attestation");
  REQUIRE(response.status == 200);
  CHECK(response.content_type == "application/vnd.dsse.envelope.v1+json");
  const auto payload = audit::unseal(response.body, audit::in_toto_type, files::signer().verifier()).value();
  const auto predicate = json::parse(payload).at("predicate");
  CHECK(predicate.at("verificationResult") == "PASSED");
  CHECK(predicate.at(audit::decision_member).at("approvals") == 2);
  CHECK(log.get(promotion, "attestation").body == response.body);
}

TEST_CASE("before it is decided there is no attestation and no dossier, and the answer says so") {
  LogStory log;
  const auto promotion = log.story.submit();
  for (const auto* what : {"attestation", "dossier"}) {
    CHECK(log.code_of(promotion, what, 404) == "not-decided");
    CHECK(log.code_of("prm_none", what, 404) == "unknown-promotion");
  }
  CHECK_FALSE(fs::exists(fs::path(log.folder / "log/attestations") / (promotion + ".json")));
}

TEST_CASE("a rejected promotion has failed") {
  LogStory log;
  const auto promotion = log.story.submit();
  log.story.answer(promotion, "contract", core::Verdict::failed, "3 violations");
  const auto body = log.get(promotion, "attestation").body;
  const auto statement = json::parse(audit::unseal(body, audit::in_toto_type, files::signer().verifier()).value());
  CHECK(statement.at("predicate").at("verificationResult") == "FAILED");
  const auto report = log.verified(log.dossier(promotion));
  INFO(told(report));
  CHECK(report.good());
  CHECK(report.result == "FAILED");
  CHECK(report.phase == "rejected");
}

TEST_CASE("without a key nothing is attested, and the answer names the setting") {
  LogStory log(false);
  const auto promotion = log.live();
  for (const auto* what : {"attestation", "dossier"}) {
    const auto response = log.get(promotion, what);
    CHECK(response.status == 404);
    CHECK(response.body.find("`audit.key`") != std::string::npos);
  }
}

TEST_CASE("the dossier of a promotion verifies, and holds what the other routes tell") {
  LogStory log;
  const auto promotion = log.live();
  const auto dossier = log.dossier(promotion);
  const auto report = log.verified(dossier);
  INFO(told(report));
  CHECK(report.good());
  CHECK(report.result == "PASSED");
  const auto& all = dossier.at("files");
  CHECK(all.at("attestation.json") == log.get(promotion, "attestation").body);
  CHECK(json::parse(all.at("approvals.json").get<std::string>()).at("given").size() == 2);
  CHECK(json::parse(all.at("explanation.json").get<std::string>()).at("phase") == "live");
  auto shown = log.story.get_json("/v1/promotions/" + promotion);
  CHECK(json::parse(all.at("promotion.json").get<std::string>()).at("decide_on") == shown.at("decide_on"));
  REQUIRE(dossier.at("evidence").size() == 1);
  CHECK(dossier["evidence"][0].at("path") == evidence + runtime::sha256(evidence_bytes).hex());
  CHECK(all.at("index.html").get<std::string>().find("&lt;b&gt;yes&lt;/b&gt;") != std::string::npos);
}

TEST_CASE("what was replaced since keeps its attestation, and its dossier says both") {
  LogStory log;
  const auto first = log.live();
  const auto before = log.get(first, "attestation").body;
  const auto second = log.story.submit("8");
  log.story.bring_live(second);
  CHECK(log.get(first, "attestation").body == before);
  const auto report = log.verified(log.dossier(first));
  INFO(told(report));
  CHECK(report.good());
  CHECK(report.result == "PASSED");
  CHECK(report.phase == "replaced");
  CHECK(log.verified(log.dossier(second)).phase == "live");
}

TEST_CASE("looks at what is live, and what was decided elsewhere for it, keep nobody from its dossier") {
  LogStory log;
  const auto promotion = log.live();
  for (int number = 1; number <= 30; ++number)
    log.happen(promotion, core::EffectSeen{promotion, "serving", number, core::Effect::kept, "version 7"}, "live");
  const core::Place place{"tier-1", {"fraud", "production"}, 1, promotion};
  log.happen(promotion, core::PlaceReturned{core::every_lane, place, promotion}, "");
  const auto report = log.verified(log.dossier(promotion));
  INFO(told(report));
  CHECK(report.good());
  CHECK(report.phase == "live");
  CHECK(report.left_out == 28);
}

TEST_CASE("an attestation that somebody has changed is not given, and the disk's names are not told") {
  LogStory log;
  const auto promotion = log.live();
  REQUIRE(log.get(promotion, "attestation").status == 200);
  files::write(fs::path(log.folder / "log/attestations") / (promotion + ".json"), "{}");
  for (const auto* what : {"attestation", "dossier"}) {
    const auto response = log.get(promotion, what);
    CHECK(response.status == 503);
    CHECK(response.body.find("/log/") == std::string::npos);
  }
}

TEST_CASE("the routes of attestations and dossiers are described") {
  LogStory log;
  require_described(log.router.routes());
}

}  // namespace penstock::intake
