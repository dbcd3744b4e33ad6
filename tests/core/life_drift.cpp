// Drift: what was delivered is no longer there.
#include <nlohmann/json.hpp>

#include "daemon/core/codec.hpp"
#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

std::shared_ptr<Policy> looked_at(bool repair) {
  auto policy = plain_policy();
  policy->stages = {{"data", {{"contract", "data-contract"}}}};
  policy->approvals = {{"release-managers", 1}};
  policy->deliveries = {{"serving", "webhook"}, {"registry", "mlflow-alias"}};
  policy->drift = DriftSpec{10min, repair};
  return policy;
}

class DriftStory : public Story {
 public:
  explicit DriftStory(bool repair = false) : Story(looked_at(repair)) {
    sees('a').gate('a', "contract", Verdict::passed).approves('a', "ann");
    confirms('a', "serving").confirms('a', "registry");
  }
  // The answer of the next look at the registry.
  DriftStory& looks(Effect effect, const std::string& observed, char letter = 'a', const char* delivery = "registry") {
    const auto& steps = of(letter).deliveries;
    const auto step =
        std::find_if(steps.begin(), steps.end(), [&](const DeliveryStep& one) { return one.name == delivery; });
    later(10min).happens(EffectSeen{id(letter), delivery, step->look->number, effect, observed});
    return *this;
  }
  const DeliveryStep& registry(char letter = 'a') const { return of(letter).deliveries[1]; }
};

}  // namespace

TEST_CASE("what is live is looked at again and again, where that is possible") {
  DriftStory story;
  CHECK(story.wants("look/pa/serving/1"));
  CHECK(story.wants("look/pa/registry/1"));
  story.looks(Effect::unreadable, "nothing to look at", 'a', "serving");
  CHECK(story.commands().empty());
  CHECK(story.of('a').deliveries[0].look->effect == Effect::unreadable);
  story.looks(Effect::kept, "points to 7");
  CHECK(story.commands() == std::vector<std::string>{"look/pa/registry/2"});
  CHECK(std::get<LookAt>(story.decision.commands[0]).due == story.now + 10min);
  CHECK_FALSE(story.happens(EffectSeen{"pa", "registry", 1, Effect::drifted, "late"}).decision.ignored.empty());
}

TEST_CASE("drift is told once for each state, and so is its end") {
  DriftStory story;
  story.looks(Effect::kept, "points to 7").looks(Effect::drifted, "points to 9");
  REQUIRE(story.notices().size() == 1);
  CHECK(story.notices()[0].kind == NoticeKind::alarm);
  CHECK(story.notices()[0].text ==
        "delivery registry of version a, live in fraud-eu in production, is no longer there: points to 9; nobody "
        "promoted that here");
  CHECK(story.registry().look->effect == Effect::drifted);
  CHECK(story.looks(Effect::drifted, "points to 9").notices().empty());
  CHECK(story.looks(Effect::drifted, "points to 8").notices().size() == 1);
  CHECK(story.phase('a') == "live");
  CHECK(story.looks(Effect::kept, "points to 7").notices().size() == 1);
  CHECK(story.looks(Effect::kept, "points to 7").notices().empty());
}

TEST_CASE("not being able to look is no drift, and is told when it goes on") {
  DriftStory story;
  CHECK(story.looks(Effect::unknown, "503").notices().empty());
  CHECK(story.looks(Effect::unknown, "503").notices().empty());
  CHECK(story.looks(Effect::unknown, "503").notices().size() == 1);
  CHECK(story.looks(Effect::unknown, "503").notices().empty());
  CHECK(story.registry().look->effect == Effect::unknown);
  CHECK(story.looks(Effect::kept, "points to 7").registry().look->blind == 0);
  CHECK(story.notices().empty());
}

TEST_CASE("a repair delivers again, in a new round, and tells") {
  DriftStory story(true);
  story.looks(Effect::drifted, "points to 9");
  CHECK(story.wants("deliver/pa/registry/2"));
  CHECK(story.notices().at(0).text.ends_with("points to 9; it is put back"));
  CHECK(story.phase('a') == "live");
  story.confirms('a', "registry", 2);
  CHECK(story.notices().at(0).text.find("was put back") != std::string::npos);
  CHECK(story.registry().state == DeliveryState::confirmed);
  CHECK(story.looks(Effect::kept, "points to 7").notices().empty());
  CHECK_FALSE(story.confirms('a', "registry", 2).decision.ignored.empty());
}

