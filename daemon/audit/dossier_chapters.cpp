// The chapters of a dossier's page.
#include <algorithm>

#include "daemon/audit/dossier_page.hpp"
#include "daemon/core/json_text.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/runtime/digest.hpp"

namespace penstock::audit {
namespace {

using nlohmann::json;

constexpr std::size_t most_details = 200;  // the rest is in findings.json

json member(const json& object, const char* name, json otherwise) {
  if (!object.is_object()) return otherwise;
  const auto found = object.find(name);
  if (found == object.end()) return otherwise;
  return *found;
}

// "a: 1, b: 2", or "a, b".
std::string in_words(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return {};
  if (!value.is_structured()) return core::json_text(value);
  std::string words;
  for (const auto& [key, one] : value.items()) {
    words += words.empty() ? "" : ", ";
    words += (value.is_object() ? key + ": " : "") + in_words(one);
  }
  return words;
}

std::string told(const json& object, const char* name) { return in_words(member(object, name, nullptr)); }

void write_node(Html& page, const json& node, int depth) {
  constexpr int deepest = 12;
  const auto met = member(node, "met", nullptr);
  const auto* word = met.is_null() ? "not known" : met == true ? "met" : "not met";
  const auto* classes = met.is_null() ? "not-known" : met == true ? "met" : "not-met";
  page.open("li").element("span", word, classes).text(" " + text_in(node, "title"));
  if (const auto observed = text_in(node, "observed"); !observed.empty())
    page.element("span", " (" + observed + ")", "dim");
  const auto children = member(node, "children", json::array());
  if (!children.empty() && depth < deepest) {
    page.open("ul");
    for (const auto& child : children) write_node(page, child, depth + 1);
    page.close("ul");
  }
  page.close("li");
}

std::vector<std::string> detail_row(const json& detail) {
  return {text_in(detail, "rule"), text_in(detail, "verdict"), text_in(detail, "observed"), text_in(detail, "needed"),
          text_in(detail, "where")};
}

}  // namespace

void write_candidate(Html& page, const DossierFacts& facts) {
  const auto candidate = core::read_json(facts.record.candidate).value();
  const auto policy = core::read_json(facts.record.policy).value();
  const auto artifact = member(candidate, "artifact", json::object());
  const auto git = member(candidate, "git", json::object());
  page.element("h2", "Candidate");
  page.facts({{"Model", text_in(candidate, "model")},
              {"Version", text_in(candidate, "version")},
              {"Candidate", runtime::sha256(facts.record.candidate).text(), true},
              {"Artifact", text_in(artifact, "digest"), true},
              {"Artifact from", text_in(artifact, "uri"), true},
              {"Source", told(candidate, "source")},
              {"Registry", told(candidate, "registry")},
              {"Commit", text_in(git, "commit"), true},
              {"Repository", text_in(git, "repository")},
              {"Data sets", told(candidate, "data_sets")},
              {"Data contract", told(candidate, "data_contract")},
              {"Metrics", told(candidate, "metrics")},
              {"Labels", told(candidate, "labels")},
              {"Made by", told(candidate, "authors")},
              {"Submitted by", text_in(facts.promotion, "submitter")},
              {"Trigger", text_in(facts.promotion, "trigger")},
              {"Takes back", text_in(facts.promotion, "takes_back")}});
  page.element("h2", "Policy");
  std::string stages;
  for (const auto& stage : member(policy, "stages", json::array())) {
    stages += (stages.empty() ? "" : "\n") + text_in(stage, "name") + ": ";
    std::string gates;
    for (const auto& gate : member(stage, "gates", json::array()))
      gates += (gates.empty() ? "" : ", ") + text_in(gate, "name") + " (" + text_in(gate, "kind") + ")";
    stages += gates;
  }
  page.facts({{"Name", text_in(policy, "name")},
              {"Digest", runtime::sha256(facts.record.policy).text(), true},
              {"For", text_in(policy, "model") + " in " + text_in(policy, "environment")},
              {"Stages", stages},
              {"Edited last by", text_in(policy, "editor")}});
}

void write_findings(Html& page, const json& findings) {
  page.element("h2", "Findings");
  if (findings.empty()) page.element("p", "No gate has answered.", "dim");
  for (const auto& one : findings) {
    const auto finding = member(one, "finding", json::object());
    const auto verdict = text_in(finding, "verdict");
    page.open("div", "keep").open("h3").text(text_in(one, "gate") + " ").element("span", verdict, verdict);
    page.text(" (attempt " + told(one, "attempt") + ")").close("h3");
    page.facts({{"Observed", text_in(finding, "observed")},
                {"Needed", text_in(finding, "needed")},
                {"Source", text_in(finding, "source")},
                {"At", text_in(finding, "at")},
                {"Next", text_in(finding, "next")}});
    page.close("div");
    const auto details = member(finding, "details", json::array());
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < std::min(details.size(), most_details); ++i) rows.push_back(detail_row(details[i]));
    page.table({"Rule", "Verdict", "Observed", "Needed", "Where"}, rows);
    if (details.size() > most_details)
      page.element("p", std::to_string(details.size() - most_details) + " more are in findings.json.", "dim");
  }
}

