// The golden table: what every event does in every phase. A change of behaviour is a change of
// tests/golden/transitions.md.
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

// Of the lane of promotion `a`, or of another lane.
Place place_of(char letter) {
  const LaneKey lane{letter == 'a' ? "fraud-eu" : std::string("model-") + letter, "production"};
  return {"tier-1", lane, 1, Story::id(letter), Story().now, std::nullopt};
}

// Promotion `a` in each phase that can be told apart; where another promotion matters it is `z`.
std::vector<std::pair<std::string, Story>> phases() {
  std::vector<std::pair<std::string, Story>> all;
  const auto policy = [] {
    auto one = plain_policy();
    one->stages = {{"data", {{"contract", "data-contract"}}}};
    one->approvals = {{"release-managers", 1}};
    one->deliveries = {{"serving", "webhook"}};
    return one;
  }();
  const auto start = [&] { return Story(policy); };
  const auto add = [&](const std::string& name, Story story) { all.emplace_back(name, std::move(story)); };
  add("(empty lane)", start());
  add("queued", start().sees('z').later(1s).sees('a'));
  add("checking", start().sees('a'));
  add("held (checking)", start().sees('a').gate('a', "contract", Verdict::inconclusive));
  add("awaiting_approval", start().sees('a').gate('a', "contract", Verdict::passed));
  auto closed = std::make_shared<Policy>(*policy);
  closed->windows = {{WindowKind::deny, "2026-11-01 - 2026-12-31", "UTC", "year end"}};
  auto waiting = Story(closed).sees('a').gate('a', "contract", Verdict::passed);
  add("awaiting_window", waiting.approves('a', "ann"));
  auto limited = std::make_shared<Policy>(*policy);
  limited->semaphore = "tier-1";
  auto asking = Story(limited).sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
  add("awaiting_window (place)", asking);
  add("delivering (place)", asking.happens(PlaceGranted{asking.lane.key, place_of('a'), ""}));
  auto kept = std::make_shared<Policy>(*policy);
  kept->audit = {{"vault"}, 1h};
  auto elsewhere = Story(kept).sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
  add("awaiting_window (acknowledgement)", elsewhere);
  add("held (not acknowledged)", elsewhere.later(1h).deadline('a', "window"));
  const auto delivering = start().sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
  add("delivering", delivering);
  auto sent = delivering;
  add("delivering (sent)", sent.happens(DeliverySent{"pa", "serving", 1, "202"}));
  auto held = delivering;
  add("held (delivering)", held.happens(DeliveryRefused{"pa", "serving", 1, "410", "ask"}));
  auto live = delivering;
  add("live", live.confirms('a', "serving"));
  auto watched = std::make_shared<Policy>(*policy);
  watched->watch = WatchSpec{.gates = {{"watch/errors", "smoke-test"}}};
  add("watching",
      Story(watched).sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann").confirms('a', "serving"));
  auto drift = std::make_shared<Policy>(*policy);
  drift->drift = DriftSpec{10min, true};
  add("live (looked at)",
      Story(drift).sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann").confirms('a', "serving"));
  add("queued (pinned lane)", start().happens(PinSet{{"fraud-eu", "production"}, "ann", "no", ""}).sees('a'));
  auto emergency = std::make_shared<Policy>(*closed);
  emergency->break_glass = BreakGlassSpec{"on-call", {"contract"}, {Dispensable::approvals}, 1h, "infosec", 72h};
  const BreakGlassAsked first{"pa", digest_of('a'), policy->digest, "ann", {"on-call"}, "r"};
  auto second = first;
  second.person = "max";
  auto asked = Story(emergency).sees('a').happens(first);
  add("checking (glass asked for)", asked);
  auto broken = asked.happens(second);
  add("awaiting_window (behind glass)", broken);
  add("queued (review owed)", broken.sees('z').happens(WithdrawalAsked{"pa", "ann", "r"}).sees('a'));
  add("(ended)", start().sees('a').gate('a', "contract", Verdict::failed));
  auto every = start();
  every.lane.key = every_lane;
  every.world.semaphores = std::make_shared<Semaphores>(Semaphores{{"tier-1", 1}});
  every.happens(PlaceAsked{every_lane, place_of('a'), ""}).happens(PlaceAsked{every_lane, place_of('y'), ""});
  every.world.semaphores = std::make_shared<Semaphores>(Semaphores{{"tier-1", 2}});
  add("(lane of all lanes)", every);
  return all;
}

// What goes on between lanes says nothing about the lanes of models.
bool is_of_all_lanes(const Event& event) {
  return std::holds_alternative<PlaceAsked>(event) || std::holds_alternative<PlaceReturned>(event) ||
         std::holds_alternative<LimitsChanged>(event);
}
bool makes_sense(const Story& story, const Event& event) {
  const auto* lane = lane_of(event);
  if (story.lane.key == every_lane) return lane != nullptr && *lane == every_lane;
  return !is_of_all_lanes(event);
}

std::vector<std::pair<std::string, Event>> events() {
  const auto policy = plain_policy();
  const auto check = [](Verdict verdict) { return CheckReported{"pa", "contract", 1, finding(verdict, "o")}; };
  const LaneKey lane{"fraud-eu", "production"};
  Waiver waiver{"w1", "contract", "", digest_of('a'), "", "r", "c", "sue", "", {}, Story().now + 24h, 0};
  return {
      {"candidate_seen (the same)", CandidateSeen{"pn", digest_of('a'), "a", {}, "api", "api", policy}},
      {"candidate_seen (a newer one)", CandidateSeen{"pn", digest_of('n'), "n", {}, "api", "api", policy}},
      {"check_reported passed", check(Verdict::passed)},
      {"check_reported failed", check(Verdict::failed)},
      {"check_reported inconclusive", check(Verdict::inconclusive)},
      {"check_reported errored", check(Verdict::errored)},
      {"approval_given",
       ApprovalGiven{"pa", digest_of('a'), policy->digest, "bob", {"release-managers"}, {}, "", "", {}}},
      {"approval_given (stale)",
       ApprovalGiven{"pa", digest_of('b'), policy->digest, "bob", {"release-managers"}, {}, "", "", {}}},
      {"rejection_given", RejectionGiven{"pa", digest_of('a'), policy->digest, "bob", {"release-managers"}, "r"}},
      {"veto_given", VetoGiven{"pa", digest_of('a'), policy->digest, "bob", {"release-managers"}, "r"}},
      {"approval_withdrawn", ApprovalWithdrawn{"pa", "ann", "r"}},
      {"delivery_sent", DeliverySent{"pa", "serving", 1, "202"}},
      {"delivery_confirmed", DeliveryConfirmed{"pa", "serving", 1, "204"}},
      {"delivery_refused", DeliveryRefused{"pa", "serving", 1, "410", "n"}},
      {"retry_asked", RetryAsked{"pa", "bob"}},
      {"withdrawal_asked", WithdrawalAsked{"pa", "bob", "r"}},
      {"deadline_passed queue", DeadlinePassed{"pa", "queue", {}}},
      {"deadline_passed approval", DeadlinePassed{"pa", "approval", {}}},
      {"deadline_passed hold", DeadlinePassed{"pa", "hold", {}}},
      {"deadline_passed receipt", DeadlinePassed{"pa", "receipt/serving/1", {}}},
      {"deadline_passed window", DeadlinePassed{"pa", "window", {}}},
      {"deadline_passed soak", DeadlinePassed{"pa", "soak/production-eu", {}}},
      {"deadline_passed watch", DeadlinePassed{"pa", "watch", {}}},
      {"pin_set", PinSet{lane, "ann", "r", ""}},
      {"pin_released", PinReleased{lane, "ann", ""}},
      {"rollback_asked", RollbackAsked{lane, "pr", "ann", {"release-managers"}, "r", {}}},
      {"waiver_asked", WaiverAsked{lane, waiver, ""}},
      {"waiver_granted", WaiverGranted{lane, "w1", "ann", {"release-managers"}, ""}},
      {"stop_set", StopSet{every_lane, {"s1", "*", "*", "ann", "r", {}}, ""}},
      {"stop_lifted", StopLifted{every_lane, "s1", "ann", ""}},
      {"break_glass_asked", BreakGlassAsked{"pa", digest_of('a'), policy->digest, "bob", {"on-call"}, "r"}},
      {"review_filed", ReviewFiled{lane, "ivy", {"infosec"}, "t", ""}},
      {"delegation_given", DelegationGiven{every_lane, {"d1", "ann", {}, "max", "", "r", {}, Story().now + 24h}, ""}},
      {"delegation_ended", DelegationEnded{every_lane, "d1", "ann", ""}},
      {"deadline_passed glass", DeadlinePassed{"pa", "glass", {}}},
      {"deadline_passed review", DeadlinePassed{"", "review/fraud-eu/production", lane}},
      {"effect_seen kept", EffectSeen{"pa", "serving", 1, Effect::kept, "o"}},
      {"effect_seen drifted", EffectSeen{"pa", "serving", 1, Effect::drifted, "o"}},
      {"effect_seen unknown", EffectSeen{"pa", "serving", 1, Effect::unknown, "o"}},
      {"effect_seen unreadable", EffectSeen{"pa", "serving", 1, Effect::unreadable, "o"}},
      {"entries_acknowledged", EntriesAcknowledged{"pa", 1, 12}},
      {"place_granted", PlaceGranted{lane, place_of('a'), ""}},
      {"place_asked (the same)", PlaceAsked{every_lane, place_of('a'), ""}},
      {"place_asked (another one)", PlaceAsked{every_lane, place_of('x'), ""}},
      {"place_returned", PlaceReturned{every_lane, place_of('a'), ""}},
      {"followers_changed", FollowersChanged{lane, ""}},
      {"limits_changed", LimitsChanged{every_lane, ""}},
      {"waiver_revoked", WaiverRevoked{lane, "w1", "ann", "r", ""}},
  };
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "`" : ", `") + word + "`";
  return text;
}

std::string phases_after(const Decision& decision) {
  std::string text;
  for (const auto& promotion : decision.lane.promotions)
    text += (text.empty() ? "" : ", ") + promotion.id + " " + std::string(phase_name(promotion.phase));
  return text.empty() ? "(empty lane)" : text;
}

std::string table() {
  std::ostringstream text;
  text << "# What every event does in every phase\n\n"
          "Made from `advance()` by tests/core/transitions.cpp. The promotion that the event is about is `pa`, a newer "
          "candidate's is `pn`,\n"
          "another one's is `pz`. The policy has one stage with one gate, one approval and one delivery.\n\n"
          "| phase | event | then | commands | note |\n|---|---|---|---|---|\n";
  for (const auto& [phase, story] : phases())
    for (const auto& [name, event] : events()) {
      if (!makes_sense(story, event)) continue;
      auto next = story;
      // Far enough for every deadline to have passed.
      if (std::holds_alternative<DeadlinePassed>(event)) next.later(24h * 60);
      if (name == "deadline_passed soak" || name == "followers_changed")
        next.world.followers = {{"production-eu", 24h}};
      // What a person sees is what is there.
      auto seen = event;
      if (auto* given = std::get_if<ApprovalGiven>(&seen); given != nullptr && find(next.lane, "pa") != nullptr)
        given->findings = findings_digest(*find(next.lane, "pa"), next.world);
      next.happens(seen);
      const auto& decision = next.decision;
      const auto note = decision.refused           ? "refused, " + decision.refused->code
                        : decision.ignored.empty() ? ""
                                                   : "ignored: " + decision.ignored;
      text << "| " << phase << " | " << name << " | " << (note.empty() ? phases_after(decision) : "unchanged") << " | "
           << joined(next.commands()) << " | " << note << " |\n";
    }
  return text.str();
}

}  // namespace

