#include "daemon/core/lane_state.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/json_put.hpp"

namespace penstock::core {
namespace {

using nlohmann::json;

Time time_at(const json& document, const char* key) { return parse_time(document.at(key).get<std::string>()).value(); }
CandidateId digest_at(const json& document, const char* key) {
  return Digest::parse(document.value(key, "")).value_or(CandidateId());
}

LaneState read(const json& document) {
  LaneState state;
  for (const auto& item : document.value("vetoes", json::array()))
    state.vetoes.push_back({digest_at(item, "candidate"), item.at("by"), item.at("reason"), time_at(item, "at")});
  if (document.contains("pin")) {
    const auto& pin = document["pin"];
    state.pin = Pin{pin.at("by"), pin.at("reason"), time_at(pin, "since")};
  }
  for (const auto& item : document.value("former", json::array()))
    state.former.push_back(
        {item.at("promotion"), digest_at(item, "candidate"), item.at("version"), time_at(item, "since")});
  for (const auto& item : document.value("waivers", json::array())) state.waivers.push_back(waiver_from_json(item));
  for (const auto& item : document.value("stops", json::array()))
    state.stops.push_back({item.at("id"), item.at("model"), item.at("environment"), item.at("by"), item.at("reason"),
                           time_at(item, "since")});
  for (const auto& item : document.value("began", json::array()))
    state.began.push_back(Time(Duration(item.get<std::int64_t>())));
  if (document.contains("review")) state.review = review_from_json(document["review"]);
  for (const auto& item : document.value("delegations", json::array()))
    state.delegations.push_back(delegation_from_json(item));
  state.notices = document.value("notices", 0);
  for (const auto& item : document.value("places", json::array())) state.places.push_back(place_from_json(item));
  state.asked = document.value("asked", 0);
  return state;
}

}  // namespace

Waiver waiver_from_json(const json& document) {
  return {document.at("id"),
          document.at("gate"),
          document.value("rule", ""),
          digest_at(document, "candidate"),
          document.value("versions", ""),
          document.at("reason"),
          document.at("control"),
          document.at("requester"),
          document.value("granter", ""),
          time_at(document, "asked_at"),
          time_at(document, "ends"),
          document.value("used", 0)};
}

json to_json(const Waiver& waiver) {
  json document{{"id", waiver.id},
                {"gate", waiver.gate},
                {"reason", waiver.reason},
                {"control", waiver.control},
                {"requester", waiver.requester},
                {"asked_at", to_text(waiver.asked_at)},
                {"ends", to_text(waiver.ends)},
                {"used", waiver.used}};
  put_unless_empty(document, "rule", waiver.rule);
  put_unless_empty(document, "candidate", waiver.candidate.text());
  put_unless_empty(document, "versions", waiver.versions);
  put_unless_empty(document, "granter", waiver.granter);
  return document;
}

json to_json(const Stop& stop) {
  return {{"id", stop.id}, {"model", stop.model},   {"environment", stop.environment},
          {"by", stop.by}, {"reason", stop.reason}, {"since", to_text(stop.since)}};
}

json to_json(const LaneState& state) {
  json document{{"notices", state.notices}};
  for (const auto& veto : state.vetoes)
    document["vetoes"].push_back(
        {{"candidate", veto.candidate.text()}, {"by", veto.by}, {"reason", veto.reason}, {"at", to_text(veto.at)}});
  if (state.pin)
    document["pin"] = {{"by", state.pin->by}, {"reason", state.pin->reason}, {"since", to_text(state.pin->since)}};
  for (const auto& one : state.former)
    document["former"].push_back({{"promotion", one.promotion},
                                  {"candidate", one.candidate.text()},
                                  {"version", one.version},
                                  {"since", to_text(one.since)}});
  for (const auto& waiver : state.waivers) document["waivers"].push_back(to_json(waiver));
  for (const auto& stop : state.stops) document["stops"].push_back(to_json(stop));
  for (const auto& began : state.began) document["began"].push_back(began.time_since_epoch().count());
  if (state.review) document["review"] = to_json(*state.review);
  for (const auto& delegation : state.delegations) document["delegations"].push_back(to_json(delegation));
  for (const auto& place : state.places) document["places"].push_back(to_json(place));
  if (state.asked != 0) document["asked"] = state.asked;
  return document;
}

Result<LaneState> lane_state_from_json(const std::string& document) {
  if (document.empty()) return LaneState();
  try {
    return read(json::parse(document));
  } catch (const std::exception& error) {
    return Problem{"journal-damaged", std::string("the stored state of a lane cannot be read: ") + error.what(), "",
                   "restore the journal from a backup", false};
  }
}

}  // namespace penstock::core
