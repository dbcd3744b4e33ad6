#include "daemon/engine/decision_write.hpp"

#include <algorithm>

#include "daemon/core/codec.hpp"
#include "daemon/core/json_writing.hpp"
#include "daemon/engine/decision_entries.hpp"

namespace penstock::engine {
namespace {

// A check's performer answers by its deadline, so a lease that outlives it by this much was lost.
constexpr core::Duration lease_grace = std::chrono::minutes(1);
// One try of a delivery takes at most two minutes (delivery/performer).
constexpr core::Duration delivery_lease = std::chrono::minutes(5);
constexpr core::Duration notice_lease = std::chrono::minutes(5);

std::optional<journal::LiveChange> live_change(const core::Promotion* before, const core::Promotion& after) {
  const auto was = before == nullptr ? std::nullopt : core::live_since(*before);
  const auto is = core::live_since(after);
  if (was.has_value() == is.has_value()) return std::nullopt;
  journal::LiveChange change{after.id, after.candidate, after.version, is, std::nullopt};
  if (was) change.ended = after.changed_at;
  return change;
}

journal::PromotionRow row_of(const core::Promotion& promotion) {
  return {promotion.id,
          promotion.lane,
          promotion.candidate,
          promotion.version,
          std::string(core::phase_name(promotion.phase)),
          core::is_end(promotion.phase),
          promotion.opened_at,
          promotion.changed_at,
          core::encode(promotion)};
}

journal::EventRow event_row(const core::LaneKey& lane, const core::PromotionId& promotion, std::string name,
                            const nlohmann::json& document, core::Time now) {
  return {0, now, lane, promotion, std::move(name), core::json_text(document)};
}

// Puts one command into the write.
struct Place {
  DecisionWrite& result;
  const core::LaneKey& lane;
  core::Time now;

  journal::OutboxRow row(const core::Command& command, const core::PromotionId& promotion, core::Time due) const {
    return {
        core::key_of(command), std::string(core::command_name(command)), lane, promotion, due, core::encode(command), 0,
        std::nullopt};
  }
  void put(journal::OutboxRow row, core::Time leased_until) const {
    if (row.due <= now) {
      row.leased_until = leased_until;
      row.tries = 1;
      result.due_now.push_back(row);
    } else {
      result.next_due = std::min(result.next_due.value_or(row.due), row.due);
    }
    result.write.outbox.push_back(std::move(row));
  }

  void operator()(const core::RunCheck& command) const {
    put(row(command, command.promotion, command.due), command.deadline + lease_grace);
  }
  void operator()(const core::Deliver& command) const {
    put(row(command, command.promotion, now), now + delivery_lease);
  }
  void operator()(const core::SetTimer& command) const {
    put(row(command, command.promotion, command.due), now + lease_grace);
  }
  // A notice outlives what it is about, so it belongs to no promotion.
  void operator()(const core::Notify& command) const { put(row(command, "", now), now + notice_lease); }
  void operator()(const core::Follow& command) const { put(row(command, command.promotion, now), now + notice_lease); }
  void operator()(const core::AskAcknowledgement& command) const {
    put(row(command, command.promotion, now), now + notice_lease);
  }
  void operator()(const core::LookAt& command) const {
    put(row(command, command.promotion, command.due), command.due + notice_lease);
  }
  // Places outlive the promotion they are about: what has ended still gives its place back.
  void operator()(const core::AskPlace& command) const { put(row(command, "", now), now + notice_lease); }
  void operator()(const core::GrantPlace& command) const { put(row(command, "", now), now + notice_lease); }
  void operator()(const core::ReturnPlace& command) const { put(row(command, "", now), now + notice_lease); }
  void operator()(const core::ClearTimer& command) const { result.write.drop_keys.push_back(core::key_of(command)); }
  void operator()(const core::CallOff& command) const { result.write.drop_promotions.push_back(command.promotion); }
};

}  // namespace

DecisionWrite write_of(const core::Lane& before, const core::Decision& decision, const core::Event& event,
                       const audit::Stamp& stamp) {
  const auto now = stamp.at;
  DecisionWrite result;
  auto& write = result.write;
  write.lane = before.key;
  write.expected_version = before.version;

  auto document = core::to_json(event);
  const auto* subject = core::find(decision.lane, core::promotion_of(event));
  if (subject != nullptr) document["phase"] = core::phase_name(subject->phase);
  write.events.push_back(
      event_row(before.key, core::promotion_of(event), std::string(core::event_name(event)), document, now));

  for (const auto& promotion : decision.lane.promotions) {
    const auto* earlier = core::find(before, promotion.id);
    if (earlier != nullptr && *earlier == promotion) continue;
    write.promotions.push_back(row_of(promotion));
    if (auto change = live_change(earlier, promotion)) write.live_changes.push_back(std::move(*change));
    if (earlier == nullptr || promotion.id == core::promotion_of(event) ||
        earlier->phase.index() == promotion.phase.index())
      continue;
    // Another promotion that this event moved: superseded, replaced, or taken up.
    write.events.push_back(event_row(before.key, promotion.id, "phase_changed",
                                     {{"event", "phase_changed"},
                                      {"promotion", promotion.id},
                                      {"phase", core::phase_name(promotion.phase)},
                                      {"because_of", core::promotion_of(event)}},
                                     now));
  }
  write.audit = entries_of(decision, event, write.events, stamp);
  if (decision.lane.state != before.state) write.lane_state = core::json_text(core::to_json(decision.lane.state));
  const Place place{result, before.key, now};
  for (const auto& command : decision.commands) std::visit(place, command);
  return result;
}

}  // namespace penstock::engine
