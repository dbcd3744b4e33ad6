// Receivers that take a delivery now and report later.
#include "tests/daemon/performing_world.hpp"

using namespace penstock;

namespace {

struct Story {
  Story() {
    core::DeliverySpec spec;
    spec.name = "serving";
    spec.kind = "one";
    spec.deadline = 1h;
    world.policy.deliveries = {spec};
    world.start();
    id = world.see();
    world.run_until([&] { return step().state == core::DeliveryState::sent; });
  }
  core::DeliveryStep step() { return world.promotion(id).deliveries.at(0); }

  int made = 0;
  PerformingWorld world{{}, {delivery_kind("one", [this](const sdk::DeliveryRequest&, sdk::Tools&) {
                          ++made;
                          return sdk::DeliveryOutcome(sdk::Sent{"202 from serving; its receipt follows"});
                        })}};
  core::PromotionId id;
};

}  // namespace

TEST_CASE("what was sent is waited for, and is live only when its receipt is there") {
  Story story;
  auto& world = story.world;
  CHECK(world.phase(story.id) == "delivering");
  CHECK(story.step().answer == "202 from serving; its receipt follows");
  REQUIRE(core::wait_of(world.promotion(story.id)));
  world.clock.advance(59min);
  REQUIRE(world.submit(core::DeliveryConfirmed{story.id, "serving", 1, "loaded on 4 of 4 nodes"}));
  CHECK(world.phase(story.id) == "live");
  CHECK(story.step().answer == "loaded on 4 of 4 nodes");
  CHECK(story.made == 1);
  // The deadline of the receipt is called off.
  world.clock.advance(2h);
  world.context.restart();
  world.context.run_for(30ms);
  CHECK(world.phase(story.id) == "live");
  CHECK_FALSE(world.journal->next_due()->has_value());
}

TEST_CASE("a receipt that never comes holds the promotion at the delivery's deadline") {
  Story story;
  auto& world = story.world;
  world.clock.advance(61min);
  world.run_until_phase(story.id, "held");
  CHECK(story.step().state == core::DeliveryState::refused);
  CHECK(story.made == 1);
}

TEST_CASE("a receiver that reports a failure holds the promotion with its words") {
  Story story;
  REQUIRE(story.world.submit(core::DeliveryRefused{story.id, "serving", 1, "no node has room", "add one"}));
  const auto promotion = story.world.promotion(story.id);
  CHECK(std::get<core::Held>(promotion.phase).reason == "delivery serving was refused: no node has room");
  CHECK(std::get<core::Held>(promotion.phase).next == "add one");
}

TEST_CASE("a receipt that comes twice, or for another round, changes nothing") {
  Story story;
  auto& world = story.world;
  const auto other = world.submit(core::DeliveryConfirmed{story.id, "serving", 2, "of another round"});
  REQUIRE(other);
  CHECK_FALSE(other->ignored.empty());
  CHECK(world.phase(story.id) == "delivering");
  REQUIRE(world.submit(core::DeliveryConfirmed{story.id, "serving", 1, "done"}));
  const auto again = world.submit(core::DeliveryConfirmed{story.id, "serving", 1, "done again"});
  REQUIRE(again);
  CHECK_FALSE(again->ignored.empty());
  CHECK(story.step().answer == "done");
}

TEST_CASE("a receipt that is faster than the answer to the delivery is the one that counts") {
  std::function<void()> meanwhile;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest&, sdk::Tools&) {
                          meanwhile();
                          return sdk::DeliveryOutcome(sdk::Sent{"202"});
                        })});
  core::DeliverySpec spec;
  spec.name = "serving";
  spec.kind = "one";
  world.policy.deliveries = {spec};
  world.start();
  std::promise<core::PromotionId> id;
  auto known = id.get_future().share();
  meanwhile = [&] {
    // The callback comes in on the engine's thread while the delivery is still under way on another one.
    asio::co_spawn(world.context, world.engine.submit(core::DeliveryConfirmed{known.get(), "serving", 1, "done"}),
                   asio::use_future)
        .wait();
  };
  const auto promotion = world.see();
  id.set_value(promotion);
  world.run_until_phase(promotion, "live");
  world.context.restart();
  world.context.run_for(30ms);
  CHECK(world.phase(promotion) == "live");
  CHECK(world.promotion(promotion).deliveries[0].answer == "done");
  CHECK_FALSE(world.journal->next_due()->has_value());
}
