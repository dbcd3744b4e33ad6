#include "daemon/core/codec.hpp"

#include <nlohmann/json.hpp>

#include "daemon/core/approval.hpp"
#include "daemon/core/json_put.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/core/stored.hpp"

namespace penstock::core {
namespace {

using nlohmann::json;

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
    put_unless_empty(document, "semaphore", p.semaphore);
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

// A promotion is written down with every step that it takes: it is put together from its members' texts, without a
// document in between.
template <class Items>
void append_list(std::string& text, const Items& items,
                 void (*append_one)(std::string&, typename Items::const_reference)) {
  char before = '[';
  for (const auto& item : items) {
    text += std::exchange(before, ',');
    append_one(text, item);
  }
  text += before == '[' ? "[]" : "]";
}

void append_waiver(std::string& text, const Waiver& waiver) { text += json_text(to_json(waiver)); }

void append_check(std::string& text, const Check& check) {
  JsonObject object(text);
  object.with("stage", check.stage)
      .with("gate", check.gate)
      .with("attempt", check.attempt)
      .with("asked_at", number_of(check.asked_at))
      .with("deadline", number_of(check.deadline));
  if (check.tries_left > 0) object.with("tries_left", check.tries_left);
  if (check.finding) object.value_of("finding") += check.finding.text();
  if (!check.waivers.empty()) append_list(object.value_of("waivers"), check.waivers, append_waiver);
  object.end();
}

void append_approval(std::string& text, const Approval& approval) {
  json document{{"person", approval.person}, {"groups", approval.groups}, {"at", number_of(approval.at)}};
  put_unless_empty(document, "note", approval.note);
  put_unless_empty(document, "condition", approval.condition);
  put_unless_empty(document, "voided", approval.voided);
  put_unless_empty(document, "aliases", approval.aliases);
  put_unless_empty(document, "on_behalf_of", approval.on_behalf_of);
  text += json_text(document);
}

void append_step(std::string& text, const DeliveryStep& step) {
  JsonObject object(text);
  object.with("name", step.name).with("state", name_of(step.state)).with("deadline", number_of(step.deadline));
  if (step.round != 1) object.with("round", step.round);
  if (!step.answer.empty()) object.with("answer", step.answer);
  if (step.ended_at) object.with("ended_at", number_of(*step.ended_at));
  if (step.look)
    object.with_document("look", json{{"number", step.look->number},
                                      {"effect", name_of(step.look->effect)},
                                      {"observed", step.look->observed},
                                      {"at", number_of(step.look->at)},
                                      {"blind", step.look->blind}});
  object.end();
}

Look decode_look(const json& d) {
  return {d.at("number"), value_of<Effect>(d.at("effect").get<std::string>()).value(), d.value("observed", ""),
          time_at(d, "at"), d.value("blind", 0)};
}

struct WithoutPolicy {
  Promotion promotion;
  Digest policy;
};

WithoutPolicy decode(const json& d) {
  Promotion promotion;
  promotion.id = d.at("id");
  promotion.lane = {d.at("model"), d.at("environment")};
  promotion.candidate = Digest::parse(d.at("candidate").get<std::string>()).value();
  promotion.version = d.at("version");
  promotion.authors = d.value("authors", std::vector<std::string>{});
  promotion.submitter = d.value("submitter", "");
  promotion.trigger = d.value("trigger", "");
  promotion.takes_back = d.value("takes_back", "");
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
                {},
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
  return {std::move(promotion), Digest::parse(d.at("policy").get<std::string>()).value()};
}

}  // namespace

std::string encode(const Promotion& promotion) {
  std::string text;
  JsonObject object(text);
  object.with("id", promotion.id)
      .with("model", promotion.lane.model)
      .with("environment", promotion.lane.environment)
      .with("candidate", promotion.candidate.text())
      .with("version", promotion.version)
      .with("policy", promotion.policy->digest.text())
      .with("opened_at", number_of(promotion.opened_at))
      .with("changed_at", number_of(promotion.changed_at))
      .with("phase", phase_name(promotion.phase))
      .with_document("in_phase", std::visit(EncodePhase{}, promotion.phase));
  if (!promotion.authors.empty()) object.with_document("authors", json(promotion.authors));
  if (!promotion.submitter.empty()) object.with("submitter", promotion.submitter);
  if (!promotion.trigger.empty()) object.with("trigger", promotion.trigger);
  if (!promotion.takes_back.empty()) object.with("takes_back", promotion.takes_back);
  if (!promotion.checks.empty()) append_list(object.value_of("checks"), promotion.checks, append_check);
  if (!promotion.approvals.empty()) append_list(object.value_of("approvals"), promotion.approvals, append_approval);
  if (!promotion.escalated.empty()) object.with_document("escalated", json(promotion.escalated));
  if (!promotion.deliveries.empty()) append_list(object.value_of("deliveries"), promotion.deliveries, append_step);
  if (promotion.glass) object.with_document("glass", to_json(*promotion.glass));
  if (promotion.acknowledgement) object.with_document("acknowledgement", to_json(*promotion.acknowledgement));
  object.end();
  return text;
}

Result<Promotion> decode_promotion(const std::string& document, const PolicyOf& policy_of) {
  auto read = guarded(document, "promotion", decode);
  if (!read) return read.error();
  auto policy = policy_of(read->policy);
  if (!policy) return policy.error();
  if (*policy == nullptr)
    return Problem{"journal-damaged", "the policy of a stored promotion is missing", read->policy.text(),
                   "restore the journal from a backup", false};
  read->promotion.policy = std::move(*policy);
  return std::move(read->promotion);
}

}  // namespace penstock::core
