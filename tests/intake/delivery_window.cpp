// Every answer that speaks of a lane or a promotion tells when deliveries open and close.
#include "daemon/intake/delivery_window.hpp"

#include "tests/intake/explanation_story.hpp"

namespace penstock::intake {
namespace {

std::shared_ptr<core::Policy> with_windows(std::vector<core::Window> windows) {
  auto policy = story_policy();
  policy->windows = std::move(windows);
  policy->digest = runtime::sha256(core::canonical_bytes(*policy));
  return policy;
}

const core::Window weekdays{core::WindowKind::allow, "MON-FRI 08:00 - 16:00", "UTC", "working hours"};
const core::Window for_good{core::WindowKind::deny, "2020-01-01 - 2030-01-01", "UTC", "end of life"};

// In all the answers there are, by what they are to.
std::map<std::string, json> windows_in(ApiStory& story, const std::string& id) {
  std::map<std::string, json> windows;
  windows["promotion"] = story.get_json("/v1/promotions/" + id)["window"];
  windows["explanation"] = explained(story, id)["window"];
  const auto whole = story.get_json(fraud_lane);
  windows["lane"] = whole["window"];
  for (const auto* key : {"live", "under_way"})
    if (whole[key].is_object()) windows[key] = whole[key]["window"];
  for (const auto& waiting : whole["waiting"]) windows["waiting"] = waiting["window"];
  windows["lanes"] = story.get_json("/v1/lanes")["lanes"][0]["window"];
  const auto rows = story.get_json("/v1/promotions");
  for (const auto& row : rows["promotions"]) windows["row of " + row["id"].get<std::string>()] = row["window"];
  return windows;
}

}  // namespace

TEST_CASE("every answer about a lane or a promotion tells when deliveries open and close next, waiting or not") {
  ApiStory story({with_windows({weekdays})});  // it is Saturday
  const auto id = story.submit();
  story.submit("8");
  auto windows = windows_in(story, id);
  CHECK(windows.size() == 8);
  for (const auto& [answer, window] : windows) {
    CAPTURE(answer, window.dump());
    CHECK(window["open"] == false);
    CHECK(window["reason"] == "working hours");
    CHECK(window["next_open"] == "2026-11-23T08:00:00.000Z");
    CHECK(window["next_close"] == "2026-11-23T16:00:00.000Z");
  }
  story.clock.advance(60h);
  windows = windows_in(story, id);
  for (const auto& [answer, window] : windows) {
    CAPTURE(answer, window.dump());
    CHECK(window["open"] == true);
    CHECK(window["next_close"] == "2026-11-23T16:00:00.000Z");
    CHECK(window["next_open"] == "2026-11-24T08:00:00.000Z");
    CHECK(window["text"] ==
          "deliveries to fraud in production are open until 2026-11-23T16:00:00.000Z, and again from "
          "2026-11-24T08:00:00.000Z");
  }
}

TEST_CASE("what somebody does is answered with the window as well") {
  ApiStory story({with_windows({weekdays})});
  const auto id = story.submit();
  story.pass_gates(id);
  const auto approved = json::parse(story.decide(id, {{"decision", "approve"}}, ana).body);
  CHECK(approved["window"]["next_open"] == "2026-11-23T08:00:00.000Z");
  const auto withdrawn = story.post("/v1/promotions/" + id + "/withdraw", R"({"reason": "no"})", ana);
  CHECK(json::parse(withdrawn.body)["window"]["open"] == false);
  CHECK(story.get_json("/v1/promotions")["promotions"][0]["window"] == nullptr);  // it has ended, and waits for none
  const auto again = story.post("/v1/promotions/" + id + "/retry", "", ana);
  REQUIRE(again.status == 201);
  CHECK(json::parse(again.body)["window"]["next_close"] == "2026-11-23T16:00:00.000Z");
}

TEST_CASE("when no window opens within the horizon, that is said, and how far was looked") {
  ApiStory story({with_windows({for_good})});
  const auto id = story.submit();
  for (const auto& [answer, window] : windows_in(story, id)) {
    CAPTURE(answer, window.dump());
    CHECK(window["next_open"].is_null());
    CHECK(window["next_close"].is_null());
    CHECK(window["looked_until"] == "2027-12-26T00:00:00.000Z");
    CHECK(window["text"] ==
          "deliveries to fraud in production are closed (end of life), and open at no time before "
          "2027-12-26T00:00:00.000Z: change the policy's windows");
  }
}

TEST_CASE("a stop has no next open: until who lifts it") {
  ApiStory story({with_windows({weekdays})});
  const auto id = story.submit();
  const auto set = json::parse(story.post("/v1/stops", R"({"reason": "outage"})", eve).body);
  const std::string stop = set["id"];
  for (const auto& [answer, window] : windows_in(story, id)) {
    CAPTURE(answer, window.dump());
    CHECK(window["open"] == false);
    CHECK(window["next_open"].is_null());
    CHECK(window["stops"][0]["id"] == stop);
    CHECK(window["text"] ==
          "deliveries to fraud in production are stopped by eve since 2026-11-21T00:00:00.000Z "
          "(outage), until a person lifts that: penstock lift " +
              stop);
  }
}

TEST_CASE("a way back is open at all times, and a lane that no policy covers has no window") {
  ApiStory story({with_windows({weekdays})});
  const core::Lane uncovered{{"fraud", "production"}, 1, {}, {}};
  CHECK(window_json(core::World(), uncovered, story.clock.now()).is_null());
  core::Promotion back;
  back.lane = uncovered.key;
  back.policy = with_windows({for_good});
  back.takes_back = "prm_1";
  core::World world;
  world.zones = &story.zones;
  CHECK(opening_of(world, uncovered, back, story.clock.now()).open);
  back.takes_back.clear();
  CHECK_FALSE(opening_of(world, uncovered, back, story.clock.now()).open);
}

}  // namespace penstock::intake
