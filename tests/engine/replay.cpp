// Promotions decided again under another policy, by what was found and given then.
#include "tests/engine/replay_story.hpp"

namespace penstock::engine {

using core::Verdict;

TEST_CASE("under the policy that it had, every promotion comes to what it came to") {
  CHECK(delivered_past().ends(two_stages()) == "delivered");
  CHECK(Past().answer("contract", Verdict::failed).ends(two_stages()) == "rejected");
  CHECK(
      Past().pass({"contract", "scan"}).answer("style", Verdict::failed).approve("ann").deliver().ends(two_stages()) ==
      "delivered");
  CHECK(Past().pass({"contract", "scan", "style"}).after(1h).reject("ann").ends(two_stages()) == "rejected");
  CHECK(Past().pass({"contract"}).after(1h).reject("ann").ends(two_stages()) == "rejected");
  CHECK(Past().after(1h).tell(core::WithdrawalAsked{"prm_1", "ann", "no"}).ends(two_stages()) == "withdrawn");
  CHECK(
      Past().pass({"contract"}).tell(core::VetoGiven{"prm_1", {}, {}, "ann", {"managers"}, "no"}).ends(two_stages()) ==
      "vetoed");
  CHECK(Past().pass({"contract", "scan", "style"}).after(72h).expire("approval").ends(two_stages()) == "expired");
  CHECK(Past().answer("contract", Verdict::inconclusive).after(24h * 7).expire("hold").ends(two_stages()) == "expired");
  auto tried_again = two_stages();
  tried_again.stages[0].gates[0].attempts = 2;
  Past errored(tried_again);
  errored.answer("contract", Verdict::errored).after(10s).answer("contract", Verdict::passed, 2);
  errored.pass({"scan", "style"}).approve("ann").deliver();
  CHECK(errored.ends(tried_again) == "delivered");
  Past retried;
  retried.answer("contract", Verdict::errored).after(1h).tell(core::RetryAsked{"prm_1", "ann"});
  retried.answer("contract", Verdict::passed, 2).pass({"scan", "style"}).approve("ann").deliver();
  CHECK(retried.ends(two_stages()) == "delivered");
}

TEST_CASE("a gate that becomes blocking rejects what it found wrong then, and one that becomes advisory lets it by") {
  auto strict = two_stages();
  strict.stages[1].gates[1].blocking = true;
  Past bad_style;
  bad_style.pass({"contract", "scan"}).answer("style", Verdict::failed).approve("ann").deliver();
  const auto replayed = bad_style.under(strict);
  CHECK(replayed.came_to == CameTo::rejected);
  CHECK(replayed.why == "rejected by gates of stage security: style failed: style saw it");
  CHECK(delivered_past().ends(strict) == "delivered");

  auto lax = two_stages();
  lax.stages[1].gates[0].blocking = false;
  Past bad_scan;
  bad_scan.pass({"contract"}).answer("scan", Verdict::failed).pass({"style"});
  const auto waiting = bad_scan.under(lax);
  CHECK(waiting.came_to == CameTo::awaiting_approval);
  CHECK(waiting.why == "it would have waited for more: 0 of 1 approvals by managers are there");
}

TEST_CASE("a gate that was never asked is never taken to have passed") {
  auto more = two_stages();
  more.stages[1].gates.push_back(gate("fairness"));
  const auto replayed = delivered_past().under(more);
  CHECK_FALSE(replayed.came_to);
  CHECK(replayed.why == "`fairness` was never asked");
  // Whatever it would have said, the other one says no.
  auto strict = more;
  strict.stages[1].gates[1].blocking = true;
  Past bad_style;
  bad_style.pass({"contract", "scan"}).answer("style", Verdict::failed).approve("ann").deliver();
  CHECK(bad_style.ends(strict) == "rejected");
  // And what is only advice stops nothing.
  more.stages[1].gates.back().blocking = false;
  CHECK(delivered_past().ends(more) == "delivered");
}

TEST_CASE("a gate that is asked about something else, or as another kind, was never asked") {
  auto other = two_stages();
  other.stages[0].gates[0].with = {{"require", {"metrics.auc"}}};
  auto replayed = delivered_past().under(other);
  CHECK_FALSE(replayed.came_to);
  CHECK(replayed.why == "`contract` was asked with other settings");
  other = two_stages();
  other.stages[0].gates[0].kind = "smoke-test";
  replayed = delivered_past().under(other);
  CHECK_FALSE(replayed.came_to);
  CHECK(replayed.why == "`contract` was asked as the kind `candidate-fields`");
}

TEST_CASE("a gate with a new name is known by what it asks") {
  auto before = two_stages();
  before.stages[0].gates[0].with = {{"require", {"metrics.auc"}}};
  auto renamed = before;
  renamed.stages[0].gates[0].name = "metrics";
  CHECK(delivered_past(before).ends(renamed) == "delivered");
}

TEST_CASE("a later stage that was never reached tells nothing") {
  auto lax = two_stages();
  lax.stages[0].gates[0].blocking = false;
  const auto replayed = Past().answer("contract", Verdict::failed).under(lax);
  CHECK_FALSE(replayed.came_to);
  CHECK(replayed.why == "`scan` would have been asked again, and was not");
}

TEST_CASE("a waiver does not stand in for an answer that was never given") {
  core::Waiver waiver;
  waiver.id = "wvr_1";
  waiver.gate = "scan";
  waiver.versions = "*";
  waiver.reason = waiver.control = "x";
  waiver.requester = "bob";
  waiver.ends = friday + 24h;
  const core::LaneKey lane{"fraud", "production"};
  Past past;
  past.tell(core::WaiverAsked{lane, waiver, ""}).tell(core::WaiverGranted{lane, "wvr_1", "ann", {"managers"}, ""});
  past.pass({"contract"}).answer("scan", Verdict::failed).pass({"style"}).approve("ann").deliver();
  CHECK(past.ends(two_stages()) == "delivered");
  auto other = two_stages();
  other.stages[1].gates[0].with = {{"require", {"metrics.auc"}}};
  CHECK(past.ends(other) == "?");
}

TEST_CASE("more approvals than were given are missing, and fewer are enough") {
  auto two = two_stages();
  two.approvals[0].count = 2;
  const auto replayed = delivered_past().under(two);
  CHECK(replayed.came_to == CameTo::awaiting_approval);
  CHECK(replayed.why == "it would have waited for more: 1 of 2 approvals by managers are there");

  Past one_of_two(two);
  one_of_two.pass({"contract", "scan", "style"}).after(1h).approve("ann").after(71h).expire("approval");
  CHECK(one_of_two.ends(two) == "expired");
  CHECK(one_of_two.ends(two_stages()) == "delivered");
  auto nobody = two_stages();
  nobody.approvals.clear();
  CHECK(one_of_two.ends(nobody) == "delivered");
}

TEST_CASE("whoever the new policy keeps away does not count, and is told") {
  auto past = Past();
  past.pass({"contract", "scan", "style"}).after(1h);
  past.tell(core::ApprovalGiven{"prm_1", {}, {}, "ann", {"managers", "infosec"}, {"ann@example.com"}, ""}).deliver();
  auto infosec = two_stages();
  infosec.approvals = {{"infosec", 1}};
  CHECK(past.ends(infosec) == "delivered");
  auto others = two_stages();
  others.approvals = {{"auditors", 1}};
  const auto replayed = past.under(others);
  CHECK(replayed.came_to == CameTo::awaiting_approval);
  CHECK(replayed.why.find("(ann is in none of the groups that approve here (auditors))") != std::string::npos);
}

TEST_CASE("an approval that comes after the new policy's patience comes too late") {
  auto hasty = two_stages();
  hasty.approvals[0].expires = 30min;
  CHECK(delivered_past().ends(hasty) == "expired");
  hasty.approvals[0].expires = 2h;
  CHECK(delivered_past().ends(hasty) == "delivered");
  // Asked for earlier, they are given as long after as they were.
  Past slow_gate;
  slow_gate.pass({"contract"}).after(24h * 5).pass({"scan", "style"}).after(1h).approve("ann").deliver();
  auto short_way = two_stages();
  short_way.stages.pop_back();
  short_way.approvals[0].expires = 2h;
  CHECK(slow_gate.ends(short_way) == "delivered");
}

TEST_CASE("a reminder every minute costs nothing, and an escalation lets others answer") {
  auto patient = two_stages();
  patient.approvals[0].remind = 1min;
  patient.approvals[0].expires = 24h * 30;
  CHECK(delivered_past().ends(patient) == "delivered");
  auto escalating = two_stages();
  escalating.approvals = {{"directors", 1}};
  escalating.approvals[0].escalate = core::Escalation{30min, "managers"};
  CHECK(delivered_past().ends(escalating) == "delivered");
  escalating.approvals[0].escalate = core::Escalation{2h, "managers"};
  CHECK(delivered_past().ends(escalating) == "awaiting_approval");
}

TEST_CASE("a person's rejection stops what the new policy would still wait for, and not what it had let go") {
  auto two = two_stages();
  two.approvals[0].count = 2;
  Past past(two);
  past.pass({"contract", "scan", "style"}).after(1h).approve("ann").after(1h).reject("bob");
  CHECK(past.ends(two) == "rejected");
  CHECK(past.ends(two_stages()) == "delivered");
  auto auditors = two;
  auditors.approvals = {{"auditors", 1}};
  const auto replayed = past.under(auditors);
  CHECK(replayed.came_to == CameTo::awaiting_approval);
  CHECK(replayed.why.find("bob is in none of the groups that decide") != std::string::npos);
}

TEST_CASE("a freeze delivers later, and tells when") {
  auto frozen = two_stages();
  frozen.windows = {{core::WindowKind::deny, "FRI 11:00 - MON 08:00", "UTC", "weekend"}};
  const auto replayed = delivered_past().under(frozen);
  CHECK(replayed.came_to == CameTo::delivered);
  CHECK(replayed.waited_for_window);
  CHECK(core::to_text(replayed.at) == "2026-11-23T08:00:00.000Z");
  auto never = two_stages();
  never.windows = {{core::WindowKind::allow, "2020-01-01", "UTC", ""}};
  CHECK(delivered_past().ends(never) == "expired");
}

TEST_CASE("an answer that would have been too old by then would have been asked for again") {
  auto fresh = two_stages();
  fresh.stages[0].gates[0].max_age = 30min;
  const auto replayed = delivered_past().under(fresh);
  CHECK_FALSE(replayed.came_to);
  CHECK(replayed.why == "`contract` would have been asked again, and was not");
  fresh.stages[0].gates[0].max_age = 2h;
  CHECK(delivered_past().ends(fresh) == "delivered");
}

TEST_CASE("what was held needs a person under a stricter policy too, when nobody answered") {
  Past held;
  held.pass({"contract"}).answer("scan", Verdict::inconclusive).pass({"style"}).after(1h).reject("ann");
  CHECK(held.ends(two_stages()) == "rejected");
  auto advice = two_stages();
  advice.stages[1].gates[0].blocking = false;
  CHECK(held.ends(advice) == "rejected");
  auto strict = two_stages();
  strict.stages[1].gates[1].blocking = true;
  Past unsure;
  unsure.pass({"contract", "scan"}).answer("style", Verdict::inconclusive).approve("ann").deliver();
  const auto replayed = unsure.under(strict);
  CHECK(replayed.came_to == CameTo::held);
  CHECK(replayed.why.find("style inconclusive: style saw it") != std::string::npos);
}

TEST_CASE("what was superseded is not told under a policy that supersedes less") {
  auto superseding = two_stages();
  superseding.queue = core::QueueMode::cancel_running;
  Past past(superseding);
  auto newer = std::make_shared<core::Policy>(superseding);
  core::CandidateSeen seen{"prm_2", core::Digest::from_hex(std::string(64, 'b')), "8", {}, "ci", "api", newer};
  past.pass({"contract"}).after(1h).tell(seen);
  CHECK(past.ends(superseding) == "superseded");
  CHECK(past.ends(two_stages()) == "?");
}

TEST_CASE("what people did behind broken glass is no rule's doing, and is not told") {
  auto policy = two_stages();
  policy.approvals[0].count = 2;
  policy.break_glass = core::BreakGlassSpec{"managers", {}, {core::Dispensable::approvals}, 1h, "managers", 72h};
  Past past(policy);
  past.pass({"contract", "scan", "style"});
  past.tell(core::BreakGlassAsked{"prm_1", {}, {}, "ann", {"managers"}, "incident 12"});
  past.tell(core::BreakGlassAsked{"prm_1", {}, {}, "bob", {"managers"}, "incident 12"}).deliver();
  const auto replayed = past.under(policy);
  CHECK_FALSE(replayed.came_to);
  CHECK(replayed.why == "ann and bob broke the glass: it went on without approvals");
}

TEST_CASE("an approval in somebody's stead is theirs, and counts once beside the own one") {
  auto two = two_stages();
  two.approvals = {{"managers", 2}};
  core::Approval own{"ann", {"managers"}, friday + 1h, "", "", "", {}, ""};
  core::Approval for_bob{"ann", {"managers"}, friday + 2h, "", "", "", {"bob"}, "bob"};
  auto stored = delivered_past().promotion();
  stored.approvals = {own, for_bob};
  const auto policy = std::make_shared<const core::Policy>(two);
  const GateMatches matches(*stored.policy, *policy);
  CHECK(replay(stored, {policy, matches}).came_to == CameTo::delivered);
  // The delegate is kept away as the submitter, whoever's turn it was.
  stored.submitter = "ann";
  CHECK(replay(stored, {policy, matches}).came_to == CameTo::awaiting_approval);
}

TEST_CASE("what a stop kept back until it expired is kept back under every policy") {
  auto stored = delivered_past().promotion();
  stored.deliveries.clear();
  stored.phase = core::Expired{"deliveries did not open within 14d: stopped by ann: incident 12"};
  const auto policy = std::make_shared<const core::Policy>(two_stages());
  const GateMatches matches(*stored.policy, *policy);
  CHECK(replay(stored, {policy, matches}).came_to == CameTo::expired);
  stored.phase = core::Expired{"deliveries did not open within 14d: weekend freeze"};
  CHECK(replay(stored, {policy, matches}).came_to == CameTo::delivered);
}

TEST_CASE("without gates and approvals everything is delivered at once") {
  core::Policy open;
  open.name = "open";
  open.model = "fraud";
  open.environment = "production";
  CHECK(delivered_past().ends(open) == "delivered");
  CHECK(Past().answer("contract", Verdict::failed).ends(open) == "delivered");
}

}  // namespace penstock::engine
