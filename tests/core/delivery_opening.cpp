#include "daemon/core/delivery_opening.hpp"

#include "tests/catch.hpp"
#include "tests/core/story.hpp"

namespace penstock::tests {
namespace {

Time at(const char* text) { return *parse_time(text); }

struct Question {
  LaneKey lane{"fraud-eu", "production"};
  Policy policy = *plain_policy();
  std::vector<Time> began;
  std::vector<Stop> stops;

  DeliveryOpening asked(const char* now, bool goes_back = false) const {
    World world;
    world.zones = &utc;
    world.stops = &stops;
    return delivery_opening({lane, policy, began, "pa", goes_back}, world, at(now));
  }
};

const Window working_hours{WindowKind::allow, "MON-FRI 08:00 - 16:00", "UTC", "working hours"};
const Window for_good{WindowKind::deny, "2020-01-01 - 2030-01-01", "UTC", "the line is closed"};

}  // namespace

TEST_CASE("without windows and stops deliveries are open, and nothing closes them") {
  const auto opening = Question().asked("2026-11-21T00:00:00Z");
  CHECK(opening.open);
  CHECK_FALSE(opening.next_open);
  CHECK_FALSE(opening.next_close);
  CHECK_FALSE(opening.looked_until);
}

TEST_CASE("an open window tells when it closes, and a closed one when it opens and closes again") {
  Question question;
  question.policy.windows = {working_hours};
  const auto open = question.asked("2026-11-20T15:00:00Z");
  CHECK(open.open);
  CHECK(open.next_close == at("2026-11-20T16:00:00Z"));
  CHECK(open.next_open == at("2026-11-23T08:00:00Z"));
  CHECK_FALSE(open.begins);
  const auto closed = question.asked("2026-11-20T16:00:00Z");
  CHECK_FALSE(closed.open);
  CHECK(closed.reason == "working hours");
  CHECK(closed.next_open == at("2026-11-23T08:00:00Z"));
  CHECK(closed.next_close == at("2026-11-23T16:00:00Z"));
  CHECK(closed.begins == closed.next_open);
}

TEST_CASE("what opens at no time within the horizon says how far was looked") {
  Question question;
  question.policy.windows = {for_good};
  const auto opening = question.asked("2026-11-20T15:00:00Z");
  CHECK_FALSE(opening.open);
  CHECK_FALSE(opening.next_open);
  CHECK_FALSE(opening.next_close);
  CHECK(opening.looked_until == at("2026-11-20T15:00:00Z") + look_ahead);
}

TEST_CASE("a window in which as many have begun as it allows is full until the next one") {
  Question question;
  question.policy.windows = {working_hours};
  question.policy.most_per_window = 1;
  question.began = {at("2026-11-20T09:00:00Z")};
  const auto opening = question.asked("2026-11-20T15:00:00Z");
  CHECK_FALSE(opening.open);
  CHECK(opening.is_full);
  CHECK(opening.next_open == at("2026-11-23T08:00:00Z"));
  CHECK(opening.next_close == at("2026-11-23T16:00:00Z"));
}

TEST_CASE("a stop has no next opening: until who lifts it; a way back does not wait for it") {
  Question question;
  question.policy.windows = {working_hours};
  question.stops = {{"stp_1", "other", "*", "ann", "outage", {}}, {"stp_2", "fraud-*", "*", "bob", "outage", {}}};
  const auto opening = question.asked("2026-11-20T15:00:00Z");
  CHECK_FALSE(opening.open);
  REQUIRE(opening.stops.size() == 1);
  CHECK(opening.stops[0]->id == "stp_2");
  CHECK(opening.reason == "stopped by bob: outage");
  CHECK_FALSE(opening.next_open);
  CHECK_FALSE(opening.next_close);
  CHECK(question.asked("2026-11-20T18:00:00Z", true).open);
}

}  // namespace penstock::tests
