// The instant of delivery: windows, stops, old answers, soaking, and whose turn it is.
#include <nlohmann/json.hpp>
#include "tests/catch.hpp"

#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

// 2026-11-21 is a Saturday.
std::shared_ptr<Policy> with_windows(std::vector<Window> windows) {
  auto policy = plain_policy();
  policy->stages = {{"data", {{"contract", "data-contract"}}}};
  policy->approvals = {{"release-managers", 1}};
  policy->deliveries = {{"serving", "webhook"}};
  policy->windows = std::move(windows);
  return policy;
}

std::shared_ptr<Policy> weekend_freeze() {
  return with_windows({{WindowKind::deny, "FRI 16:00 - MON 08:00", "UTC", "weekend freeze"}});
}

Story approved(const std::shared_ptr<Policy>& policy) {
  Story story(policy);
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
  return story;
}

}  // namespace

TEST_CASE("what is approved during a freeze waits for its end, says so, and goes then") {
  auto story = approved(weekend_freeze());
  CHECK(story.phase('a') == "awaiting_window");
  const auto monday = story.now + 24h * 2 + 8h;
  CHECK(story.in<AwaitingWindow>('a').opens == monday);
  CHECK(wait_of(story.of('a'))->what.find("weekend freeze") != std::string::npos);
  story.later(24h).deadline('a', "window");
  CHECK(story.phase('a') == "awaiting_window");
  story.now = monday;
  CHECK(story.deadline('a', "window").phase('a') == "delivering");
}

TEST_CASE("several lanes do not all go in the instant in which a window opens") {
  auto policy = weekend_freeze();
  policy->window_jitter = 1h;
  auto story = approved(policy);
  const auto monday = story.now + 24h * 2 + 8h;
  const auto opens = *story.in<AwaitingWindow>('a').opens;
  CHECK(opens >= monday);
  CHECK(opens < monday + 1h);
}

TEST_CASE("a window that does not open in time ends the wait") {
  auto policy = with_windows({{WindowKind::allow, "2027-06-01 - 2027-06-02", "UTC", ""}});
  auto story = approved(policy);
  CHECK(wait_of(story.of('a'))->until == story.now + policy->window_for);
  story.later(policy->window_for).deadline('a', "window");
  CHECK(story.phase('a') == "expired");
}

TEST_CASE("no more deliveries begin in a window than it allows") {
  auto policy = with_windows({{WindowKind::allow, "SAT 00:00 - SUN 00:00", "UTC", ""}});
  policy->most_per_window = 1;
  Story story(policy);
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann").confirms('a', "serving");
  CHECK(story.phase('a') == "live");
  story.later(1h).sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann");
  CHECK(story.phase('b') == "awaiting_window");
  CHECK(story.in<AwaitingWindow>('b').opens == story.now - 1h + 24h * 7);
  story.now = *story.in<AwaitingWindow>('b').opens;
  CHECK(story.deadline('b', "window").phase('b') == "delivering");
}

TEST_CASE("an approval that is taken back during the freeze is asked for again") {
  auto story = approved(weekend_freeze());
  story.happens(ApprovalWithdrawn{"pa", "ann", "slept over it"});
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(story.wants("clear_timer/pa/window"));
}

TEST_CASE("whoever left the group during the freeze does not count when it ends") {
  auto story = approved(weekend_freeze());
  People people{{"ann", {"guests"}}};
  story.world.people = &people;
  story.now += 24h * 3;
  story.deadline('a', "window");
  CHECK(story.phase('a') == "awaiting_approval");
  CHECK(story.notices().size() == 1);
}

TEST_CASE("an answer that has grown too old is asked for again before delivery") {
  auto policy = weekend_freeze();
  policy->stages[0].gates[0].max_age = Duration(24h);
  auto story = approved(policy);
  story.now += 24h * 3;
  story.deadline('a', "window");
  CHECK(story.phase('a') == "checking");
  CHECK(story.wants("check/pa/contract/2"));
  auto same = story;
  CHECK(same.gate('a', "contract", Verdict::passed, 2).phase('a') == "delivering");
  CHECK(story.gate('a', "contract", Verdict::passed, 2, "other rows").phase('a') == "awaiting_approval");
}

