#include "daemon/cli/lanes.hpp"

#include "daemon/cli/lanes_text.hpp"

namespace penstock::cli {
namespace {

using nlohmann::json;

std::string path_of(const LaneName& lane) {
  return "/v1/lanes/" + escaped(lane.model) + "/" + escaped(lane.environment);
}

std::string all_lanes_text(const json& document) {
  std::string text;
  for (const auto& lane : list_of(document, "lanes")) text += name_of_lane(lane) + "\n";
  return text;
}

void put(json& body, const char* key, const std::string& text) {
  if (!text.empty()) body[key] = text;
}

}  // namespace

Exit lanes(Client& client, const LaneName& lane, Output output) {
  if (lane.model.empty()) return show(client.get("/v1/lanes"), output, all_lanes_text);
  return show(client.get(path_of(lane)), output, lane_text);
}

Exit history(Client& client, const LaneName& lane, const HistoryOptions& options, Output output) {
  if (!options.at.empty())
    return show(client.get(path_of(lane) + "?at=" + escaped(options.at)), output, [](const json& document) {
      const auto live = document.value("live", json());
      return live.is_object() ? span_text(live) : "nothing was live at " + text_of(document, "at") + "\n";
    });
  auto path = path_of(lane) + "/history?limit=" + std::to_string(options.limit);
  if (!options.cursor.empty()) path += "&cursor=" + escaped(options.cursor);
  return show(client.get(path), output, [&](const json& document) {
    std::string text;
    for (const auto& span : list_of(document, "history")) text += span_text(span);
    if (text.empty()) return std::string(options.cursor.empty() ? "nothing was ever live\n" : "nothing before\n");
    if (const auto next = text_of(document, "next"); !next.empty()) text += "more: --cursor " + next + "\n";
    return text;
  });
}

Exit hold(Client& client, const LaneName& lane, const std::string& reason, Output output) {
  const auto path = path_of(lane) + (reason.empty() ? "/release" : "/pin");
  const auto body = reason.empty() ? json::object() : json{{"reason", reason}};
  return show(client.post(path, body), output,
              [](const json& document) { return name_of_lane(document) + "  " + pin_text(document); });
}

Exit file_review(Client& client, const LaneName& lane, const std::string& text, Output output) {
  return show(client.post(path_of(lane) + "/review", {{"text", text}}), output,
              [](const json& document) { return name_of_lane(document) + "  " + review_text(document); });
}

Exit rollback(Client& client, const LaneName& lane, const RollbackOptions& options, Output output) {
  json body{{"reason", options.reason}};
  put(body, "candidate", options.to);
  if (options.plan) body["plan"] = true;
  sdk::Headers headers;
  if (!options.digest.empty()) headers.emplace_back("If-Match", "\"" + options.digest + "\"");
  const auto text = [&](const json& document) { return options.plan ? plan_text(document) : line_of(document) + "\n"; };
  return show(client.post(path_of(lane) + "/rollback", body, headers), output, text);
}

Exit ask_waiver(Client& client, const LaneName& lane, const WaiverOptions& options, Output output) {
  json body{{"gate", options.gate}, {"reason", options.reason}, {"control", options.control}};
  put(body, "rule", options.rule);
  put(body, "candidate", options.candidate);
  put(body, "versions", options.versions);
  put(body, "ends", options.ends);
  put(body, "for", options.length);
  return show(client.post(path_of(lane) + "/waivers", body), output, waiver_text);
}

Exit grant_waiver(Client& client, const LaneName& lane, const std::string& waiver, Output output) {
  return show(client.post(path_of(lane) + "/waivers/" + escaped(waiver) + "/grant", json::object()), output,
              waiver_text);
}

Exit revoke_waiver(Client& client, const LaneName& lane, const std::string& waiver, const std::string& reason,
                   Output output) {
  const json body{{"reason", reason}};
  return show(client.post(path_of(lane) + "/waivers/" + escaped(waiver) + "/revoke", body), output,
              [](const json& document) { return "revoked " + waiver_text(document); });
}

Exit list_waivers(Client& client, const LaneName& lane, Output output) {
  return show(client.get(path_of(lane)), output, [](const json& document) {
    std::string text;
    for (const auto& waiver : list_of(document, "waivers")) text += waiver_text(waiver);
    return text;
  });
}

}  // namespace penstock::cli
