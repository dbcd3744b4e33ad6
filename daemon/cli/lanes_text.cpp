#include "daemon/cli/lanes_text.hpp"

#include "daemon/cli/print.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string brief_text(const json& promotion) {
  return text_of(promotion, "id") + " (version " + text_of(promotion, "version") + ", " + text_of(promotion, "phase") +
         ")";
}

json member(const json& document, const char* key) {
  const auto found = document.find(key);
  return found == document.end() ? json() : *found;
}

// ", not by the submitter (ci) or the author (mia)": whom a rule keeps away, with the names that are known.
std::string excluded_text(const json& plan, const json& rule) {
  std::string text;
  for (const auto& who : list_of(rule, "not")) {
    if (!who.is_string()) continue;
    const auto role = who.get<std::string>();
    text += (text.empty() ? ", not by the " : " or the ") + role;
    std::string names;
    for (const auto& name : list_of(plan.value("excluded", json::object()), role.c_str()))
      if (name.is_string()) names += (names.empty() ? "" : ", ") + name.get<std::string>();
    if (!names.empty()) text += " (" + names + ")";
  }
  return text;
}

}  // namespace

std::string name_of_lane(const json& document) {
  return text_of(document, "model") + " in " + text_of(document, "environment");
}

std::string pin_text(const json& lane) {
  const auto pin = member(lane, "pin");
  if (!pin.is_object()) return "nobody holds it\n";
  return "held by " + text_of(pin, "by") + " since " + text_of(pin, "since") + ": " + text_of(pin, "reason") + "\n";
}

std::string review_text(const json& lane) {
  const auto review = member(lane, "review");
  if (!review.is_object()) return "no review is owed\n";
  return "takes up nothing until " + text_of(review, "group") + " reviews the broken glass of " +
         text_of(review, "promotion") + ", owed by " + text_of(review, "due") + "\n";
}

std::string waiver_text(const json& waiver) {
  auto text = text_of(waiver, "id") + "  gate " + text_of(waiver, "gate");
  if (const auto rule = text_of(waiver, "rule"); !rule.empty()) text += ", rule " + rule;
  const auto versions = text_of(waiver, "versions");
  text += versions.empty() ? ", candidate " + text_of(waiver, "candidate") : ", versions " + versions;
  const auto granter = text_of(waiver, "granter");
  text += "  asked by " + text_of(waiver, "requester") + ", " +
          (granter.empty() ? "not granted yet" : "granted by " + granter) + ", until " + text_of(waiver, "ends");
  return text + ": " + text_of(waiver, "reason") + "; instead: " + text_of(waiver, "control") + "\n";
}

std::string span_text(const json& span) {
  const auto until = text_of(span, "until");
  return text_of(span, "since") + " - " + (until.empty() ? "now" : until) + "  " + text_of(span, "version") + "  " +
         text_of(span, "promotion") + "  " + text_of(span, "candidate") + "\n";
}

std::string lane_text(const json& lane) {
  std::string text;
  for (const auto* key : {"live", "under_way"}) {
    const auto promotion = member(lane, key);
    text += std::string(key) + ": " + (promotion.is_object() ? line_of(promotion) : "nothing") + "\n";
  }
  for (const auto& one : list_of(lane, "waiting")) text += "waiting: " + line_of(one) + "\n";
  text += window_text(lane);
  if (member(lane, "pin").is_object()) text += pin_text(lane);
  if (member(lane, "review").is_object()) text += review_text(lane);
  for (const auto& waiver : list_of(lane, "waivers")) text += "waiver: " + waiver_text(waiver);
  for (const auto& veto : list_of(lane, "vetoes"))
    text += "vetoed: " + text_of(veto, "candidate") + " by " + text_of(veto, "by") + " at " + text_of(veto, "at") +
            ": " + text_of(veto, "reason") + "\n";
  for (const auto& former : list_of(lane, "former"))
    text += "former: " + text_of(former, "version") + "  " + text_of(former, "promotion") + "  " +
            text_of(former, "candidate") + "\n";
  return text;
}

std::string demands_text(const json& plan) {
  std::string text;
  for (const auto& stage : list_of(plan, "stages"))
    for (const auto& gate : list_of(stage, "gates")) {
      text += "  gate " + text_of(gate, "name") + " (stage " + text_of(stage, "name") + ")" +
              (gate.value("blocking", true) ? "" : ", advisory");
      for (const auto& waiver : list_of(gate, "waived_by"))
        if (waiver.is_string()) text += ", waived by " + waiver.get<std::string>();
      text += "\n";
    }
  for (const auto& rule : list_of(plan, "approvals"))
    text += "  approval " + text_of(rule, "group") + ": " + std::to_string(rule.value("needed", 0)) +
            (rule.value("required", true) ? "" : ", optional") + excluded_text(plan, rule) + "\n";
  for (const auto& delivery : list_of(plan, "deliveries"))
    text += "  delivery " + text_of(delivery, "name") + " (" + text_of(delivery, "uses") + ")\n";
  return text;
}

std::string plan_text(const json& plan) {
  if (plan.contains("ignored")) return "nothing would happen\n";
  const auto live = member(plan, "takes_back");
  const auto target = member(plan, "target");
  auto text = name_of_lane(plan) + " would go back from version " + text_of(live, "version") + " to " +
              text_of(target, "version") + "; nothing is done yet\n";
  text += "  takes back " + text_of(live, "id") + ", decided on by " + text_of(live, "decide_on") + "\n";
  text += "  to candidate " + text_of(target, "candidate") + "\n";
  text += demands_text(plan);
  if (const auto window = window_text(plan); !window.empty()) text += "  " + window;
  for (const auto& one : list_of(plan, "supersedes")) text += "  supersedes " + brief_text(one) + "\n";
  return text + "  afterwards " + pin_text(plan);
}

}  // namespace penstock::cli
