#include "daemon/core/verdict.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/json_put.hpp"

namespace penstock::core {
namespace {

Result<Verdict> verdict_at(const nlohmann::json& document) {
  const auto verdict = value_of<Verdict>(document.value("verdict", ""));
  if (!verdict)
    return Problem{"invalid-document", "`verdict` is none of passed, failed, inconclusive, errored, waived", "", "",
                   false};
  return *verdict;
}

Result<Finding> read(const nlohmann::json& document) {
  Finding finding;
  const auto verdict = verdict_at(document);
  if (!verdict) return verdict.error();
  finding.verdict = *verdict;
  finding.observed = document.value("observed", "");
  finding.needed = document.value("needed", "");
  finding.source = document.value("source", "");
  finding.next = document.value("next", "");
  if (const auto at = parse_time(document.value("at", ""))) finding.at = *at;
  for (const auto& item : document.value("details", nlohmann::json::array())) {
    const auto detail_verdict = verdict_at(item);
    if (!detail_verdict) return detail_verdict.error();
    finding.details.push_back({item.value("rule", ""), *detail_verdict, item.value("observed", ""),
                               item.value("needed", ""), item.value("where", ""), item.value("never_waivable", false)});
  }
  for (const auto& item : document.value("evidence", nlohmann::json::array())) {
    const auto digest = Digest::parse(item.value("digest", ""));
    if (!digest) return Problem{"invalid-document", "evidence without a digest", item.value("name", ""), "", false};
    finding.evidence.push_back(
        {item.value("name", ""), item.value("media_type", ""), *digest, item.value("size", std::uint64_t{0})});
  }
  return finding;
}

}  // namespace

nlohmann::json to_json(const Finding& finding) {
  nlohmann::json document{{"verdict", name_of(finding.verdict)}, {"at", to_text(finding.at)}};
  put_unless_empty(document, "observed", finding.observed);
  put_unless_empty(document, "needed", finding.needed);
  put_unless_empty(document, "source", finding.source);
  put_unless_empty(document, "next", finding.next);
  auto details = nlohmann::json::array();
  for (const auto& detail : finding.details) {
    nlohmann::json item{{"rule", detail.rule}, {"verdict", name_of(detail.verdict)}};
    put_unless_empty(item, "observed", detail.observed);
    put_unless_empty(item, "needed", detail.needed);
    put_unless_empty(item, "where", detail.where);
    if (detail.never_waivable) item["never_waivable"] = true;
    details.push_back(std::move(item));
  }
  put_unless_empty(document, "details", details);
  auto evidence = nlohmann::json::array();
  for (const auto& item : finding.evidence)
    evidence.push_back(
        {{"name", item.name}, {"media_type", item.media_type}, {"digest", item.digest.text()}, {"size", item.size}});
  put_unless_empty(document, "evidence", evidence);
  return document;
}

Result<Finding> finding_from_json(const nlohmann::json& document) {
  if (!document.is_object()) return Problem{"invalid-document", "a finding must be an object", "", "", false};
  try {
    return read(document);
  } catch (const nlohmann::json::exception& error) {
    return Problem{"invalid-document", std::string("the finding has a member of the wrong type: ") + error.what(), "",
                   "", false};
  }
}

}  // namespace penstock::core