TEST_CASE("an emergency stop holds deliveries back until it is lifted, and no rollback") {
  std::vector<Stop> stops{{"s1", "fraud-*", "*", "zoe", "incident 12", {}}};
  Story story(with_windows({}));
  story.sees('a').gate('a', "contract", Verdict::passed);
  story.world.stops = &stops;
  story.approves('a', "ann");
  CHECK(story.phase('a') == "awaiting_window");
  CHECK(story.in<AwaitingWindow>('a').reason == "stopped by zoe: incident 12");
  story.later(30s).deadline('a', "window");
  CHECK(story.phase('a') == "awaiting_window");
  stops.clear();
  story.later(30s).deadline('a', "window").confirms('a', "serving");
  CHECK(story.phase('a') == "live");
  story.sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann").confirms('b', "serving");
  stops = {{"s2", "*", "production", "zoe", "incident 13", {}}};
  story.happens(RollbackAsked{story.lane.key, "pr", "ann", {"release-managers"}, "errors", {}});
  CHECK(story.phase('r') == "delivering");
}

TEST_CASE("stops are set and lifted by name, and everybody is told") {
  Story story(with_windows({}));
  story.happens(StopSet{every_lane, {"s1", "fraud-*", "production", "zoe", "incident", {}}, ""});
  REQUIRE(story.lane.state.stops.size() == 1);
  CHECK(story.notices().size() == 1);
  CHECK(*lane_state_from_json(to_json(story.lane.state).dump()) == story.lane.state);
  story.happens(StopLifted{every_lane, "s1", "zoe", ""});
  CHECK(story.lane.state.stops.empty());
  CHECK_FALSE(story.happens(StopLifted{every_lane, "s1", "zoe", ""}).decision.ignored.empty());
}

TEST_CASE("a candidate follows to the next environment when it was live for long enough without a break") {
  Story story(with_windows({}));
  story.world.followers = {{"production-eu", 24h}};
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann").confirms('a', "serving");
  CHECK(story.wants("timer/pa/soak/production-eu"));
  story.later(23h).deadline('a', "soak/production-eu");
  CHECK(story.wants("timer/pa/soak/production-eu"));
  story.later(1h).deadline('a', "soak/production-eu");
  CHECK(story.wants("follow/pa/production-eu"));
  story.sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann").confirms('b', "serving");
  CHECK(story.wants("call_off/pa"));
  CHECK_FALSE(story.deadline('a', "soak/production-eu").decision.ignored.empty());
}

TEST_CASE("a lane that comes to follow later learns of what is live already, from when it went live") {
  Story story(with_windows({}));
  story.sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann").confirms('a', "serving");
  const auto since = story.now;
  const auto changed = FollowersChanged{story.lane.key, ""};
  CHECK_FALSE(story.later(1h).happens(changed).decision.ignored.empty());
  story.world.followers = {{"production-eu", 24h}};
  story.happens(changed);
  REQUIRE(story.commands() == std::vector<std::string>{"timer/pa/soak/production-eu"});
  CHECK(std::get<SetTimer>(story.decision.commands[0]).due == since + 24h);
  story.world.followers = {{"production-eu", 30min}};
  story.happens(changed);
  CHECK(std::get<SetTimer>(story.decision.commands[0]).due == since + 30min);
  CHECK(story.deadline('a', "soak/production-eu").wants("follow/pa/production-eu"));
  story.world.followers.clear();
  CHECK_FALSE(story.deadline('a', "soak/production-eu").decision.ignored.empty());
}

TEST_CASE("where the newest goes first, the ones before it wait") {
  auto policy = with_windows({});
  policy->order = QueueOrder::newest_first;
  Story story(policy);
  story.sees('a').later(1s).sees('b').later(1s).sees('c').gate('a', "contract", Verdict::failed);
  CHECK(story.phase('c') == "checking");
  CHECK(story.phase('b') == "queued");
}

TEST_CASE("a policy keeps its windows, order and soak when it is stored") {
  auto policy = *weekend_freeze();
  policy.window_jitter = 10min;
  policy.most_per_window = 2;
  policy.order = QueueOrder::newest_first;
  policy.after = AfterSpec{"staging", 24h};
  policy.stages[0].gates[0].max_age = Duration(1h);
  policy.watch = WatchSpec{1h, 5min, {{"watch/errors", "smoke-test"}}, 2, 3, OnFailure::roll_back};
  policy.rollback.approvals = {{"release-managers", 1}};
  policy.approvals[0].remind = Duration(1h);
  policy.approvals[0].escalate = Escalation{2h, "directors"};
  policy.digest = {};
  CHECK(*policy_from_json(to_json(policy)) == policy);
}

TEST_CASE("a window whose time zone nobody can read keeps deliveries closed") {
  auto closed = plain_policy();
  closed->windows = {{WindowKind::allow, "MON-SUN 00:00 - 24:00", "UTC", ""}};
  Story story(closed);
  story.world.zones = nullptr;
  story.sees('a').passes_all_gates('a').approves('a', "ann").approves('a', "bob");
  CHECK(story.phase('a') == "awaiting_window");
  CHECK(story.in<AwaitingWindow>('a').reason == "the time zones are not known");
}

}  // namespace penstock::tests
