#include "tests/simulation/ledger.hpp"

#include <algorithm>

#include "daemon/core/codec.hpp"
#include "tests/simulation/promises.hpp"

namespace penstock::simulation {
namespace {

bool same(const journal::EventRow& a, const journal::EventRow& b) {
  return a.seq == b.seq && a.at == b.at && a.lane == b.lane && a.promotion == b.promotion && a.name == b.name &&
         a.document == b.document;
}

std::string event_told(const journal::EventRow& event) {
  return "#" + std::to_string(event.seq) + " " + event.name + " of " + event.promotion;
}

}  // namespace

void Ledger::applied(Owner owner, const journal::Write& write, const journal::Receipt& receipt) {
  if (members_->has_ended(owner))
    world_.broken(promises::fenced, "run " + std::to_string(owner) + " was declared dead, and has written #" +
                                        std::to_string(receipt.last_seq));
  std::set<core::PromotionId> touched;
  look_at_events(write, receipt);
  if (write.lane_state) states_[write.lane] = core::lane_state_from_json(*write.lane_state).value();
  take_promotions(write, touched);
  take_outbox(write, touched);
  if (write.expected_version) look_at_lane(write.lane);
  for (const auto& id : touched)
    if (const auto found = promotions_.find(id); found != promotions_.end()) {
      look_at_waiting(found->second);
      look_at_begin(owner, found->second, write);
    }
  for (const auto& change : write.live_changes)
    if (change.began) look_at_live(promotions_.at(change.promotion));
}

void Ledger::look_at_events(const journal::Write& write, const journal::Receipt& receipt) {
  const auto before = events_.empty() ? 0 : events_.back().seq;
  const auto found = kept_->events(before, 1000).value();
  auto expected = write.events;
  auto seq = receipt.last_seq - static_cast<std::int64_t>(expected.size());
  for (auto& event : expected) event.seq = ++seq;
  if (!expected.empty() && expected.front().seq <= before)
    return world_.broken(promises::grows, "after #" + std::to_string(before) + " came " + event_told(expected.front()));
  if (!std::equal(found.begin(), found.end(), expected.begin(), expected.end(), same))
    return world_.broken(promises::grows, "after #" + std::to_string(before) + " the log has " +
                                              (found.empty() ? "nothing" : event_told(found.front())) + ", and " +
                                              (expected.empty() ? "nothing" : event_told(expected.front())) +
                                              " was written");
  for (const auto& event : expected) world_.history.seal(event.document);
  take_event(write, receipt);
  events_.insert(events_.end(), expected.begin(), expected.end());
}

// The first one is what the decision was about; the others tell what it moved besides.
void Ledger::take_event(const journal::Write& write, const journal::Receipt& receipt) {
  if (write.events.empty()) return;
  auto document = nlohmann::json::parse(write.events.front().document);
  // What it came to is the daemon's word.
  document.erase("phase");
  if (write.events.front().name == "waiver_granted") granted_.insert(document.at("waiver").get<std::string>());
  unacknowledged_.emplace(receipt.last_seq, std::move(document));
}

void Ledger::look_at_all_events() {
  const auto found = kept_->events(0, 1'000'000).value();
  const auto [was, is] = std::mismatch(events_.begin(), events_.end(), found.begin(), found.end(), same);
  if (was != events_.end())
    return world_.broken(promises::grows, event_told(*was) + " was in the log, and " +
                                              (is == found.end() ? "is no more" : "is " + event_told(*is) + " now"));
  if (is != found.end()) world_.broken(promises::grows, event_told(*is) + " is in the log, and nobody wrote it");
}

void Ledger::take_promotions(const journal::Write& write, std::set<core::PromotionId>& touched) {
  for (const auto& row : write.promotions) {
    auto decoded = core::decode_promotion(row.document, [this](const core::Digest& digest) { return policy(digest); });
    if (row.ended)
      open_[row.lane].erase(row.id);
    else
      open_[row.lane].insert(row.id);
    promotions_.insert_or_assign(row.id, std::move(decoded.value()));
    touched.insert(row.id);
  }
}

std::shared_ptr<const core::Policy> Ledger::policy(const core::Digest& digest) {
  auto& known = policies_[digest];
  if (known) return known;
  const auto row = kept_->policy(digest).value();
  auto read = core::policy_from_json(nlohmann::json::parse(row.value().document)).value();
  read.digest = digest;
  return known = std::make_shared<const core::Policy>(std::move(read));
}

void Ledger::take_outbox(const journal::Write& write, std::set<core::PromotionId>& touched) {
  std::vector<journal::OutboxRow> gone;
  for (auto row = outbox_.begin(); row != outbox_.end();) {
    const bool is_dropped =
        std::count(write.drop_keys.begin(), write.drop_keys.end(), row->first) > 0 ||
        std::count(write.drop_promotions.begin(), write.drop_promotions.end(), row->second.promotion) > 0;
    if (!is_dropped) {
      ++row;
      continue;
    }
    gone.push_back(std::move(row->second));
    row = outbox_.erase(row);
  }
  for (const auto& row : write.outbox) {
    outbox_[row.key] = row;
    asked_.insert(row.key);
    touched.insert(row.promotion);
  }
  for (const auto& row : gone) {
    touched.insert(row.promotion);
    if (!outbox_.contains(row.key)) dropped(row, write);
  }
}

// It is done: so what it asked for must have been done.
void Ledger::dropped(const journal::OutboxRow& row, const journal::Write& write) {
  const auto at = row.kind.find('/');
  if (at != std::string::npos && row.kind.substr(0, at) == "notify" &&
      !receivers_.at(row.kind.substr(at + 1))->has_carried_out(row.key.substr(0, row.key.rfind('@'))))
    world_.broken(promises::processed, row.key + " is done with, and nobody was told");
  if (row.kind == "notify" && write.outbox.size() != setting_.listeners.size())
    world_.broken(promises::processed, row.key + " is done with, and was not divided among those who are told");
  if (row.kind != "follow") return;
  const auto& promotion = promotions_.at(row.promotion);
  const auto environment = row.key.substr(row.key.rfind('/') + 1);
  const bool is_seen = std::any_of(promotions_.begin(), promotions_.end(), [&](const auto& one) {
    return one.second.candidate == promotion.candidate && one.second.lane.environment == environment;
  });
  if (core::is_live(promotion.phase) && !is_seen)
    world_.broken(promises::processed, row.key + " is done with, and the candidate was not seen there");
}

void Ledger::claimed(const std::vector<journal::OutboxRow>& rows) {
  for (const auto& row : rows) outbox_[row.key] = row;
}

void Ledger::freed(const std::vector<std::string>& keys) {
  for (const auto& key : keys)
    if (const auto row = outbox_.find(key); row != outbox_.end()) row->second.leased_until.reset();
}

void Ledger::look_at_lane(const core::LaneKey& lane) {
  std::vector<core::PromotionId> delivering;
  std::vector<core::PromotionId> live;
  for (const auto& id : open_[lane]) {
    const auto& phase = promotions_.at(id).phase;
    if (std::holds_alternative<core::Delivering>(phase)) delivering.push_back(id);
    if (core::is_live(phase)) live.push_back(id);
  }
  if (delivering.size() > 1)
    world_.broken(promises::one_delivers,
                  delivering[0] + " and " + delivering[1] + " both deliver in " + to_text(lane));
  if (live.size() > 1)
    world_.broken(promises::live, live[0] + " and " + live[1] + " are both live in " + to_text(lane));
}

void Ledger::sent(const core::Event& event) {
  if (const auto* approval = std::get_if<core::ApprovalGiven>(&event)) approvals_.push_back(*approval);
  if (const auto* asked = std::get_if<core::WaiverAsked>(&event)) waivers_.emplace(asked->waiver.id, asked->waiver);
  if (const auto* granted = std::get_if<core::WaiverGranted>(&event)) grants_.push_back(*granted);
}

// Each has a row of its own, which says all that was asked for.
void Ledger::acknowledged(const core::Event& event, const engine::Outcome& outcome) {
  if (!outcome.ignored.empty()) return;
  const auto row = unacknowledged_.find(outcome.seq);
  const auto document = core::to_json(event);
  if (row == unacknowledged_.end() || row->second != document)
    return world_.broken(promises::processed,
                         document.dump() + " was acknowledged as #" + std::to_string(outcome.seq) + ", which is " +
                             (row == unacknowledged_.end() ? "no event that nobody was told of" : row->second.dump()));
  unacknowledged_.erase(row);
}

void Ledger::acknowledged(const engine::SeenOutcome& outcome) {
  if (!kept_->candidate(outcome.id).value())
    world_.broken(promises::processed, "candidate " + outcome.id.brief() + " was acknowledged, and is not there");
  for (const auto& id : outcome.promotions)
    if (!promotions_.contains(id))
      world_.broken(promises::processed, "promotion " + id + " was acknowledged, and is not there");
}

void Ledger::effect(const std::string& key) {
  if (!asked_.contains(key)) world_.broken(promises::once, key + " is carried out, and was never journalled");
}

std::optional<core::Time> Ledger::next_due() const {
  std::optional<core::Time> first;
  for (const auto& [key, row] : outbox_) {
    const auto due = row.leased_until.value_or(row.due);
    first = std::min(first.value_or(due), due);
  }
  return first;
}

void Ledger::look_at_the_end() {
  look_at_all_events();
  for (const auto& [id, promotion] : promotions_) {
    if (core::is_end(promotion.phase) || std::holds_alternative<core::Live>(promotion.phase)) continue;
    world_.broken(promises::ends, id + " is still " + std::string(core::phase_name(promotion.phase)));
  }
}

}  // namespace penstock::simulation
