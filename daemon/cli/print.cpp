#include "daemon/cli/print.hpp"

#include <iostream>

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string wait_text(const json& promotion) {
  if (!promotion.contains("wait") || !promotion["wait"].is_object()) return {};
  const auto& wait = promotion["wait"];
  std::string who;
  for (const auto& one : list_of(wait, "who")) who += (who.empty() ? "" : ", ") + one.get<std::string>();
  return "waits for " + text_of(wait, "what") + " [" + who + "] until " + text_of(wait, "until");
}

std::string place_text(const json& detail) {
  const auto where = text_of(detail, "where");
  return where.empty() ? "" : " (" + where + ")";
}

// The members of a finding, each line indented.
std::string finding_lines(const json& finding, const std::string& indent) {
  std::string text;
  for (const auto* key : {"observed", "needed", "source", "next"})
    if (const auto value = text_of(finding, key); !value.empty()) text += indent + key + ": " + value + "\n";
  for (const auto& detail : list_of(finding, "details"))
    if (text_of(detail, "verdict") != "passed")
      text += indent + "- " + text_of(detail, "rule") + place_text(detail) + ": " + text_of(detail, "observed") +
              "; needed " + text_of(detail, "needed") + "\n";
  return text;
}

std::string check_text(const json& check) {
  std::string text = "  " + text_of(check, "stage") + " / " + text_of(check, "gate");
  if (check.value("attempt", 1) > 1) text += " (attempt " + std::to_string(check.value("attempt", 1)) + ")";
  if (!check.contains("finding")) return text + ": under way\n";
  const auto& finding = check["finding"];
  text += ": " + text_of(finding, "verdict") + (check.value("blocking", true) ? "" : " (advisory)") + "\n";
  return text + finding_lines(finding, "      ");
}

std::string approvals_text(const json& approvals) {
  std::string text;
  for (const auto& rule : list_of(approvals, "rules")) {
    std::string by;
    for (const auto& person : list_of(rule, "given_by")) by += (by.empty() ? " by " : ", ") + person.get<std::string>();
    text += "  approval " + text_of(rule, "group") + ": " + std::to_string(list_of(rule, "given_by").size()) + " of " +
            std::to_string(rule.value("needed", 0)) + by + "\n";
  }
  for (const auto& given : list_of(approvals, "given")) {
    if (const auto why = text_of(given, "voided"); !why.empty())
      text += "  the approval of " + text_of(given, "person") + " no longer counts: " + why + "\n";
    else if (const auto condition = text_of(given, "condition"); !condition.empty())
      text += "  " + text_of(given, "person") + " approves on a condition: " + condition + "\n";
  }
  return text;
}

// What the daemon says that this caller may do.
std::string can_text(const json& document) {
  if (!document.contains("can") || !document["can"].is_object()) return {};
  std::string may;
  std::string may_not;
  for (const auto& [verb, answer] : document["can"].items()) {
    if (answer.is_object() && answer.value("may", false))
      may += (may.empty() ? "" : ", ") + verb;
    else
      may_not += "  you cannot " + verb + ": " + text_of(answer, "why") + "\n";
  }
  return (may.empty() ? "" : "  you can " + may + "\n") + may_not;
}

}  // namespace

json list_of(const json& document, const char* key) {
  const auto found = document.is_object() ? document.find(key) : document.end();
  return document.is_object() && found != document.end() && found->is_array() ? *found : json::array();
}

std::string text_of(const json& document, const char* key) {
  if (!document.is_object()) return {};
  const auto found = document.find(key);
  return found != document.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string line_of(const json& promotion) {
  auto text = text_of(promotion, "id") + "  " + text_of(promotion, "model") + " " + text_of(promotion, "version") +
              " in " + text_of(promotion, "environment") + "  " + text_of(promotion, "phase");
  if (const auto reason = text_of(promotion, "reason"); !reason.empty()) text += ": " + reason;
  if (const auto wait = wait_text(promotion); !wait.empty()) text += ": " + wait;
  return text;
}

std::string finding_text(const core::Finding& finding) {
  const auto document = core::to_json(finding);
  return text_of(document, "verdict") + "\n" + finding_lines(document, "  ");
}

std::string window_text(const json& document) {
  const auto window = document.is_object() ? document.find("window") : document.end();
  if (!document.is_object() || window == document.end()) return {};
  const auto text = text_of(*window, "text");
  return text.empty() ? "" : text + "\n";
}

std::string page_of(const json& promotion) {
  auto text = line_of(promotion) + "\n";
  if (const auto window = window_text(promotion); !window.empty()) text += "  " + window;
  text += "  candidate " + text_of(promotion, "candidate") + "\n";
  if (const auto back = text_of(promotion, "takes_back"); !back.empty())
    text += "  takes back " + back + " (" + text_of(promotion, "trigger") + ")\n";
  if (promotion.contains("policy"))
    text += "  policy " + text_of(promotion["policy"], "name") + " " + text_of(promotion["policy"], "digest") + "\n";
  text += "  decide on " + text_of(promotion, "decide_on") + "\n";
  if (const auto next = text_of(promotion, "next"); !next.empty()) text += "  next: " + next + "\n";
  for (const auto& check : list_of(promotion, "checks")) text += check_text(check);
  if (promotion.contains("approvals")) text += approvals_text(promotion["approvals"]);
  for (const auto& step : list_of(promotion, "deliveries")) {
    text += "  delivery " + text_of(step, "name") + ": " + text_of(step, "state");
    if (const auto answer = text_of(step, "answer"); !answer.empty()) text += " (" + answer + ")";
    if (step.contains("look") && text_of(step["look"], "effect") == "drifted")
      text += "; drifted: " + text_of(step["look"], "observed");
    text += "\n";
  }
  return text + can_text(promotion);
}

Exit show(const core::Result<Answer>& answer, Output output, const std::function<std::string(const json&)>& text) {
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(*answer);
  if (output.json)
    std::cout << answer->document.dump(2) << "\n";
  else
    std::cout << text(answer->document);
  if (const auto ignored = text_of(answer->document, "ignored"); !ignored.empty() && !output.json)
    std::cerr << "penstock: nothing changed: " << ignored << "\n";
  return Exit::done;
}

Exit fail(const core::Problem& problem) {
  std::cerr << "penstock: " << core::to_text(problem) << "\n";
  if (problem.code == "usage" || problem.code == "invalid-document" || problem.code == "bad-url") return Exit::usage;
  if (problem.code == "unreachable" || problem.code == "timeout") return Exit::unreachable;
  return Exit::unexpected;
}

Exit fail(const Answer& answer) {
  std::cerr << "penstock: the daemon answered " << refusal_text(answer) << "\n";
  if (answer.status == 401) std::cerr << "  the token is taken from PENSTOCK_TOKEN or PENSTOCK_TOKEN_FILE\n";
  return exit_for(answer.status);
}

Exit exit_of_phase(const std::string& phase) {
  if (phase == "live" || phase == "watching" || phase == "replaced" || phase == "rolled_back") return Exit::done;
  if (phase == "rejected" || phase == "expired" || phase == "superseded" || phase == "withdrawn" || phase == "vetoed")
    return Exit::denied;
  return Exit::pending;
}

}  // namespace penstock::cli
