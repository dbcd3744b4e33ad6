// A delivery ends at its deadline, and says why it had not got through.
#include "tests/delivery/one_delivery.hpp"

using namespace penstock;

TEST_CASE("a try that would come after the deadline is not waited for: it is refused, with what was said last") {
  PerformingWorld world({}, {delivery_kind("one", [](const sdk::DeliveryRequest&, sdk::Tools&) {
                          return sdk::DeliveryOutcome(sdk::TryLater{busy, 2h});
                        })});
  one_delivery(world);
  world.policy.deliveries[0].deadline = 1h;
  const auto promotion = world.promote("held");
  CHECK(held(promotion).reason ==
        "delivery serving was refused: given up after 1 tries, the last one said: the receiver answered 503 (serving)");
  CHECK(held(promotion).next == "ask whoever runs it");
}

TEST_CASE("a turn that comes only after the deadline makes no try, and what the last one said is not forgotten") {
  int made = 0;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest&, sdk::Tools&) {
                          ++made;
                          return sdk::DeliveryOutcome(sdk::TryLater{busy, std::nullopt});
                        })});
  one_delivery(world);
  const auto command = deliver(world.see(), world.clock.now() + 1h);
  REQUIRE(std::holds_alternative<engine::TryAgain>(world.perform(world.acts, command, 3)));
  world.clock.advance(1h);
  const auto refused = [&] {
    return std::get<core::DeliveryRefused>(std::get<core::Event>(world.perform(world.acts, command, 4)));
  };
  const auto last = refused();
  CHECK(last.reason == "given up after 3 tries, the last one said: the receiver answered 503 (serving)");
  CHECK(last.next == "ask whoever runs it");
  // As by a daemon that was started meanwhile.
  CHECK(refused().reason == "it was not confirmed by its deadline " + core::to_text(command.deadline));
  CHECK(made == 1);
}

TEST_CASE("a delivery whose deadline passed while no daemon ran is refused without another try") {
  int made = 0;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest&, sdk::Tools&) {
                          ++made;
                          return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                        })});
  one_delivery(world);
  const auto id = world.see();
  world.clock.advance(25h);
  world.start();
  world.run_until_phase(id, "held");
  CHECK(made == 0);
  CHECK(held(world.promotion(id)).reason.find("it was not confirmed by its deadline") != std::string::npos);
}

TEST_CASE("a delivery that hangs is given up at its deadline, and what it does later changes nothing") {
  std::promise<void> release;
  auto released = release.get_future().share();
  PerformingWorld world({}, {delivery_kind("one", [released](const sdk::DeliveryRequest&, sdk::Tools&) {
                          released.wait();
                          return sdk::DeliveryOutcome(sdk::Confirmed{"too late"});
                        })});
  one_delivery(world);
  world.policy.deliveries[0].deadline = 10ms;
  const auto promotion = world.promote("held");
  release.set_value();
  CHECK(held(promotion).reason.find("the last one said: the delivery did not end within") != std::string::npos);
  world.context.restart();
  world.context.run_for(20ms);
  CHECK(world.promotion(promotion.id).deliveries[0].state == core::DeliveryState::refused);
}
