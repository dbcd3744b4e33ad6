// What a promotion says that waits for the audit log to be kept elsewhere.
#include "tests/intake/explanation_story.hpp"

namespace penstock::intake {
namespace {

std::vector<std::shared_ptr<const core::Policy>> audited() {
  auto policy = *story_policy();
  policy.audit = {{"vault", "w1", "gone"}, 2h};
  policy.digest = runtime::sha256(core::canonical_bytes(policy));
  return {std::make_shared<core::Policy>(policy)};
}

std::string approved(ApiStory& story) {
  const auto id = story.submit();
  story.pass_gates(id);
  for (const auto& person : {ana, bo}) CHECK(story.decide(id, {{"decision", "approve"}}, person).status == 200);
  return id;
}

}  // namespace

TEST_CASE("an explanation says which sink is waited for, since when, and what is needed") {
  ApiStory story(audited());
  const auto since = story.clock.now() - 3h;
  story.parts.acknowledgers = [&] {
    core::AcknowledgerState vault{"vault", "file", 40, since, {}, since};
    vault.problem = {"audit-failed", "the sink's folder is not there", "/mnt/secret", "mount its disk", true};
    core::AcknowledgerState witness{"w1", "witness", 90, since, {}, {}};
    return std::vector{vault, witness};
  };
  const auto id = story.submit();
  CHECK(node_of(explained(story, id), "live/time/acknowledgement")["state"] == "not asked yet");
  story.pass_gates(id);
  for (const auto& person : {ana, bo}) CHECK(story.decide(id, {{"decision", "approve"}}, person).status == 200);
  const auto explanation = explained(story, id);
  says(explanation, "is ready in production and waits for vault, w1 and gone to acknowledge the audit log's entries");
  const auto node = node_of(explanation, "live/time/acknowledgement");
  CHECK(node["met"] == false);
  CHECK(node["until"] == core::to_text(story.clock.now() + 2h));
  const auto vault = node_of(explanation, "live/time/acknowledgement/by/vault");
  CHECK(vault["met"] == false);
  CHECK(vault["since"] == core::to_text(since));
  CHECK(vault["observed"] == "it has 40 entries; it cannot be reached now: the sink's folder is not there");
  CHECK(vault["how"] == "mount its disk");
  CHECK(vault["who"] == json::array({"whoever runs vault"}));
  // Where it is on this machine is nobody's business.
  CHECK(explanation.dump().find("/mnt/secret") == std::string::npos);
  CHECK(node_of(explanation, "live/time/acknowledgement/by/w1")["observed"] == "it has 90 entries");
  CHECK_THAT(node_of(explanation, "live/time/acknowledgement/by/gone")["how"].get<std::string>(),
             Catch::Contains("declare it under `audit`"));
  const auto waiting = story.get_json("/v1/promotions/" + id);
  CHECK(waiting["acknowledgement"]["by"] == json::array({"vault", "w1", "gone"}));
  CHECK(waiting["wait"]["until"] == node["until"]);
  const auto ready = story.get_json("/readyz")["acknowledgers"];
  CHECK(ready[0]["problem"] == "audit-failed");
  CHECK(ready[0]["failing_since"] == core::to_text(since));
  CHECK_FALSE(ready[1].contains("problem"));
}

TEST_CASE("once it is acknowledged the explanation says how many entries that were") {
  ApiStory story(audited());
  const auto id = approved(story);
  core::Event event = core::EntriesAcknowledged{id, 1, 77};
  REQUIRE(story.run(story.engine.submit(event)));
  const auto node = node_of(explained(story, id), "live/time/acknowledgement");
  CHECK(node["met"] == true);
  CHECK(node["observed"] == "77 entries were acknowledged");
  CHECK(story.get_json("/v1/promotions/" + id)["phase"] == "delivering");
}

TEST_CASE("what is held because nobody acknowledged it says that a retry is needed, and no waiver") {
  ApiStory story(audited());
  const auto id = approved(story);
  story.clock.advance(2h);
  core::Event passed = core::DeadlinePassed{id, "window", {}};
  REQUIRE(story.run(story.engine.submit(passed)));
  const auto explanation = explained(story, id);
  CHECK(explanation["phase"] == "held");
  says(explanation, "were not acknowledged by vault, w1 and gone within 2h");
  CHECK(node_of(explanation, "live/hold/decision")["needed"] == "a retry, a rejection");
}

}  // namespace penstock::intake
