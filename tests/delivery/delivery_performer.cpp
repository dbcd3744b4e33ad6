// A delivery is tried until it is confirmed, refused, or too late; what came of it is what the promotion says.
#include "daemon/delivery/delivery_performer.hpp"

#include "tests/delivery/one_delivery.hpp"

using namespace penstock;

TEST_CASE("a confirmed delivery makes the candidate live, and its receipt is kept") {
  std::optional<sdk::DeliveryRequest> asked;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest& request, sdk::Tools&) {
                          asked = request;
                          return sdk::DeliveryOutcome(sdk::Confirmed{"204 from serving"});
                        })});
  one_delivery(world);
  const auto promotion = world.promote("live");
  CHECK(promotion.deliveries[0].state == core::DeliveryState::confirmed);
  CHECK(promotion.deliveries[0].answer == "204 from serving");
  REQUIRE(asked);
  CHECK(asked->promotion == promotion.id);
  CHECK(asked->lane == core::LaneKey{"fraud", "production"});
  CHECK(asked->candidate.version == "7");
  CHECK(asked->policy == promotion.policy->digest);
  CHECK(asked->delivery == "serving");
  CHECK(asked->key == "deliver/" + promotion.id + "/serving/1");
  CHECK_FALSE(asked->live);
  world.promote("live", "8");
  REQUIRE(asked->live);
  CHECK(asked->live->candidate.version == "7");
}

TEST_CASE("a refused delivery holds the promotion, and a retry is a new round with a key of its own") {
  std::vector<std::string> keys;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest& request, sdk::Tools&) {
                          keys.push_back(request.key);
                          if (keys.size() > 1) return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                          return sdk::DeliveryOutcome(
                              sdk::Refused{{"gone", "the receiver answered 410", "serving", "ask who runs it", false}});
                        })});
  one_delivery(world);
  const auto promotion = world.promote("held");
  CHECK(held(promotion).reason == "delivery serving was refused: the receiver answered 410 (serving)");
  CHECK(held(promotion).next == "ask who runs it");
  REQUIRE(world.submit(core::RetryAsked{promotion.id, "ann"}));
  world.run_until_phase(promotion.id, "live");
  CHECK(keys ==
        std::vector<std::string>{"deliver/" + promotion.id + "/serving/1", "deliver/" + promotion.id + "/serving/2"});
}

TEST_CASE("deliveries are made one after another, and none after a refused one") {
  std::vector<std::string> made;
  bool refuses = true;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest& request, sdk::Tools&) {
                          made.push_back(request.delivery);
                          if (request.delivery == "b" && refuses)
                            return sdk::DeliveryOutcome(sdk::Refused{{"no", "no", "", "", false}});
                          return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                        })});
  world.policy.deliveries = {delivery_spec("a", "one"), delivery_spec("b", "one"), delivery_spec("c", "one")};
  const auto promotion = world.promote("held");
  CHECK(made == std::vector<std::string>{"a", "b"});
  refuses = false;
  REQUIRE(world.submit(core::RetryAsked{promotion.id, "ann"}));
  world.run_until_phase(promotion.id, "live");
  CHECK(made == std::vector<std::string>{"a", "b", "b", "c"});
}

TEST_CASE("what did not get through is tried again, not sooner than the receiver asked for, with the same key") {
  std::vector<std::pair<std::string, int>> tries;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest& request, sdk::Tools&) {
                          tries.emplace_back(request.key, request.try_number);
                          if (tries.size() == 1) return sdk::DeliveryOutcome(sdk::TryLater{busy, 10min});
                          return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                        })});
  one_delivery(world);
  world.start();
  const auto id = world.see();
  world.run_until([&] {
    const auto next = world.journal->next_due();
    return next && *next && **next == world.clock.now() + 10min;
  });
  world.clock.advance(9min);
  world.context.restart();
  world.context.run_for(30ms);
  CHECK(tries.size() == 1);
  CHECK(world.phase(id) == "delivering");
  world.clock.advance(1min);
  world.run_until_phase(id, "live");
  REQUIRE(tries.size() == 2);
  CHECK(tries[0].first == tries[1].first);
  CHECK(tries[1].second == 2);
}

TEST_CASE("the pause doubles with each try, lies between half and all of its step, and ends at five minutes") {
  CHECK(delivery::pause_after(1, 0) == 500ms);
  CHECK(delivery::pause_after(1, 0.999) < 1s);
  CHECK(delivery::pause_after(2, 0) == 1s);
  CHECK(delivery::pause_after(5, 0.5) == 12s);
  CHECK(delivery::pause_after(9, 0) == 128s);
  CHECK(delivery::pause_after(10, 0) == 150s);
  CHECK(delivery::pause_after(1000, 0.999) <= 5min);
  CHECK(delivery::pause_after(0, 0) == 500ms);
}

TEST_CASE("without a wish of the receiver the pause is that of the try") {
  PerformingWorld world({}, {delivery_kind("one", [](const sdk::DeliveryRequest&, sdk::Tools&) {
                          return sdk::DeliveryOutcome(sdk::TryLater{busy, std::nullopt});
                        })});
  one_delivery(world);
  const auto id = world.see();
  for (const auto& [tries, step] : {std::pair<int, core::Duration>(1, 1s), {4, 8s}, {30, 5min}}) {
    const auto performed = world.perform(world.acts, deliver(id, world.clock.now() + 1h), tries);
    REQUIRE(std::holds_alternative<engine::TryAgain>(performed));
    const auto pause = std::get<engine::TryAgain>(performed).at - world.clock.now();
    CHECK(pause >= step / 2);
    CHECK(pause <= step);
  }
}

