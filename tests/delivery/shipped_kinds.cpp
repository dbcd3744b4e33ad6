// The deliveries that Penstock ships, on what became of their surroundings since the policy was written.
#include "tests/delivery/alias_story.hpp"

using namespace penstock;

namespace {

core::Held held(const core::Promotion& promotion) { return std::get<core::Held>(promotion.phase); }

}  // namespace

TEST_CASE("a receiver that was taken out of the settings meanwhile is refused, naming those there are") {
  PerformingWorld world({}, plugins::catalog().deliveries);
  world.policy.deliveries = {shipped("serving", "webhook", {{"receiver", "former-platform"}})};
  const auto promotion = world.promote("held");
  CHECK(held(promotion).reason ==
        "delivery serving was refused: there is no endpoint `former-platform` (penstock.yaml)");
  CHECK(held(promotion).next == "configured are: serving, main, staging");
}

TEST_CASE("a registry's alias is moved and read back") {
  AliasStory story;
  const auto id = story.see("7");
  story.world.run_until_phase(id, "live");
  CHECK(story.registry.version == "7");
  CHECK(story.world.promotion(id).deliveries[0].answer == "alias champion of fraud reads back as version 7 in main");
}

TEST_CASE("an alias that somebody moved meanwhile is left alone, and promoted again once it was put back") {
  AliasStory story;
  auto& world = story.world;
  world.run_until_phase(story.see("7"), "live");
  story.move_by_hand("3");
  const auto id = story.see("8");
  world.run_until_phase(id, "held");
  CHECK(story.registry.version == "3");
  CHECK(held(world.promotion(id)).reason ==
        "delivery alias was refused: alias champion of fraud points to version 3, but version 7 is what was promoted "
        "last (main)");
  CHECK(world.run(world.engine.live_in(world.run(world.engine.lane({"fraud", "production"})).value()))
            .value()
            ->candidate.version == "7");
  story.move_by_hand("7");
  REQUIRE(world.submit(core::RetryAsked{id, "ann"}));
  world.run_until_phase(id, "live");
  CHECK(story.registry.version == "8");
}

TEST_CASE("a webhook's answer 503 with Retry-After is tried again when the receiver wants it, under the same id") {
  std::mutex mutex;
  std::vector<std::string> ids, bodies;
  TestServer receiver([&](const std::string& request, int) {
    const auto at = request.find("webhook-id: ") + 12;
    const std::lock_guard lock(mutex);
    ids.push_back(request.substr(at, request.find("\r\n", at) - at));
    bodies.push_back(request.substr(request.find("\r\n\r\n")));
    return ids.size() == 1 ? http_answer("503 Busy", "", "Retry-After: 120\r\n") : http_answer("204 No Content", "");
  });
  PerformingWorld world({}, plugins::catalog().deliveries, {local(0, receiver.url("/hook"))});
  world.policy.deliveries = {shipped("serving", "webhook", {{"receiver", "serving"}})};
  world.start();
  const auto id = world.see();
  world.run_until([&] {
    const auto next = world.journal->next_due();
    return next && *next && **next == world.clock.now() + 120s;
  });
  CHECK(world.phase(id) == "delivering");
  world.clock.advance(121s);
  world.run_until_phase(id, "live");
  REQUIRE(ids.size() == 2);
  CHECK(ids[0] == ids[1]);
  CHECK(bodies[0] == bodies[1]);
}
