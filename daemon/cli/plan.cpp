#include "daemon/cli/plan.hpp"

#include <iostream>

#include "daemon/cli/lanes_text.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

json member(const json& document, const char* key) {
  const auto found = document.find(key);
  return found == document.end() ? json() : *found;
}

std::string who_text(const json& plan) {
  if (!plan.value("known", false))
    return "  version " + text_of(plan, "version") + " was never seen: nobody knows yet who makes and who submits it\n";
  auto text = "  candidate " + text_of(plan, "candidate") + "\n";
  if (const auto others = plan.value("others_of_this_version", 0); others > 0)
    text += "  the newest of " + std::to_string(others + 1) + " candidates of this version\n";
  return text;
}

std::string after_text(const json& plan) {
  const auto after = member(plan, "after");
  if (!after.is_object()) return "";
  const auto text =
      "  comes once it has been live in " + text_of(after, "environment") + " for " + text_of(after, "soak");
  const auto since = text_of(after, "live_there_since");
  if (since.empty()) return text + ": it is not live there\n";
  return text + ": it is live there since " + since + ", so at " + text_of(after, "comes_at") + "\n";
}

std::string queue_text(const json& plan) {
  std::string text;
  const auto queue = member(plan, "queue");
  for (const auto& one : list_of(queue, "behind"))
    text += "  waits for its turn after " + text_of(one, "id") + " (version " + text_of(one, "version") + ", " +
            text_of(one, "phase") + ")\n";
  for (const auto& one : list_of(queue, "supersedes"))
    text += "  supersedes " + text_of(one, "id") + " (version " + text_of(one, "version") + ", " +
            text_of(one, "phase") + ")\n";
  if (member(plan, "pin").is_object()) text += "  waits for the release of the lane: " + pin_text(plan);
  return text;
}

std::string text_of_plan(const json& plan) {
  auto text = text_of(plan, "model") + " " + text_of(plan, "version") + " into " + text_of(plan, "environment") +
              ", under the policy " + text_of(member(plan, "policy"), "name") + "; nothing is done\n";
  text += who_text(plan);
  if (const auto ignored = text_of(plan, "ignored"); !ignored.empty())
    text += "  nothing would be opened: " + ignored + "\n";
  text += after_text(plan) + queue_text(plan) + demands_text(plan);
  if (const auto audit = member(plan, "audit"); audit.is_object()) {
    std::string names;
    for (const auto& name : list_of(audit, "acknowledged_by"))
      names += (names.empty() ? "" : ", ") + name.get<std::string>();
    text += "  the audit log's entries acknowledged by " + names + " within " + text_of(audit, "within") + "\n";
  }
  if (const auto watch = member(plan, "watch"); watch.is_object()) {
    text += "  watched for " + text_of(watch, "for") + ", then on failure: " + text_of(watch, "on_failure") + "\n";
  }
  if (const auto window = text_of(member(plan, "window"), "text"); !window.empty()) text += "  " + window + "\n";
  return text;
}

}  // namespace

Exit plan(Client& client, const LaneName& lane, const std::string& version, Output output) {
  const auto answer = client.get("/v1/lanes/" + escaped(lane.model) + "/" + escaped(lane.environment) +
                                 "/plan?version=" + escaped(version));
  if (!answer) return fail(answer.error());
  if (answer->status >= 400) return fail(*answer);
  std::cout << (output.json ? answer->document.dump(2) + "\n" : text_of_plan(answer->document));
  return Exit::done;
}

}  // namespace penstock::cli