TEST_CASE("a repair that is refused is told once, and tried again at the next look") {
  DriftStory story(true);
  for (int round = 2; round < 4; ++round) {
    story.looks(Effect::drifted, "points to 9");
    CHECK(story.wants("deliver/pa/registry/" + std::to_string(round)));
    story.happens(DeliveryRefused{"pa", "registry", round, "403", "ask"});
    CHECK(story.notices().size() == (round == 2 ? 1 : 0));
  }
  // Somebody else has put it right.
  CHECK(story.looks(Effect::kept, "points to 7").registry().state == DeliveryState::confirmed);
}

TEST_CASE("a repair under way is not begun again until its time is over") {
  DriftStory story(true);
  story.looks(Effect::drifted, "points to 9");
  CHECK(story.registry().deadline == story.now + 5min);
  story.now -= 6min;
  CHECK_FALSE(story.looks(Effect::drifted, "points to 9").wants("deliver/pa/registry/3"));
  CHECK(story.looks(Effect::drifted, "points to 9").wants("deliver/pa/registry/3"));
}

TEST_CASE("nothing is put back while a stop holds deliveries back") {
  DriftStory story(true);
  std::vector<Stop> stops{{"s1", "*", "*", "zoe", "incident", {}}};
  story.world.stops = &stops;
  story.looks(Effect::drifted, "points to 9");
  CHECK(story.notices().size() == 1);
  CHECK_FALSE(story.wants("deliver/pa/registry/2"));
  stops.clear();
  CHECK(story.looks(Effect::drifted, "points to 9").wants("deliver/pa/registry/2"));
}

TEST_CASE("what is being delivered is no drift of what is live, and no repair gets in its way") {
  DriftStory story(true);
  story.looks(Effect::drifted, "points to 9");
  story.sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann");
  CHECK(story.phase('b') == "delivering");
  CHECK(story.registry().state == DeliveryState::refused);
  CHECK_FALSE(story.confirms('a', "registry", 2).decision.ignored.empty());
  story.confirms('b', "serving");
  story.looks(Effect::drifted, "points to b");
  CHECK(story.notices().empty());
  CHECK(story.wants("look/pa/registry/3"));
  CHECK_FALSE(story.wants("deliver/pa/registry/3"));
  story.confirms('b', "registry");
  CHECK(story.wants("call_off/pa"));
  CHECK(story.wants("look/pb/registry/1"));
}

TEST_CASE("what a withdrawn promotion had delivered already is drift of what is live") {
  DriftStory story;
  story.sees('b').gate('b', "contract", Verdict::passed).approves('b', "ann").confirms('b', "serving");
  story.happens(DeliveryRefused{"pb", "registry", 1, "403", "ask"});
  CHECK(story.looks(Effect::drifted, "points to b").notices().empty());
  story.happens(WithdrawalAsked{"pb", "ann", "no"});
  CHECK(story.looks(Effect::drifted, "points to b").notices().size() == 1);
}

TEST_CASE("looks are stored and read back, and what was stored without them is") {
  DriftStory story(true);
  story.looks(Effect::drifted, "points to 9");
  const auto& promotion = story.of('a');
  const auto policy = promotion.policy;
  auto document = nlohmann::json::parse(encode(promotion));
  const auto read = [&] { return decode_promotion(document.dump(), [&](const Digest&) { return policy; }); };
  CHECK(*read() == promotion);
  document["deliveries"][1].erase("look");
  CHECK_FALSE(read()->deliveries[1].look);
  const Command look = LookAt{"pa", "registry", 3, story.now};
  CHECK(*decode_command(encode(look)) == look);
  CHECK(policy_from_json(to_json(*policy))->drift == policy->drift);
  CHECK(to_json(promotion)["deliveries"][1]["look"]["effect"] == "drifted");
}

}  // namespace penstock::tests
