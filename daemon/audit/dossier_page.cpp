#include "daemon/audit/dossier_page.hpp"

#include "daemon/audit/dsse.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;
namespace files = dossier_files;

// Black on white on paper, without shadows; no chapter's heading stands alone at the end of a sheet.
constexpr std::string_view style = R"(<style>
:root { --ink: #1a1d21; --dim: #5b636d; --line: #d5dae0; --good: #0b6b3a; --bad: #a51d2d; --open: #8a5a00; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; color: var(--ink); background: #fff;
  font: 15px/1.5 system-ui, "Segoe UI", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .3rem; border-bottom: 2px solid var(--ink); }
h3 { font-size: 1rem; margin: 1.4rem 0 .3rem; }
p { margin: .4rem 0; } p.dim, .dim { color: var(--dim); }
dl { display: grid; grid-template-columns: 11rem 1fr; gap: .15rem 1rem; margin: .5rem 0; }
dt { color: var(--dim); } dd { margin: 0; overflow-wrap: anywhere; white-space: pre-line; }
.code, code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .86em; }
pre { border: 1px solid var(--line); padding: .6rem .8rem; overflow-wrap: anywhere; white-space: pre-wrap; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; font-size: .92em; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line);
  overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 600; white-space: nowrap; }
ul { margin: .2rem 0; padding-left: 1.2rem; }
.seal { display: inline-block; border: 2px solid; border-radius: .3rem; padding: .1rem .7rem; font-weight: 700; }
.passed, .met { color: var(--good); } .failed, .not-met { color: var(--bad); }
.inconclusive, .errored, .waived, .not-known { color: var(--open); }
@page { size: A4; margin: 18mm 15mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  h2, h3 { break-after: avoid; } tr, dl, .keep { break-inside: avoid; } thead { display: table-header-group; }
  a { color: inherit; text-decoration: none; }
}
</style>
)";

void write_head(Html& page, const json& promotion, const json& predicate, core::Time written) {
  const auto what =
      text_in(promotion, "model") + " " + text_in(promotion, "version") + " in " + text_in(promotion, "environment");
  page.raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
  page.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
  // Whatever might be in it, nothing is fetched and nothing is run.
  page.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
  page.element("title", "Dossier: " + what).raw(style).raw("</head>\n<body>\n");
  page.element("h1", what);
  const auto result = text_in(predicate, "verificationResult");
  page.open("p").open("span", result == "PASSED" ? "seal passed" : "seal failed").text(result).raw("</span> ");
  page.text("decided " + text_in(predicate, "timeVerified") + "; the promotion is " + text_in(promotion, "phase") +
            " now");
  page.close("p");
  page.element("p",
               "Dossier of promotion " + text_in(promotion, "id") + ", written " + core::to_text(written) +
                   " by Penstock " + PENSTOCK_VERSION,
               "dim");
}

void write_attestation(Html& page, const json& statement, const DossierFacts& facts) {
  const auto& predicate = statement.at("predicate");
  const auto& decision = predicate.at(decision_member);
  const auto digest = [](const json& set) { return "sha256:" + text_in(set, "sha256"); };
  page.element("h2", "What was signed");
  std::vector<Html::Fact> rows{
      {"Result", text_in(predicate, "verificationResult")},
      {"Decided at", text_in(predicate, "timeVerified")},
      {"Resource", text_in(predicate, "resourceUri"), true},
      {"Policy", text_in(predicate.at("policy"), "uri") + "\n" + digest(predicate.at("policy").at("digest")), true},
      {"Findings", digest(decision.at("findings")), true},
      {"Approvals that count", std::to_string(decision.at("approvals").get<std::size_t>())},
      {"Audit entry", std::to_string(decision.at("entry").get<std::int64_t>()) + " of " + text_in(decision, "log")},
      {"Signed by", key_id(facts.verifier), true}};
  for (const auto& subject : statement.at("subject"))
    rows.push_back({"Subject", text_in(subject, "name") + "\n" + digest(subject.at("digest")), true});
  page.facts(rows);
  page.element("h3", "The audit log's checkpoint").element("pre", facts.checkpoint);
  page.element(
      "p", "To verify all of this without the daemon, with the log's public key from somewhere else than this folder:");
  page.element("pre", "penstock dossier verify FOLDER --key audit.key.pub");
}

void write_files(Html& page, const json& files) {
  page.element("h2", "Files");
  page.open("table").raw("<thead><tr><th>File</th><th>Bytes</th><th>SHA-256</th></tr></thead>").open("tbody");
  for (const auto& file : files) {
    const auto path = text_in(file, "path");
    page.open("tr").open("td").link(path, path).close("td");
    page.element("td", std::to_string(file.value("size", std::uint64_t{0})));
    page.element("td", text_in(file, "sha256"), "code").close("tr");
  }
  page.close("tbody").close("table");
  page.element("p", "The list with this page in it is dossier.json, and statement.json signs its digest.", "dim");
}

}  // namespace

core::Result<std::string> page_of(const DossierFacts& facts, const json& findings,
                                  const std::vector<Evidence>& evidence, const json& files) {
  const auto statement = attestation_of(facts.record, facts.verifier.name);
  if (!statement) return statement.error();
  const auto& predicate = statement->at("predicate");
  Html page;
  write_head(page, facts.promotion, predicate, facts.written);
  page.element("p", text_in(facts.explanation, "paragraph"));
  if (facts.record.left_out > 0)
    page.element("p",
                 std::to_string(facts.record.left_out) +
                     " entries of the audit log about this promotion are left out here: looks that say what the looks "
                     "around them say, and the middle of what repeats for long. The log has all of them.",
                 "dim");
  write_candidate(page, facts);
  write_findings(page, findings);
  page.element("h2", "Evidence");
  if (evidence.empty()) page.element("p", "No gate left any.", "dim");
  if (!evidence.empty()) page.open("ul");
  for (const auto& one : evidence)
    page.open("li")
        .link(files::evidence + one.digest.hex(), one.gate + ": " + one.name)
        .text(" (" + one.media_type + ", " + std::to_string(one.size) + " bytes) ")
        .element("span", one.digest.text(), "code")
        .close("li");
  if (!evidence.empty()) page.close("ul");
  write_decisions(page, facts.promotion);
  write_conditions(page, facts.explanation);
  write_events(page, facts.record);
  write_attestation(page, *statement, facts);
  write_files(page, files);
  page.raw("</body>\n</html>\n");
  return std::move(page).take();
}

}  // namespace penstock::audit