TEST_CASE("receivers that hang delay no other receiver, however many deliveries wait for them") {
  constexpr int hung = 40;  // more than the worker and the threads of one endpoint take at once
  std::promise<void> release;
  auto released = release.get_future().share();
  std::atomic<int> hanging = 0;
  PerformingWorld world({}, {delivery_kind("hangs",
                                           [&](const sdk::DeliveryRequest&, sdk::Tools&) {
                                             ++hanging;
                                             released.wait();
                                             return sdk::DeliveryOutcome(sdk::Confirmed{"at last"});
                                           }),
                             delivery_kind("one", [](const sdk::DeliveryRequest&, sdk::Tools&) {
                               return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                             })});
  const auto see = [&](const std::string& model, const std::string& kind, const std::string& endpoint) {
    one_delivery(world, kind);
    world.policy.deliveries[0].with = {{"endpoint", endpoint}};
    auto candidate = world.candidate();
    candidate.model = model;
    return world.see(std::move(candidate));
  };
  world.start();
  std::vector<core::PromotionId> stuck;
  for (int number = 0; number < hung; ++number)
    stuck.push_back(see("stuck-" + std::to_string(number), "hangs", "staging"));
  world.run_until([&] { return hanging > 0; });
  world.run_until_phase(see("quick", "one", "serving"), "live");
  CHECK(hanging < hung);
  for (const auto& id : stuck) CHECK(world.phase(id) == "delivering");
  release.set_value();
  for (const auto& id : stuck) world.run_until_phase(id, "live");
  CHECK(hanging == hung);
}

TEST_CASE("a delivery whose turn does not come is not made later, and it is said that it never began") {
  constexpr int others = 8;  // as many as go to one endpoint at once
  std::promise<void> release;
  auto released = release.get_future().share();
  std::atomic<int> made = 0;
  PerformingWorld world({}, {delivery_kind("one", [&, released](const sdk::DeliveryRequest&, sdk::Tools&) {
                          ++made;
                          released.wait();
                          return sdk::DeliveryOutcome(sdk::Confirmed{"at last"});
                        })});
  const auto see = [&](const std::string& model, core::Duration deadline) {
    one_delivery(world);
    world.policy.deliveries[0].deadline = deadline;
    auto candidate = world.candidate();
    candidate.model = model;
    return world.see(std::move(candidate));
  };
  world.start();
  std::vector<core::PromotionId> before;
  for (int number = 0; number < others; ++number) before.push_back(see("before-" + std::to_string(number), 1h));
  world.run_until([&] { return made == others; });
  const auto id = see("behind", 10ms);
  world.run_until_phase(id, "held");
  CHECK(held(world.promotion(id)).reason.find("the delivery could not begin within") != std::string::npos);
  world.clock.advance(1s);
  release.set_value();
  for (const auto& one : before) world.run_until_phase(one, "live");
  world.context.restart();
  world.context.run_for(20ms);
  CHECK(made == others);
}

TEST_CASE("a delivery that throws is tried again, and is lost neither then nor at its deadline") {
  std::atomic<int> made = 0;
  std::atomic<bool> throws = true;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest&, sdk::Tools&) {
                          ++made;
                          if (throws) throw std::runtime_error("a bug");
                          return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                        })});
  one_delivery(world);
  world.start();
  const auto id = world.see();
  world.run_until([&] { return made == 1 && world.worker.running() == 0; });
  CHECK(world.phase(id) == "delivering");
  throws = false;
  world.clock.advance(31s);
  world.run_until_phase(id, "live");
  CHECK(made == 2);
}

TEST_CASE("a delivery that nobody waits for any more is not made") {
  int made = 0;
  PerformingWorld world({}, {delivery_kind("one", [&](const sdk::DeliveryRequest&, sdk::Tools&) {
                          ++made;
                          return sdk::DeliveryOutcome(sdk::Confirmed{"ok"});
                        })});
  one_delivery(world);
  const auto id = world.see();
  const auto command = deliver(id, world.clock.now() + 1h);
  auto other = command;
  other.round = 2;
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.acts, other)));
  other = command;
  other.delivery = "another";
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.acts, other)));
  other = command;
  other.promotion = "prm_unknown";
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.acts, other)));
  REQUIRE(world.submit(core::DeliveryConfirmed{id, "serving", 1, "by hand"}));
  CHECK(std::holds_alternative<engine::NothingToDo>(world.perform(world.acts, command)));
  CHECK(made == 0);
}

TEST_CASE("a policy from before its kind of delivery was removed holds, and says how to go on") {
  PerformingWorld world({}, {});
  one_delivery(world, "removed");
  const auto promotion = world.promote("held");
  CHECK(held(promotion).reason ==
        "delivery serving was refused: this Penstock has no delivery of the kind `removed` (serving)");
  CHECK(held(promotion).next == "reject the promotion and submit it again under the policy that is loaded now");
}
