#include "daemon/engine/decision_entries.hpp"

#include "daemon/runtime/digest.hpp"

namespace penstock::engine {
namespace {

using audit::Entry;
using audit::EntryKind;

// What only one kind of event tells.
struct Tell {
  Entry& entry;

  void operator()(const core::CandidateSeen& event) const {
    entry.who = event.submitter;
    entry.candidate = event.candidate;
    entry.version = event.version;
  }
  void operator()(const core::CheckReported& event) const {
    entry.gate = event.gate;
    entry.verdict = core::name_of(event.finding.verdict);
    for (const auto& document : event.finding.evidence) entry.evidence.push_back(document.digest);
  }
  void operator()(const core::PinSet& event) const { override_by(event.person); }
  void operator()(const core::PinReleased& event) const { override_by(event.person); }
  void operator()(const core::RollbackAsked& event) const {
    override_by(event.person);
    entry.candidate = event.candidate;
  }
  void operator()(const core::WaiverAsked& event) const {
    override_by(event.waiver.requester);
    entry.gate = event.waiver.gate;
    entry.candidate = event.waiver.candidate;
  }
  void operator()(const core::WaiverGranted& event) const { override_by(event.person); }
  void operator()(const core::WaiverRevoked& event) const { override_by(event.person); }
  void operator()(const core::StopSet& event) const { override_by(event.stop.by); }
  void operator()(const core::StopLifted& event) const { override_by(event.person); }
  void operator()(const core::BreakGlassAsked& event) const { override_by(event.person); }
  void operator()(const core::ReviewFiled& event) const { override_by(event.person); }
  void operator()(const core::DelegationGiven& event) const { entry.who = event.delegation.from; }
  void operator()(const core::DeliverySent&) const {}
  void operator()(const core::DeliveryConfirmed&) const {}
  void operator()(const core::DeliveryRefused&) const {}
  void operator()(const core::DeadlinePassed&) const {}
  void operator()(const core::EffectSeen&) const {}
  void operator()(const core::EntriesAcknowledged& event) const { entry.count = event.entries; }
  void operator()(const core::PlaceAsked&) const {}
  void operator()(const core::PlaceGranted&) const {}
  void operator()(const core::PlaceReturned&) const {}
  void operator()(const core::LimitsChanged&) const {}
  void operator()(const core::FollowersChanged&) const {}
  // Approvals, rejections, vetoes, what is taken back, retries, withdrawals.
  template <class Decided>
  void operator()(const Decided& event) const {
    entry.who = event.person;
  }

 private:
  void override_by(const std::string& person) const {
    entry.kind = EntryKind::override_;
    entry.who = person;
  }
};

void tell_promotion(const core::Promotion& promotion, Entry& entry) {
  entry.candidate = promotion.candidate;
  entry.version = promotion.version;
  entry.phase = core::phase_name(promotion.phase);
  if (promotion.policy) entry.policy = promotion.policy->digest;
  // While gates still answer, their answers are entries of their own.
  if (!promotion.checks.empty() && !std::holds_alternative<core::Checking>(promotion.phase))
    entry.findings = runtime::sha256(core::findings_text(promotion));
}

}  // namespace

std::vector<journal::AuditRow> entries_of(const core::Decision& decision, const core::Event& event,
                                          const std::vector<journal::EventRow>& events, const audit::Stamp& stamp) {
  std::vector<journal::AuditRow> rows;
  for (const auto& row : events) {
    Entry entry;
    entry.what = row.name;
    entry.lane = row.lane;
    entry.promotion = row.promotion;
    entry.event = runtime::sha256(row.document);
    if (rows.empty()) std::visit(Tell{entry}, event);  // the others are what it brought about
    if (const auto* promotion = core::find(decision.lane, row.promotion)) tell_promotion(*promotion, entry);
    rows.push_back({0, row.promotion, audit::text_of(entry, stamp)});
  }
  return rows;
}

}  // namespace penstock::engine
