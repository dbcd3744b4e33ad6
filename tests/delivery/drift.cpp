// What was delivered is looked at while it is live, and put back where the policy says so.
#include "tests/delivery/alias_story.hpp"

using namespace penstock;

namespace {

struct DriftStory : AliasStory {
  explicit DriftStory(bool repair = false) { world.policy.drift = core::DriftSpec{10min, repair}; }
  core::PromotionId live(const std::string& version = "7") {
    const auto id = see(version);
    world.run_until_phase(id, "live");
    return id;
  }
  core::Look look(const core::PromotionId& id) { return world.promotion(id).deliveries.at(0).look.value(); }
  // Lets the next look happen, and gives what came of it.
  core::Look next_look(const core::PromotionId& id) {
    const auto number = look(id).number;
    world.clock.advance(10min + 1s);
    world.run_until([&] { return look(id).number > number; });
    return look(id);
  }
  void refuse(const std::string& status) {
    const std::lock_guard lock(registry.mutex);
    registry.refuses = status;
  }
  std::string version() {
    const std::lock_guard lock(registry.mutex);
    return registry.version;
  }
};

}  // namespace

TEST_CASE("an alias that stays where it was put is kept, and one that somebody moves has drifted") {
  DriftStory story;
  const auto id = story.live();
  CHECK(story.next_look(id).effect == core::Effect::kept);
  CHECK(story.look(id).observed == "alias champion of fraud reads back as version 7 in main");
  story.move_by_hand("9");
  CHECK(story.next_look(id).effect == core::Effect::drifted);
  CHECK(story.look(id).observed == "alias champion of fraud points to version 9 in main, version 7 was promoted");
  CHECK(story.version() == "9");
  story.move_by_hand("");
  CHECK(story.next_look(id).observed == "alias champion of fraud points to nothing in main, version 7 was promoted");
  CHECK(story.world.phase(id) == "live");
}

TEST_CASE("a registry that cannot be asked says nothing of drift; one that has lost the model does") {
  DriftStory story;
  const auto id = story.live();
  story.refuse("503 Busy");
  const auto blind = story.next_look(id);
  CHECK(blind.effect == core::Effect::unknown);
  CHECK(blind.blind == 1);
  story.refuse("404 Not Found");
  CHECK(story.next_look(id).blind == 2);
  story.refuse("");
  CHECK(story.next_look(id).effect == core::Effect::kept);
  CHECK(story.look(id).blind == 0);
  {
    const std::lock_guard lock(story.registry.mutex);
    story.registry.is_gone = true;
  }
  CHECK(story.next_look(id).effect == core::Effect::drifted);
  CHECK(story.look(id).observed == "the model fraud is no longer in main, version 7 was promoted");
}

TEST_CASE("where the policy says so, the alias is put back, whoever moved it where to") {
  DriftStory story(true);
  const auto id = story.live();
  story.move_by_hand("9");
  story.next_look(id);
  story.world.run_until([&] { return story.version() == "7"; });
  story.world.run_until([&] {
    const auto step = story.world.promotion(id).deliveries.at(0);
    return step.state == core::DeliveryState::confirmed && step.round == 2;
  });
  CHECK(story.look(id).effect == core::Effect::kept);
  CHECK(story.next_look(id).effect == core::Effect::kept);
  CHECK(story.world.promotion(id).deliveries.at(0).round == 2);
  // The next version is delivered as if nothing had happened.
  story.live("8");
  CHECK(story.version() == "8");
}

TEST_CASE("a webhook leaves nothing to be looked at, which is neither fine nor drift") {
  TestServer receiver([](const std::string&, int) { return http_answer("204 No Content", ""); });
  PerformingWorld world({}, plugins::catalog().deliveries, {local(0, receiver.url("/hook"))});
  world.policy.deliveries = {shipped("serving", "webhook", {{"receiver", "serving"}})};
  world.policy.drift = core::DriftSpec{10min, true};
  const auto promotion = world.promote("live");
  world.clock.advance(10min + 1s);
  world.run_until(
      [&] { return world.promotion(promotion.id).deliveries.at(0).look->effect == core::Effect::unreadable; });
  const auto next = world.journal->next_due();
  CHECK((next && !*next));
}
