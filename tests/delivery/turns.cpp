// What waited for a thread is not begun by a daemon that may have lost it meanwhile.
#include "tests/daemon/performing_world.hpp"
#include "tests/engine/among_several.hpp"

using namespace penstock;

namespace {

class Counted : public sdk::Delivery {
 public:
  explicit Counted(std::atomic<int>& begun) : begun_(begun) {}
  sdk::DeliveryOutcome deliver(const sdk::DeliveryRequest&, sdk::Tools&) const override {
    ++begun_;
    return sdk::Confirmed{"ok"};
  }
  sdk::Look look(const sdk::DeliveryRequest&, sdk::Tools&) const override {
    ++begun_;
    return sdk::Kept{"still there"};
  }

 private:
  std::atomic<int>& begun_;
};

struct Story {
  Story() {
    auto kind = delivery_kind("one", nullptr);
    kind.make = [this](const nlohmann::json&) -> core::Result<std::unique_ptr<sdk::Delivery>> {
      return std::make_unique<Counted>(begun);
    };
    world.deliveries = {kind};
    core::DeliverySpec spec;
    spec.name = "serving";
    spec.kind = "one";
    world.policy.deliveries = {spec};
    id = world.see();
  }
  ~Story() { acts.stop(); }
  core::Command deliver() const { return core::Deliver{id, "serving", 1, world.clock.now() + 1h}; }
  // As the worker does it with what it has claimed for so long.
  engine::Performed perform(const core::Command& command, core::Duration lease = 5min) {
    const auto row = daemon.claimed(core::key_of(command), lease);
    daemon.claims.begin(row);
    auto performed = world.perform(acts, command);
    daemon.claims.end(row.key);
    return performed;
  }

  std::atomic<int> begun = 0;
  PerformingWorld world{{}};
  tests::AmongSeveral daemon{world.clock};
  delivery::DeliveryPerformer acts{parts()};
  core::PromotionId id;

 private:
  delivery::DeliveryPerformer::Parts parts() {
    delivery::DeliveryPerformer::Parts made{world.engine, world.clock, daemon.claims, world.lending, world.deliveries};
    made.workforce = [this](std::size_t count) { return daemon.hire(count); };
    return made;
  }
};

}  // namespace

TEST_CASE("a delivery whose turn comes while its daemon is not in force is not begun, and tried again later") {
  Story story;
  story.daemon.meanwhile = [&] { story.daemon.in_force.holds = false; };
  const auto performed = story.perform(story.deliver());
  CHECK(story.begun == 0);
  REQUIRE(std::holds_alternative<engine::TryAgain>(performed));
  CHECK(std::get<engine::TryAgain>(performed).at > story.world.clock.now());
  story.daemon.meanwhile = [&] { story.daemon.in_force.holds = true; };
  const auto again = story.perform(story.deliver());
  CHECK(story.begun == 1);
  CHECK(std::holds_alternative<core::DeliveryConfirmed>(std::get<core::Event>(again)));
}

TEST_CASE("nor is one whose lease is about to end; one that was renewed while it waited is") {
  Story story;
  const auto key = core::key_of(story.deliver());
  story.daemon.meanwhile = [&] { story.world.clock.advance(50s); };
  CHECK(std::holds_alternative<engine::TryAgain>(story.perform(story.deliver(), 1min)));
  CHECK(story.begun == 0);
  story.daemon.meanwhile = [&] {
    story.world.clock.advance(50s);
    story.daemon.claims.renewed(story.daemon.claimed(key));
  };
  CHECK(std::holds_alternative<core::Event>(story.perform(story.deliver(), 1min)));
  CHECK(story.begun == 1);
}

TEST_CASE("a look whose turn comes while its daemon is not in force is not begun, and says nothing of drift") {
  Story story;
  REQUIRE(story.world.submit(core::DeliveryConfirmed{story.id, "serving", 1, "by hand"}));
  const core::Command look = core::LookAt{story.id, "serving", 1, story.world.clock.now()};
  story.daemon.meanwhile = [&] { story.daemon.in_force.holds = false; };
  CHECK(std::holds_alternative<engine::TryAgain>(story.perform(look)));
  CHECK(story.begun == 0);
  story.daemon.meanwhile = [&] { story.daemon.in_force.holds = true; };
  CHECK(std::holds_alternative<core::EffectSeen>(std::get<core::Event>(story.perform(look))));
  CHECK(story.begun == 1);
}
