// Sees every change of the journal, keeps what is in it by its own count, and looks at every promise after each.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "daemon/engine/engine.hpp"
#include "tests/simulation/disk.hpp"
#include "tests/simulation/peers.hpp"
#include "tests/simulation/registry.hpp"
#include "tests/simulation/setting.hpp"

namespace penstock::simulation {

class Ledger : public Witness {
 public:
  Ledger(World& world, const Setting& setting) : world_(world), setting_(setting) {}
  // The journal itself, and those who know what really happened.
  void look_at(journal::Journal& kept, const Membership& members) {
    kept_ = &kept;
    members_ = &members;
  }
  void know(const std::string& host, const Examiner& examiner) { examiners_[host] = &examiner; }
  void know(const std::string& host, const Receiver& receiver) { receivers_[host] = &receiver; }
  void know(const Registry& registry) { registry_ = &registry; }

  void applied(Owner owner, const journal::Write& write, const journal::Receipt& receipt) override;
  void claimed(const std::vector<journal::OutboxRow>& rows) override;
  void freed(const std::vector<std::string>& keys) override;

  // Somebody has sent it, whether it arrives or not.
  void sent(const core::Event& event);
  // A run begins, and is told who is in which group.
  void tell(Owner run, std::shared_ptr<const core::People> people) { people_of_[run] = std::move(people); }
  // Somebody was told that it is done.
  void acknowledged(const core::Event& event, const engine::Outcome& outcome);
  void acknowledged(const engine::SeenOutcome& outcome);
  // A daemon is about to carry out what it was asked for under this key.
  void effect(const std::string& key);
  // A daemon has begun anew: the journal is what it was.
  void look_at_all_events();
  // Nothing is under way and nothing is due any more.
  void look_at_the_end();

  const std::map<core::PromotionId, core::Promotion>& promotions() const { return promotions_; }
  // Nothing is due any more but looks at what is live, and that is as it should be.
  bool is_at_rest() const;
  const core::LaneState& state_of(const core::LaneKey& lane) { return states_[lane]; }
  // When the next row can be taken; nothing when there is none.
  std::optional<core::Time> next_due() const;
  // Whether the row is in the outbox: nothing that answers it was written yet.
  bool is_due(const std::string& key) const { return outbox_.contains(key); }

 private:
  // The log only grows, and holds what was written.
  void look_at_events(const journal::Write& write, const journal::Receipt& receipt);
  void take_event(const journal::Write& write, const journal::Receipt& receipt);
  void take_outbox(const journal::Write& write, std::set<core::PromotionId>& touched);
  void dropped(const journal::OutboxRow& row, const journal::Write& write);
  void take_promotions(const journal::Write& write, std::set<core::PromotionId>& touched);
  void look_at_lane(const core::LaneKey& lane);
  // Whatever it waits for is due, and it has a deadline.
  void look_at_waiting(const core::Promotion& promotion);
  // Of ledger_live.cpp.
  void look_at_live(const core::Promotion& promotion);
  bool has_carried_out(const core::DeliverySpec& spec, const std::string& key) const;
  void look_at_looks(const core::Promotion& promotion);

  // Of ledger_begin.cpp. Gates and people must agree at the instant at which a delivery begins, and so again when it
  // was held in between; what needs no delivery is live at once.
  struct Begin {
    const core::Promotion& promotion;
    const core::People& people;  // as the run that decided was told
    core::Time at;               // the decision's time
  };
  void look_at_begin(Owner run, const core::Promotion& promotion, const journal::Write& write);
  std::optional<std::string> gates_missing(const Begin& begin) const;
  bool is_waived(const Begin& begin, const core::Check& check) const;
  bool has_a_say(const core::LaneKey& lane, const std::vector<std::string>& groups) const;
  bool is_stopped(const core::LaneKey& lane) const;
  std::optional<std::string> approvals_missing(const Begin& begin) const;
  bool has_place(const Begin& begin, const std::vector<const core::ApprovalRule*>& places, std::size_t place,
                 std::vector<std::string>& seated) const;
  std::shared_ptr<const core::Policy> policy(const core::Digest& digest);

  World& world_;
  const Setting& setting_;
  journal::Journal* kept_ = nullptr;
  const Membership* members_ = nullptr;
  std::map<std::string, const Examiner*> examiners_;
  std::map<std::string, const Receiver*> receivers_;
  const Registry* registry_ = nullptr;
  std::vector<journal::EventRow> events_;
  std::map<std::string, journal::OutboxRow> outbox_;
  std::set<std::string> asked_;  // every key that was ever in the outbox
  std::map<core::PromotionId, core::Promotion> promotions_;
  std::map<core::LaneKey, std::set<core::PromotionId>> open_;
  std::map<core::LaneKey, core::LaneState> states_;
  std::map<core::Digest, std::shared_ptr<const core::Policy>> policies_;
  std::map<std::int64_t, nlohmann::json> unacknowledged_;  // by the number that it is acknowledged as
  std::vector<core::ApprovalGiven> approvals_;             // that people have sent
  std::map<std::string, core::Waiver> waivers_;            // that people have asked for
  std::vector<core::WaiverGranted> grants_;                // that people have sent
  std::set<std::string> granted_;                          // ids of the waivers whose grant is in the journal
  std::map<Owner, std::shared_ptr<const core::People>> people_of_;
  std::set<core::PromotionId> begun_;  // whose deliveries have begun
};

}  // namespace penstock::simulation
