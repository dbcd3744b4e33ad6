// A journal with one promotion that went live, as the engine writes it: seen, checked, approved, delivered.
#pragma once

#include "daemon/audit/attestation.hpp"
#include "daemon/audit/entry.hpp"
#include "daemon/core/codec.hpp"
#include "daemon/core/event.hpp"
#include "tests/audit/log.hpp"
#include "tests/journal/mailbox.hpp"

namespace penstock::audit::testing {

struct Decided {
  static constexpr const char* id = "prm_00000000000000000000000001";
  static constexpr const char* evidence_bytes = "{\"violations\": 0}\n";

  // `until`: how many of the four events have happened.
  explicit Decided(std::size_t until = 4) {
    make_policy();
    candidate.model = "fraud";
    candidate.version = "7";
    candidate.artifact = core::Artifact{runtime::sha256("files"), "models:/fraud/7"};
    candidate.labels = {{"owner", "<b>team & co</b>"}};
    candidate_id = runtime::sha256(core::canonical_bytes(candidate));
    promotion.id = id;
    promotion.lane = {"fraud", "production"};
    promotion.candidate = candidate_id;
    promotion.version = "7";
    promotion.submitter = "ci";
    promotion.policy = policy;
    promotion.opened_at = at(0);
    promotion.phase = core::Checking{0};
    happen(core::CandidateSeen{id, candidate_id, "7", {}, "ci", "api", policy});
    if (until > 1) check();
    if (until > 2) approve();
    if (until > 3) go_live();
    commit();
  }

  core::Time at(int minute) const { return core::Time(std::chrono::minutes(minute)) + std::chrono::hours(490'000); }

  void happen(const core::Event& event, const std::string& who = "") {
    const auto document = core::to_json(event).dump();
    const auto now = at(static_cast<int>(told));
    promotion.changed_at = now;
    write.events.push_back({0, now, promotion.lane, id, std::string(core::event_name(event)), document});
    Entry entry;
    entry.what = core::event_name(event);
    entry.lane = promotion.lane;
    entry.promotion = id;
    entry.candidate = candidate_id;
    entry.policy = policy->digest;
    entry.phase = core::phase_name(promotion.phase);
    if (!promotion.checks.empty() && entry.phase != "checking")
      entry.findings = runtime::sha256(core::findings_text(promotion));
    entry.event = runtime::sha256(document);
    entry.who = who;
    write.audit.push_back({0, id, text_of(entry, {now, std::chrono::minutes(told), "d"})});
    ++told;
  }
  // What has happened since the last time is journalled.
  void commit() {
    write.lane = promotion.lane;
    write.expected_version = version++;
    if (version == 1) {
      write.new_candidates = {{candidate_id, core::canonical_bytes(candidate), "fraud", "7", "ci", "api", at(0)}};
      write.policies = {{policy->digest, core::canonical_bytes(*policy)}};
    }
    write.promotions = {{id, promotion.lane, candidate_id, "7", std::string(core::phase_name(promotion.phase)),
                         core::is_end(promotion.phase), promotion.opened_at, promotion.changed_at,
                         core::encode(promotion)}};
    const auto kept = journal::testing::commit(*journal, mailbox, std::move(write));
    INFO((kept ? "" : kept.error().message));
    REQUIRE(kept.has_value());
    write = {};
  }
  void check() {
    core::Finding finding;
    finding.verdict = core::Verdict::passed;
    finding.observed = "0 violations of <script>alert(1)</script>";
    finding.needed = "0 violations";
    finding.source = "contract.yaml";
    finding.at = at(1);
    finding.details = {{"age/minimum", core::Verdict::passed, "18", "18", "row 3"}};
    finding.evidence = {{"violations.json", "application/json", runtime::sha256(evidence_bytes), 18}};
    promotion.checks = {{"data", "contract", 1, at(0), at(9), 0, finding, {}}};
    promotion.phase = core::AwaitingApproval{at(1)};
    happen(core::CheckReported{id, "contract", 1, finding});
  }
  void approve() {
    promotion.approvals = {{"ann", {"release-managers"}, at(2), "looks \"good\"", "", ""}};
    promotion.phase = core::Delivering{0};
    promotion.deliveries = {{"serving", 1, core::DeliveryState::due, "", at(30), {}}};
    core::ApprovalGiven given{id, candidate_id, policy->digest, "ann", {"release-managers"}, {}, "looks \"good\""};
    given.findings = runtime::sha256(core::findings_text(promotion));
    happen(given);
  }
  void go_live() {
    promotion.phase = core::Live{at(3)};
    promotion.deliveries = {{"serving", 1, core::DeliveryState::confirmed, "204", at(30), at(3)}};
    happen(core::DeliveryConfirmed{id, "serving", 1, "204"});
  }
  void end(core::Phase phase) {
    promotion.phase = std::move(phase);
    happen(core::WithdrawalAsked{id, "ann", "not wanted"});
    commit();
  }
  Record record() { return read_record(*journal, id).value(); }
  // All that is journalled, as a log in the folder.
  void publish(const fs::path& folder) {
    auto writer = LogWriter::open(folder, signer()).value();
    std::vector<std::string> all;
    const auto rows = journal->audit(0, 100).value();
    for (const auto& row : rows) all.push_back(row.entry);
    REQUIRE(writer.append(all, true).has_value());
  }

  journal::testing::Mailbox mailbox;
  std::unique_ptr<journal::Journal> journal = journal::open_memory(mailbox.post());
  std::shared_ptr<core::Policy> policy = std::make_shared<core::Policy>();
  core::Candidate candidate;
  core::CandidateId candidate_id;
  core::Promotion promotion;
  std::size_t told = 0;

 private:
  void make_policy() {
    policy->name = "fraud-production";
    policy->model = "fraud*";
    policy->environment = "production";
    policy->stages = {{"data", {{"contract", "data-contract"}}}};
    policy->approvals = {{"release-managers", 1}};
    policy->deliveries = {{"serving", "webhook", {{"receiver", "serving"}}}};
    policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  }
  journal::Write write;
  std::int64_t version = 0;
};

}  // namespace penstock::audit::testing