void write_decisions(Html& page, const json& promotion) {
  const auto approvals = member(promotion, "approvals", json::object());
  std::vector<std::vector<std::string>> rows;
  page.element("h2", "Approvals");
  for (const auto& rule : member(approvals, "rules", json::array()))
    rows.push_back({text_in(rule, "group"), told(rule, "needed"), told(rule, "given_by"),
                    member(rule, "met", false) == true ? "met" : "not met"});
  if (rows.empty()) page.element("p", "The policy asks for none.", "dim");
  page.table({"Group", "Needed", "Given by", ""}, rows);
  rows.clear();
  for (const auto& one : member(approvals, "given", json::array()))
    rows.push_back({text_in(one, "person"), text_in(one, "at"), text_in(one, "note"), text_in(one, "condition"),
                    text_in(one, "on_behalf_of"), text_in(one, "voided")});
  page.table({"Who", "When", "Note", "Condition", "On behalf of", "Void because"}, rows);
  rows.clear();
  for (const auto& one : waivers_in(promotion))
    rows.push_back({text_in(one, "gate") + (text_in(one, "rule").empty() ? "" : ", " + text_in(one, "rule")),
                    text_in(one, "requester"), text_in(one, "granter"), text_in(one, "ends"), text_in(one, "reason"),
                    text_in(one, "control")});
  page.element("h2", "Waivers");
  if (rows.empty()) page.element("p", "None was used.", "dim");
  page.table({"Gate", "Asked by", "Granted by", "Until", "Reason", "Done instead"}, rows);
  if (const auto glass = member(promotion, "break_glass", json::object()); !glass.empty()) {
    page.element("h2", "Broken glass");
    std::vector<Html::Fact> facts;
    for (const auto& [name, value] : glass.items()) facts.push_back({name, in_words(value)});
    page.facts(facts);
  }
  rows.clear();
  for (const auto& one : member(promotion, "deliveries", json::array()))
    rows.push_back({text_in(one, "name"), told(one, "round"), text_in(one, "state"), text_in(one, "answer"),
                    text_in(one, "ended_at")});
  page.element("h2", "Deliveries");
  if (rows.empty()) page.element("p", "Nothing was delivered.", "dim");
  page.table({"Delivery", "Round", "State", "Answer", "Ended"}, rows);
}

void write_conditions(Html& page, const json& explanation) {
  const auto tree = member(explanation, "tree", json::object());
  if (tree.empty()) return;
  page.element("h2", "Conditions, when this was written").open("ul");
  write_node(page, tree, 0);
  page.close("ul");
}

void write_events(Html& page, const Record& record) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : record.entries) {
    const auto read = core::read_json(row.entry, {8, 1000});
    const auto entry = read ? *read : json::object();
    const auto digest = core::Digest::parse(text_in(entry, "event"));
    rows.push_back({std::to_string(row.index), text_in(entry, "at"), text_in(entry, "what"), text_in(entry, "gate"),
                    text_in(entry, "verdict"), text_in(entry, "who"), text_in(entry, "phase"),
                    digest ? digest->brief() : ""});
  }
  page.element("h2", "What happened, as the audit log has it");
  page.table({"Entry", "When", "What", "Gate", "Verdict", "Who", "Phase after it", "Event"}, rows);
  page.element("p",
               "Each line of events.jsonl is one event, and its SHA-256 is in the entry; audit/proofs.json proves "
               "that the entry is in the log.",
               "dim");
}

}  // namespace penstock::audit
