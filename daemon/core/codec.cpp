#include "daemon/core/codec.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/approval.hpp"
#include "daemon/core/stored.hpp"

namespace penstock::core {
namespace {

using nlohmann::json;

template <class T>
void put(json& document, const char* key, const T& value) {
  if (!value.empty()) document[key] = value;
}

json from_of(const std::variant<Checking, Delivering>& from) {
  if (const auto* checking = std::get_if<Checking>(&from)) return {{"phase", "checking"}, {"stage", checking->stage}};
  return {{"phase", "delivering"}, {"step", std::get<Delivering>(from).step}};
}

struct EncodePhase {
  json operator()(const Queued& p) const { return {{"until", number_of(p.until)}}; }
  json operator()(const Checking& p) const { return {{"stage", p.stage}}; }
  json operator()(const AwaitingApproval& p) const {
    return {{"since", number_of(p.since)}, {"told", number_of(p.told)}};
  }
  json operator()(const AwaitingWindow& p) const {
    json document{{"since", number_of(p.since)}, {"until", number_of(p.until)}, {"reason", p.reason}};
    if (p.opens) document["opens"] = number_of(*p.opens);
    put(document, "semaphore", p.semaphore);
    if (p.acknowledgement) document["acknowledgement"] = true;
    return document;
  }
  json operator()(const Delivering& p) const { return {{"step", p.step}}; }
  json operator()(const Watching& p) const {
    return {{"since", number_of(p.since)},
            {"until", number_of(p.until)},
            {"round", p.round},
            {"failed", p.failed},
            {"blind", p.blind}};
  }
  json operator()(const Live& p) const { return {{"since", number_of(p.since)}}; }
  json operator()(const Held& p) const {
    return {{"reason", p.reason}, {"next", p.next}, {"from", from_of(p.from)}, {"until", number_of(p.until)}};
  }
  json operator()(const Rejected& p) const { return {{"by", p.by}, {"reason", p.reason}}; }
  json operator()(const Expired& p) const { return {{"what", p.what}}; }
  json operator()(const Superseded& p) const { return {{"by", p.by}}; }
  json operator()(const Withdrawn& p) const { return {{"by", p.by}, {"reason", p.reason}}; }
  json operator()(const Vetoed& p) const { return {{"by", p.by}, {"reason", p.reason}}; }
  json operator()(const RolledBack& p) const { return {{"by", p.by}}; }
  json operator()(const Replaced& p) const { return {{"by", p.by}}; }
};

Phase decode_phase(const std::string& name, const json& d) {
  if (name == "queued") return Queued{time_at(d, "until")};
  if (name == "checking") return Checking{d.at("stage")};
  if (name == "awaiting_approval") return AwaitingApproval{time_at(d, "since"), time_at(d, "told")};
  if (name == "awaiting_window") {
    AwaitingWindow waiting{time_at(d, "since"), time_at(d, "until"),      d.value("reason", ""),
                           std::nullopt,        d.value("semaphore", ""), d.value("acknowledgement", false)};
    if (d.contains("opens")) waiting.opens = time_at(d, "opens");
    return waiting;
  }
  if (name == "delivering") return Delivering{d.at("step")};
  if (name == "watching")
    return Watching{time_at(d, "since"), time_at(d, "until"), d.at("round"), d.value("failed", std::vector<bool>{}),
                    d.value("blind", false)};
  if (name == "live") return Live{time_at(d, "since")};
  if (name == "held") {
    Held held;
    held.reason = d.at("reason");
    held.next = d.value("next", "");
    held.until = time_at(d, "until");
    const auto& from = d.at("from");
    if (from.at("phase") == "checking") {
      held.from = Checking{from.at("stage")};
    } else {
      held.from = Delivering{from.at("step")};
    }
    return held;
  }
  if (name == "rejected") return Rejected{d.value("by", ""), d.value("reason", "")};
  if (name == "expired") return Expired{d.value("what", "")};
  if (name == "superseded") return Superseded{d.value("by", "")};
  if (name == "withdrawn") return Withdrawn{d.value("by", ""), d.value("reason", "")};
  if (name == "vetoed") return Vetoed{d.value("by", ""), d.value("reason", "")};
  if (name == "rolled_back") return RolledBack{d.value("by", "")};
  if (name == "replaced") return Replaced{d.value("by", "")};
  throw ProblemError({"journal-damaged", "a stored promotion is in the unknown phase `" + name + "`", "",
                      "was the journal written by a newer Penstock?", false});
}

json encode_check(const Check& check) {
  json document{{"stage", check.stage},
                {"gate", check.gate},
                {"attempt", check.attempt},
                {"asked_at", number_of(check.asked_at)},
                {"deadline", number_of(check.deadline)}};
  if (check.tries_left > 0) document["tries_left"] = check.tries_left;
  if (check.finding) document["finding"] = to_json(*check.finding);
  for (const auto& waiver : check.waivers) document["waivers"].push_back(to_json(waiver));
  return document;
}

json encode_step(const DeliveryStep& step) {
  json document{{"name", step.name}, {"state", name_of(step.state)}, {"deadline", number_of(step.deadline)}};
  if (step.round != 1) document["round"] = step.round;
  put(document, "answer", step.answer);
  if (step.ended_at) document["ended_at"] = number_of(*step.ended_at);
  if (!step.look) return document;
  document["look"] = {{"number", step.look->number},
                      {"effect", name_of(step.look->effect)},
                      {"observed", step.look->observed},
                      {"at", number_of(step.look->at)},
                      {"blind", step.look->blind}};
  return document;
}

Look decode_look(const json& d) {
  return {d.at("number"), value_of<Effect>(d.at("effect").get<std::string>()).value(), d.value("observed", ""),
          time_at(d, "at"), d.value("blind", 0)};
}

Promotion decode(const json& d, const PolicyOf& policy_of) {
  Promotion promotion;
  promotion.id = d.at("id");
  promotion.lane = {d.at("model"), d.at("environment")};
  promotion.candidate = Digest::parse(d.at("candidate").get<std::string>()).value();
  promotion.version = d.at("version");
  promotion.authors = d.value("authors", std::vector<std::string>{});
  promotion.submitter = d.value("submitter", "");
  promotion.trigger = d.value("trigger", "");
  promotion.takes_back = d.value("takes_back", "");
  promotion.policy = policy_of(Digest::parse(d.at("policy").get<std::string>()).value());
  if (!promotion.policy)
    throw ProblemError({"journal-damaged", "the policy of a stored promotion is missing", d.at("policy"),
                        "restore the journal from a backup", false});
  promotion.opened_at = time_at(d, "opened_at");
  promotion.changed_at = time_at(d, "changed_at");
  promotion.phase = decode_phase(d.at("phase"), d.at("in_phase"));
  for (const auto& item : d.value("checks", json::array())) {
    Check check{item.at("stage"),
                item.at("gate"),
                item.at("attempt"),
                time_at(item, "asked_at"),
                time_at(item, "deadline"),
                item.value("tries_left", 0),
                std::nullopt,
                {}};
    if (item.contains("finding")) check.finding = finding_from_json(item["finding"]).value();
    for (const auto& waiver : item.value("waivers", json::array())) check.waivers.push_back(waiver_from_json(waiver));
    promotion.checks.push_back(std::move(check));
  }
  for (const auto& item : d.value("approvals", json::array()))
    promotion.approvals.push_back({item.at("person"), item.value("groups", std::vector<std::string>{}),
                                   time_at(item, "at"), item.value("note", ""), item.value("condition", ""),
                                   item.value("voided", ""), item.value("aliases", std::vector<std::string>{}),
                                   item.value("on_behalf_of", "")});
  promotion.escalated = d.value("escalated", std::vector<std::string>{});
  for (const auto& item : d.value("deliveries", json::array())) {
    DeliveryStep step{item.at("name"),
                      item.value("round", 1),
                      value_of<DeliveryState>(item.at("state").get<std::string>()).value(),
                      item.value("answer", ""),
                      time_at(item, "deadline"),
                      std::nullopt};
    if (item.contains("ended_at")) step.ended_at = time_at(item, "ended_at");
    if (item.contains("look")) step.look = decode_look(item["look"]);
    promotion.deliveries.push_back(std::move(step));
  }
  if (d.contains("glass")) promotion.glass = break_glass_from_json(d["glass"]);
  if (d.contains("acknowledgement")) promotion.acknowledgement = acknowledgement_from_json(d["acknowledgement"]);
  return promotion;
}

}  // namespace

std::string encode(const Promotion& promotion) {
  json document{{"id", promotion.id},
                {"model", promotion.lane.model},
                {"environment", promotion.lane.environment},
                {"candidate", promotion.candidate.text()},
                {"version", promotion.version},
                {"policy", promotion.policy->digest.text()},
                {"opened_at", number_of(promotion.opened_at)},
                {"changed_at", number_of(promotion.changed_at)},
                {"phase", phase_name(promotion.phase)},
                {"in_phase", std::visit(EncodePhase{}, promotion.phase)}};
  put(document, "authors", promotion.authors);
  put(document, "submitter", promotion.submitter);
  put(document, "trigger", promotion.trigger);
  put(document, "takes_back", promotion.takes_back);
  auto checks = json::array();
  for (const auto& check : promotion.checks) checks.push_back(encode_check(check));
  put(document, "checks", checks);
  auto approvals = json::array();
  for (const auto& approval : promotion.approvals) {
    json item{{"person", approval.person}, {"groups", approval.groups}, {"at", number_of(approval.at)}};
    put(item, "note", approval.note);
    put(item, "condition", approval.condition);
    put(item, "voided", approval.voided);
    put(item, "aliases", approval.aliases);
    put(item, "on_behalf_of", approval.on_behalf_of);
    approvals.push_back(std::move(item));
  }
  put(document, "approvals", approvals);
  put(document, "escalated", promotion.escalated);
  auto deliveries = json::array();
  for (const auto& step : promotion.deliveries) deliveries.push_back(encode_step(step));
  put(document, "deliveries", deliveries);
  if (promotion.glass) document["glass"] = to_json(*promotion.glass);
  if (promotion.acknowledgement) document["acknowledgement"] = to_json(*promotion.acknowledgement);
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Promotion> decode_promotion(const std::string& document, const PolicyOf& policy_of) {
  return guarded(document, "promotion", [&](const json& d) { return decode(d, policy_of); });
}

}  // namespace penstock::core
