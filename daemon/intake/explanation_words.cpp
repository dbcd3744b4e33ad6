#include "daemon/intake/explanation_words.hpp"

#include "daemon/intake/delivery_window.hpp"

namespace penstock::intake {
namespace {

using nlohmann::json;

// " by ann until 2026-… (the reference data is late)", for each.
std::string waivers_text(const Node& gate) {
  std::string text;
  for (const auto& waiver : gate.more.value("waivers", json::array()))
    text += (text.empty() ? " by " : " and by ") + waiver["granter"].get<std::string>() + " until " +
            clock_text(core::parse_time(waiver["ends"].get<std::string>()).value()) + " (" +
            waiver["reason"].get<std::string>() + ")";
  return text;
}

std::string gate_text(const Node& gate) {
  auto text = gate.name + " " + gate.state + waivers_text(gate);
  if (!gate.more.value("blocking", true)) text += " (advisory)";
  if (!gate.more.contains("source") && gate.met != true) return text;
  if (gate.state == "passed") return gate.observed.empty() ? text : text + " (" + gate.observed + ")";
  text += ": observed " + gate.observed;
  return gate.needed.empty() ? text : text + ", needed " + gate.needed;
}

std::string approval_text(const Node& rule) {
  auto text = rule.name + " " + rule.observed + (rule.counts ? "" : " (optional)");
  for (const auto& given : rule.children)
    if (const auto at = given.observed.find(" on a condition: "); at != std::string::npos)
      text += ", " + given.observed;
  if (!rule.more.contains("escalation")) return text;
  const auto& escalation = rule.more["escalation"];
  return text + " (" + escalation["group"].get<std::string>() + " may answer as well " +
         (escalation["escalated"].get<bool>() ? "since " : "from ") +
         clock_text(core::parse_time(escalation["at"].get<std::string>()).value()) + ")";
}

}  // namespace

std::string joined(const std::vector<std::string>& parts, const std::string& between) {
  std::string text;
  for (const auto& part : parts) text += (text.empty() ? "" : between) + part;
  return text;
}

std::string clock_text(core::Time time) {
  const auto whole = core::to_text(time);  // 2026-11-24T00:00:00.000Z
  if (whole.size() < 24) return whole;
  const auto seconds = whole.substr(16, 3) == ":00" ? "" : whole.substr(16, 3);
  return whole.substr(0, 10) + " " + whole.substr(11, 5) + seconds + " UTC";
}

std::string distance_text(core::Time time, core::Time now) {
  using namespace std::chrono;
  const auto away = time > now ? time - now : now - time;
  const auto told = [&](std::int64_t count, const char* unit) {
    const auto text = std::to_string(count) + " " + unit + (count == 1 ? "" : "s");
    return time > now ? "in " + text : text + " ago";
  };
  if (away >= hours(48)) return told(floor<days>(away).count(), "day");
  if (away >= hours(2)) return told(floor<hours>(away).count(), "hour");
  if (away >= minutes(2)) return told(floor<minutes>(away).count(), "minute");
  return told(floor<std::chrono::seconds>(away).count(), "second");
}

std::string who_text(const std::vector<std::string>& who) {
  std::vector<std::string> words;
  for (const auto& one : who) {
    const bool is_penstock = one == "penstock";
    const auto colon = one.starts_with("group:") || one.starts_with("person:") ? one.find(':') + 1 : 0;
    words.push_back(is_penstock ? "Penstock itself" : one == "receiver" ? "the receiver" : one.substr(colon));
  }
  return joined(words, " or ");
}

std::string condition_text(const Node& condition) {
  const auto& kind = condition.kind;
  if (kind == "gate") return gate_text(condition);
  if (kind == "approval") return approval_text(condition);
  if (kind == "voided")
    return "the approval of " + condition.name.substr(7) + " no longer counts" +
           condition.observed.substr(std::string("it no longer counts").size());
  if (kind == "delivery") return condition.name + " " + condition.observed;
  // The window has a sentence of its own, and what is as it always is needs none.
  if (condition.met == true || kind == "windows" || kind == "begin") return {};
  return condition.title + ": " + condition.observed;
}

std::string window_sentence(const Explained& explained) {
  if (!explained.promotion.takes_back.empty()) return "A way back waits for no window and no stop.";
  auto text = window_json(opening_for(explained), explained.promotion.lane)["text"].get<std::string>() + ".";
  text.front() = 'D';
  return text;
}

}  // namespace penstock::intake
