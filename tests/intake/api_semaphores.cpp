#include "tests/intake/explanation_story.hpp"

namespace penstock::intake {

TEST_CASE("a promotion that waits for a place is shown who holds the places now") {
  auto policy = *story_policy();
  policy.semaphore = "tier-1";
  policy.digest = runtime::sha256(core::canonical_bytes(policy));
  ApiStory story({std::make_shared<core::Policy>(policy)});
  story.limits = std::make_shared<core::Semaphores>(core::Semaphores{{"tier-1", 1}});
  const auto id = story.submit();
  story.pass_gates(id);
  for (const auto& person : {ana, bo}) CHECK(story.decide(id, {{"decision", "approve"}}, person).status == 200);
  core::Place other{"tier-1", {"risk", "production"}, 1, "prm_b", story.clock.now(), std::nullopt};
  REQUIRE(story.run(story.engine.submit(core::Event(core::PlaceAsked{core::every_lane, other, "prm_b"}))));
  const auto waiting = story.get_json("/v1/promotions/" + id);
  CHECK(waiting["phase"] == "awaiting_window");
  CHECK(waiting["semaphore"]["held"][0]["model"] == "risk");
  CHECK(waiting["wait"]["what"] ==
        "a place to be free: 1 of 1 places of the semaphore tier-1 are held, by risk in production");
  CHECK(waiting["wait"]["until"].is_string());
  const auto place = node_of(explained(story, id), "live/time/place");
  CHECK(place["met"] == false);
  CHECK(place["state"] == "waited for");
  CHECK(place["until"] == waiting["wait"]["until"]);
}

TEST_CASE("semaphores tell who holds their places and who waits, as it is now") {
  ApiStory story;
  story.limits = std::make_shared<core::Semaphores>(core::Semaphores{{"tier-1", 1}});
  const auto asked = [&](const std::string& model, const std::string& promotion) {
    core::Place place{"tier-1", {model, "production"}, 1, promotion, story.clock.now(), std::nullopt};
    return core::Event(core::PlaceAsked{core::every_lane, place, promotion});
  };
  REQUIRE(story.run(story.engine.submit(asked("fraud", "prm_a"))));
  REQUIRE(story.run(story.engine.submit(asked("risk", "prm_b"))));
  const auto listed = story.get_json("/v1/semaphores")["semaphores"];
  REQUIRE(listed.size() == 1);
  CHECK(listed[0]["name"] == "tier-1");
  CHECK(listed[0]["limit"] == 1);
  REQUIRE(listed[0]["held"].size() == 1);
  CHECK(listed[0]["held"][0]["model"] == "fraud");
  CHECK(listed[0]["held"][0]["since"].is_string());
  REQUIRE(listed[0]["waiting"].size() == 1);
  CHECK(listed[0]["waiting"][0]["promotion"] == "prm_b");
  story.limits = std::make_shared<core::Semaphores>();
  CHECK(story.get_json("/v1/semaphores")["semaphores"][0]["limit"].is_null());
}

TEST_CASE("drift is shown and explained, and takes nothing from what is live") {
  auto policy = *story_policy();
  policy.drift = core::DriftSpec{10min, false};
  policy.digest = runtime::sha256(core::canonical_bytes(policy));
  ApiStory story({std::make_shared<core::Policy>(policy)});
  const auto id = story.submit();
  story.bring_live(id);
  core::Event seen = core::EffectSeen{id, "serving", 1, core::Effect::drifted, "serves version 9"};
  REQUIRE(story.run(story.engine.submit(seen)));
  CHECK(story.get_json("/v1/promotions/" + id)["deliveries"][0]["look"]["effect"] == "drifted");
  const auto explanation = explained(story, id);
  CHECK(explanation["tree"]["met"] == true);
  const auto node = node_of(explanation, "live/drift/serving");
  CHECK(node["met"] == false);
  CHECK(node["observed"] == "serves version 9");
  CHECK(node["who"][0] == "any person");
}

}  // namespace penstock::intake
