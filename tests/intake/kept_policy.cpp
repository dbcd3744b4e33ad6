// A promotion keeps the policy it was opened under, and says so where another one covers the lane by now.
#include "tests/intake/api_story.hpp"

namespace penstock::intake {

TEST_CASE("a promotion says that it keeps its policy when another one is loaded meanwhile") {
  ApiStory story;
  const auto id = story.submit();
  const auto before = story.get_json("/v1/promotions/" + id)["policy"];
  CHECK(!before.contains("in_force"));
  auto changed = story_policy();
  changed->approvals[0].count = 1;
  changed->digest = runtime::sha256(core::canonical_bytes(*changed));
  story.reload({changed});
  const auto after = story.get_json("/v1/promotions/" + id)["policy"];
  CHECK(after["digest"] == before["digest"]);
  CHECK(after["in_force"] == false);
  CHECK(after["now"] == "policy fraud-production (" + changed->digest.text() + ")");
  const auto explained = story.get_json("/v1/promotions/" + id + "/explanation");
  CHECK(explained["policy"] == after);
  CHECK(explained.dump().find("covers the lane now, and what comes later") != std::string::npos);
  story.pass_gates(id);
  CHECK(story.decide(id, {{"decision", "approve"}}, ana).status == 200);
  CHECK(story.phase(id) == "awaiting_approval");
}

TEST_CASE("a promotion whose lane no policy covers any more says so, and one that has ended says nothing") {
  ApiStory story;
  const auto id = story.submit();
  story.reload({});
  CHECK(story.get_json("/v1/promotions/" + id)["policy"]["now"] == "no policy");
  story.answer(id, "contract", core::Verdict::failed);
  CHECK(!story.get_json("/v1/promotions/" + id)["policy"].contains("now"));
}

}  // namespace penstock::intake