TEST_CASE("the golden table of transitions is what advance() does") {
  const std::string file = PENSTOCK_SOURCE_DIR "/tests/golden/transitions.md";
  const auto now = table();
  if (std::getenv("PENSTOCK_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << now;
  std::stringstream kept;
  kept << std::ifstream(file).rdbuf();
  INFO("if the change is meant, run test_core with PENSTOCK_UPDATE_GOLDEN=1 and review the difference");
  CHECK(kept.str() == now);
}

TEST_CASE("every waiting phase says what it waits for, who can end it, and until when") {
  for (const auto& [name, story] : phases())
    for (const auto& promotion : story.lane.promotions) {
      INFO(name << " " << promotion.id);
      const auto wait = wait_of(promotion);
      if (std::holds_alternative<Live>(promotion.phase)) {
        CHECK(!wait);
        continue;
      }
      REQUIRE(wait);
      CHECK(!wait->what.empty());
      CHECK(!wait->who.empty());
      CHECK(wait->until > story.now);
    }
}

TEST_CASE("no event that is refused or ignored changes the lane or asks for anything") {
  for (const auto& [phase, story] : phases())
    for (const auto& [name, event] : events()) {
      if (!makes_sense(story, event)) continue;
      auto next = story;
      next.happens(event);
      if (!next.decision.refused && next.decision.ignored.empty()) continue;
      INFO(phase << ", " << name);
      CHECK(next.lane == story.lane);
      CHECK(next.decision.commands.empty());
    }
}

}  // namespace penstock::tests
